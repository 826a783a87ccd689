#include "models/type/load_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace kpmsim {

namespace {

constexpr double no_least = std::numeric_limits<double>::lowest();
constexpr double no_most = std::numeric_limits<double>::max();

void add_bits(MeterType& type, const std::string& name, const std::string& title, PointKind kind,
              Rights rights, int count, std::vector<PointId>& ids) {
    for (int n = 0; n < count; ++n) {
        Point point = plain_point(fmt::format("{}_{}", name, n + 1),
                                  fmt::format("{} {}", title, n + 1), kind, rights);
        point.least = 0;
        point.most = 1;
        point.index = static_cast<std::uint16_t>(n);
        ids.push_back(type.points.add(std::move(point)));
    }
}

bool is_of_tariff(const QuantityInfo& about) {
    const std::size_t end = about.name.size();
    return about.kind == QuantityKind::energy && about.name[end - 2] == 't' &&
           about.name[end - 3] == '_';
}

} // namespace

Point plain_point(std::string name, std::string title, PointKind kind, Rights rights) {
    Point point;
    point.name = std::move(name);
    point.title = std::move(title);
    point.kind = kind;
    point.rights = rights;
    point.least = no_least;
    point.most = no_most;
    return point;
}

PointId add_setting(MeterType& type, SettingRow row) {
    row.first = type.setting_numbers;
    type.setting_numbers += row.per_circuit ? static_cast<std::size_t>(type.circuits) : 1;
    Point point = plain_point(row.name, row.title, PointKind::setting, Rights::read_write);
    point.unit = row.unit;
    point.per_circuit = row.per_circuit;
    point.least = row.shown(row.least);
    point.most = row.shown(row.most);
    point.index = static_cast<std::uint16_t>(type.settings.size());
    if (row.role)
        type.setting_of_role[static_cast<std::size_t>(*row.role)] =
            static_cast<std::int16_t>(type.settings.size() + 1);
    type.settings.push_back(std::move(row));
    return type.points.add(std::move(point));
}

namespace {

/// u_a_max, u_a_max_time, u_a_min, u_a_min_time, …; not of harmonics. Where a circuit has several
/// temperatures, of each.
void add_extremes(MeterType& type) {
    struct Value {
        ExtremeValue which;
        const char* name;
        const char* title;
    };
    constexpr std::array values{
        Value{ExtremeValue::max, "_max", "Greatest: "},
        Value{ExtremeValue::max_time, "_max_time", "When it was greatest: "},
        Value{ExtremeValue::min, "_min", "Least: "},
        Value{ExtremeValue::min_time, "_min_time", "When it was least: "}};
    const auto add = [&](const std::string& name, const std::string& title, const std::string& unit,
                         std::size_t index) {
        for (const Value& value : values) {
            Point point = plain_point(name + value.name, value.title + title, PointKind::extreme,
                                      Rights::read);
            const bool time =
                value.which == ExtremeValue::max_time || value.which == ExtremeValue::min_time;
            point.unit = time ? "s" : unit;
            point.index = static_cast<std::uint16_t>(index);
            point.month = static_cast<std::uint8_t>(value.which);
            type.points.add(std::move(point));
        }
    };
    constexpr auto readings = static_cast<std::uint16_t>(Slot::h_first);
    for (std::uint16_t n = 0; n < readings; ++n)
        if (const QuantityInfo& about = info(Quantity{n}); type.shows(Quantity{n}))
            add(about.name, about.title, about.unit, n);
    for (std::size_t n = 0; n < type.temperature_points.size(); ++n) {
        const Point of = type.points[type.temperature_points[n]];
        add(of.name, of.title, of.unit, readings + n);
    }
}

void add_pulses(MeterType& type) {
    const auto add = [&](const char* name, const char* title, PulseValue which, const char* unit) {
        Point point = plain_point(name, title, PointKind::pulses, Rights::read);
        point.unit = unit;
        point.index = static_cast<std::uint16_t>(which);
        type.points.add(std::move(point));
    };
    add("pulses_p", "Pulses of active energy", PulseValue::p, "");
    add("pulses_q", "Pulses of reactive energy", PulseValue::q, "");
    add("pulses_p_time", "Last pulse of active energy, since the farm's start", PulseValue::p_time,
        "s");
    add("pulses_q_time", "Last pulse of reactive energy, since the farm's start",
        PulseValue::q_time, "s");
    if (type.setting(Role::pulse_constant) == nullptr)
        add("pulse_constant", "Pulse constant, secondary side", PulseValue::constant, "");
    add("pulse_width", "Longest pulse", PulseValue::width, "ms");
}

void add_marks(MeterType& type) {
    const auto add = [&](const char* name, const char* title, MarkValue which) {
        Point point = plain_point(name, title, PointKind::mark, Rights::read);
        point.index = static_cast<std::uint16_t>(which);
        if (which == MarkValue::overloaded_time)
            point.unit = "s";
        type.points.add(std::move(point));
    };
    if (!type.range.empty()) {
        add("u_below_range", "Voltages below the measuring range: bits a, b, c, ab, bc, ca",
            MarkValue::below_range);
        add("u_above_range", "Voltages above the measuring range: bits a, b, c, ab, bc, ca",
            MarkValue::above_range);
    }
    if (type.sensors.least_c || type.sensors.residual_most_a) {
        add("sensors_below_range",
            "Sensors below their range: bits temperature 1 to 4, residual current",
            MarkValue::sensors_below);
        add("sensors_above_range",
            "Sensors above their range: bits temperature 1 to 4, residual current",
            MarkValue::sensors_above);
    }
    if (type.overload) {
        add("overloaded", "Inputs that bore more than they can: bits u a, b, c, i a, b, c",
            MarkValue::overloaded);
        add("overloaded_time", "When the first of them did", MarkValue::overloaded_time);
    }
}

} // namespace

void add_common_points(MeterType& type) {
    for (std::size_t n = 0; n < catalogue().size(); ++n) {
        const QuantityInfo& about = catalogue()[n];
        if ((type.tariff.periods.empty() && is_of_tariff(about)) ||
            !type.shows(Quantity{static_cast<std::uint16_t>(n)}))
            continue;
        Point point = plain_point(about.name, about.title, PointKind::quantity, Rights::read);
        point.unit = about.unit;
        point.index = static_cast<std::uint16_t>(n);
        type.points.add(std::move(point));
    }
    if (type.serial.form != SerialRule::Form::none) {
        Point serial = plain_point("serial", "Serial number", PointKind::serial, Rights::read);
        serial.text = true;
        type.points.add(std::move(serial));
    }
    Point clock = plain_point("clock", "The meter's clock", PointKind::clock, Rights::read_write);
    clock.per_circuit = false;
    type.points.add(std::move(clock));
    type.points.add(
        plain_point("wireless", "Wireless state, MSTA", PointKind::radio, Rights::read));
    add_bits(type, "relay", "Relay", PointKind::relay, Rights::read_write, type.coils_per_unit(),
             type.relay_points);
    add_bits(type, "input", "Digital input", PointKind::input, Rights::read, type.inputs_per_unit(),
             type.input_points);
    if (type.extremes)
        add_extremes(type);
    if (type.pulse_outputs)
        add_pulses(type);
    add_marks(type);
    if (type.hours) {
        for (const auto& [name, title] :
             {std::pair{"run_time", "Running time"}, std::pair{"load_time", "Load time"}}) {
            Point point = plain_point(name, title, PointKind::hours, Rights::read);
            point.unit = "h";
            point.index = point.name == "load_time" ? 1 : 0;
            type.points.add(std::move(point));
        }
    }
    add_tariff_points(type);
    add_record_points(type);
    for (const Action action : all_actions()) {
        if (action == Action::clear_extremes && !type.extremes)
            continue;
        if (action == Action::clear_prepaid && type.setting(Role::prepaid_energy) == nullptr)
            continue;
        if (is_of_menu(action) && std::find(type.menu_actions.begin(), type.menu_actions.end(),
                                            action) == type.menu_actions.end())
            continue;
        Point point =
            plain_point(std::string{name_of(action)}, "", PointKind::action, Rights::write);
        point.index = static_cast<std::uint16_t>(action);
        point.least = point.most = 1;
        point.per_circuit = false;
        type.points.add(std::move(point));
    }
}

std::optional<PointId> month_point(MeterType& type, PointId energy, int month) {
    const Point& of = type.points[energy];
    if (of.kind != PointKind::quantity || catalogue()[of.index].kind != QuantityKind::energy)
        return {};
    Point point = of;
    point.name = fmt::format("{}_month_{}", of.name, month);
    point.title = month == 0
                      ? of.title + ", this month"
                      : fmt::format("{}, {} month{} ago", of.title, month, month == 1 ? "" : "s");
    point.kind = PointKind::month;
    point.month = static_cast<std::uint8_t>(month);
    return type.points.add(std::move(point));
}

} // namespace kpmsim
