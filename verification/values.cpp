#include "verification/values.hpp"

namespace kpmsim {

std::size_t Values::place(std::string_view name) { return find_quantity(name).value().index; }

} // namespace kpmsim
