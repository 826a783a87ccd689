#include "models/type/upload_plan.hpp"

#include <array>

namespace kpmsim {

std::string_view name_of(TimeFormat format) {
    constexpr std::array<std::string_view, 4> names{"iso", "compact", "unix", "unix_ms"};
    return names[static_cast<std::size_t>(format)];
}

} // namespace kpmsim
