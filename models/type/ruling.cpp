#include "models/type/ruling.hpp"

#include <algorithm>
#include <array>

namespace kpmsim {

std::span<const std::string_view> ruling_names() {
    static constexpr std::array<std::string_view, 5> names{"menu", "plain-ma", "data-sheet",
                                                           "straight-line", "day-data"};
    return names;
}

std::optional<Ruling> find_ruling(std::string_view name) {
    const auto names = ruling_names();
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        return std::nullopt;
    return static_cast<Ruling>(found - names.begin());
}

} // namespace kpmsim
