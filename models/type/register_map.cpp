#include "models/type/register_map.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace kpmsim {

const RegisterRow* RegisterMap::at(std::uint16_t address) const {
    const auto after =
        std::upper_bound(rows.begin(), rows.end(), address,
                         [](std::uint16_t a, const RegisterRow& row) { return a < row.address; });
    if (after == rows.begin())
        return nullptr;
    const RegisterRow& row = *std::prev(after);
    return address < row.end() ? &row : nullptr;
}

const RegisterRow* RegisterMap::find(const std::string& name) const {
    const auto found = std::find_if(rows.begin(), rows.end(),
                                    [&](const RegisterRow& row) { return row.name == name; });
    return found == rows.end() ? nullptr : &*found;
}

std::string_view name_of(RegisterType type) {
    constexpr std::array<std::string_view, 8> names{"u16", "i16", "u32",   "i32",
                                                    "f32", "bcd", "ascii", "clock"};
    return names[static_cast<std::size_t>(type)];
}

std::string_view name_of(RegisterHolds holds) {
    constexpr std::array<std::string_view, 3> names{"point", "packed", "command"};
    return names[static_cast<std::size_t>(holds)];
}

} // namespace kpmsim
