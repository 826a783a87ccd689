#include "models/type/register_map.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace kpmsim {

std::span<const RegisterRow> RegisterMap::rows_of(RegisterSpace space) const {
    const auto input = std::partition_point(rows.begin(), rows.end(), [](const RegisterRow& row) {
        return row.space == RegisterSpace::holding;
    });
    return space == RegisterSpace::holding ? std::span{rows.begin(), input}
                                           : std::span{input, rows.end()};
}

const RegisterRow* RegisterMap::at(std::uint16_t address, RegisterSpace space) const {
    const std::span<const RegisterRow> own = rows_of(space);
    const auto after =
        std::upper_bound(own.begin(), own.end(), address,
                         [](std::uint16_t a, const RegisterRow& row) { return a < row.address; });
    if (after == own.begin())
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
    constexpr std::array<std::string_view, 10> names{"u16", "i16", "u32", "i32",   "u64",
                                                     "i64", "f32", "bcd", "ascii", "clock"};
    return names[static_cast<std::size_t>(type)];
}

std::string_view name_of(RegisterHolds holds) {
    constexpr std::array<std::string_view, 3> names{"point", "packed", "command"};
    return names[static_cast<std::size_t>(holds)];
}

std::string_view name_of(RegisterSpace space) {
    return space == RegisterSpace::input ? "input" : "holding";
}

int words_of(RegisterType type) {
    switch (type) {
    case RegisterType::u16:
    case RegisterType::i16:
    case RegisterType::bcd:
    case RegisterType::ascii:
        return 1;
    case RegisterType::u32:
    case RegisterType::i32:
    case RegisterType::f32:
        return 2;
    case RegisterType::clock:
        return 3;
    case RegisterType::u64:
    case RegisterType::i64:
        return 4;
    }
    return 1;
}

} // namespace kpmsim
