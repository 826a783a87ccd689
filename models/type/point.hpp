#pragma once

#include "sim/fields.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// What a point is, and with it what its `index` counts.
enum class PointKind : std::uint8_t {
    quantity, ///< of the catalogue, as metered
    month,    ///< an energy used in the running month (0) or in one of the twelve before it
    derived,  ///< worked out from other points: DerivedRow
    setting,  ///< of the menu: SettingRow
    constant, ///< a number or a text that never changes: ConstantRow
    serial,   ///< the circuit's serial number, a text
    clock,    ///< the meter's clock: civil time as seconds since 1970-01-01T00:00:00
    relay,    ///< 1 closed, 0 open
    input,    ///< 1 closed, 0 open
    radio,    ///< word MSTA: 0 no module, 0x0001 disconnected, 0x0101 connected
    action,   ///< is done when 1 is written; reads 0: Action
    pulses,   ///< of the energy outputs; index: a PulseValue
    extreme, ///< of a reading since they were cleared; `month` is an ExtremeValue, and an index from
             ///< the harmonics' on is a temperature of one of several sensors
    alarm,   ///< 1 while it holds; index: a place in the type's alarms
    temperature, ///< at a sensor of the circuit; index: which
    hours,       ///< index 0: it had its supply; 1: … and its circuit a load
    tariff,      ///< an entry of its tariff tables; index: its place
    frozen,      ///< a quantity (an energy, a maximum of demand) as the last freeze has it
    freeze_time, ///< when that was, as the clock's seconds; 0 = never
    day,         ///< an energy used today (month 0) or on one of the two days before
    month_pf,    ///< mean power factor of the running month (0) or of one of three before it
    month_hours, ///< `hours` of such a month; index as theirs
    output,      ///< current of the analogue output, mA
    mark,        ///< index: a MarkValue
};

/// Pulses since the start, the last one's leading edge in seconds of the farm's time, imp/kWh, ms.
enum class PulseValue : std::uint8_t { p, q, p_time, q_time, constant, width };

/// What was beyond the inputs: bits of voltages a, b, c, ab, bc, ca out of the measuring range; bits of
/// u_a, u_b, u_c, i_a, i_b, i_c that bore more than they can, and when the first of them did; bits of
/// temperatures 1 to 4 and of the residual current out of their sensors' ranges.
enum class MarkValue : std::uint8_t {
    below_range,
    above_range,
    overloaded,
    overloaded_time,
    sensors_below,
    sensors_above,
};

/// The greatest and the least of a reading, and when, as the clock's seconds.
enum class ExtremeValue : std::uint8_t { max, max_time, min, min_time };

enum class Action : std::uint8_t {
    clear_energy,
    clear_prepaid,
    clear_demand_maxima,
    clear_extremes,
    reboot,      ///< the whole device
    reconfigure, ///< its radio goes to the maintenance platform
};

enum class Rights : std::uint8_t { read, write, read_write };
constexpr bool may_read(Rights r) { return r != Rights::write; }
constexpr bool may_write(Rights r) { return r != Rights::read; }

/// Place of a point in its type's PointTable.
struct PointId {
    std::uint16_t place{0};
    KPMSIM_FIELDS(place);
    constexpr bool operator==(const PointId&) const = default;
};

/// Everything that a meter holds has one name: registers, packets, pages and the API all refer to
/// it, and differ only in how they write its value down.
struct Point {
    std::string name; ///< u_a, demand_minutes, e_p_total_month_3, relay_1, clock
    std::string title;
    std::string unit; ///< of the value; empty for a plain number or a text
    PointKind kind{PointKind::quantity};
    Rights rights{Rights::read};
    bool per_circuit{true};
    bool text{false};       ///< the value is a text, not a number
    bool keys_alone{false}; ///< it can be written, and by no wire of its meter
    double least{0};        ///< of what may be written
    double most{0};
    std::uint16_t index{
        0}; ///< of its kind: a Quantity, a place in the type's settings, relay n (0-based), …
    std::uint8_t month{0}; ///< of a month; of an extreme which value
};

/// The points of one type, each under one name.
class PointTable {
public:
    /// The place of the point; of the one there is when the name is taken.
    PointId add(Point point);
    std::optional<PointId> find(std::string_view name) const;
    void keep_to_keys(PointId id) { points_[id.place].keys_alone = true; }
    const Point& operator[](PointId id) const { return points_[id.place]; }
    std::span<const Point> all() const { return points_; }
    std::vector<std::string> names() const;

private:
    std::vector<Point> points_;
    std::map<std::string, std::uint16_t, std::less<>> by_name_;
};

std::string_view name_of(PointKind kind); ///< quantity
std::string_view name_of(Rights rights);  ///< read_write
std::string_view name_of(Action action);  ///< clear_energy
std::span<const Action> all_actions();
/// Not every meter's menu has it.
bool is_of_menu(Action action);

} // namespace kpmsim
