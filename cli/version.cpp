#include "cli/version.hpp"

namespace kpmsim {

std::string version_text() { return "kpmsim " KPMSIM_VERSION " (" KPMSIM_COMMIT ")"; }

} // namespace kpmsim
