#include "cli/terminal/version.hpp"

namespace kpmsim {

std::string version_text() { return "kpmsim " KPMSIM_VERSION " (" KPMSIM_COMMIT ")"; }

std::string version_number() { return KPMSIM_VERSION; }
std::string version_commit() { return KPMSIM_COMMIT; }

} // namespace kpmsim
