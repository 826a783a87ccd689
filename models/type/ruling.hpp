#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kpmsim {

/// Where two of a maker's documents say two things, one of them counts; a unit's firmware may follow the
/// other one. source  docs/reference/rulings.md
enum class Ruling : std::uint8_t {
    menu,          ///< a setting takes what the menu lists, and not what the protocol has besides
    plain_ma,      ///< the starting current is in mA at the conductor, at every current level
    data_sheet,    ///< accuracy and measuring range of the data sheet
    straight_line, ///< above its range the analogue output goes on as the manual's formula has it
    day_data,      ///< the registers of 0:00 are sent, as one of the protocol's two tables has it
};

/// menu, plain-ma, data-sheet, straight-line, day-data: in the enumeration's order.
std::span<const std::string_view> ruling_names();
std::optional<Ruling> find_ruling(std::string_view name);

/// Those that a unit's firmware follows.
class Rulings {
public:
    bool has(Ruling ruling) const { return (bits_ >> static_cast<unsigned>(ruling) & 1u) != 0; }
    void add(Ruling ruling) { bits_ |= 1u << static_cast<unsigned>(ruling); }

private:
    unsigned bits_{0};
};

} // namespace kpmsim
