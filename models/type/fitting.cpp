#include "models/type/fitting.hpp"

#include <fmt/format.h>

#include <array>

namespace kpmsim {

namespace {

Option option_of(Fitting part) {
    constexpr std::array options{Option::inputs, Option::relays, Option::temperature,
                                 Option::residual, Option::second_line};
    return options[static_cast<std::size_t>(part)];
}

bool is_of_relays(std::optional<Role> role) {
    return role == Role::relay_alarm || role == Role::relay_pulse || role == Role::relay_pulse_ms ||
           role == Role::alarm_select;
}

/// There where a farm file says so, code or not.
bool is_optional(const MeterType& type, Fitting part) {
    return part == Fitting::temperature ? type.sensors_optional
                                        : part == Fitting::residual && type.residual_optional;
}

/// About temperatures and residual currents at once: there with either.
bool is_of_any_sensor(const Point& point) {
    return point.kind == PointKind::mark &&
           (point.index == static_cast<std::uint16_t>(MarkValue::sensors_below) ||
            point.index == static_cast<std::uint16_t>(MarkValue::sensors_above));
}

std::string units_with_any_sensor(const MeterType& type) {
    std::string all;
    for (const Option option : {Option::temperature, Option::residual})
        if (has_option(type.options, option))
            all += fmt::format("{}{}", all.empty() ? "with " : " or ", code_of(option));
    const bool always = (type.sensors_per_unit() > 0 && !type.sensors_optional) ||
                        (type.residual_current && !type.residual_optional);
    return !all.empty() ? all : always ? "" : "optional";
}

} // namespace

std::string_view name_of(Fitting part) {
    constexpr std::array<std::string_view, 5> names{"inputs", "relays", "temperature input",
                                                    "residual current input", "reactive pulses"};
    return names[static_cast<std::size_t>(part)];
}

std::optional<Fitting> fitting_of(const MeterType& type, const Point& point) {
    switch (point.kind) {
    case PointKind::relay:
        return Fitting::relays;
    case PointKind::input:
        return Fitting::inputs;
    case PointKind::setting:
        if (is_of_relays(type.settings[point.index].role))
            return Fitting::relays;
        return {};
    case PointKind::alarm:
        if (type.alarms[point.index].input >= 0)
            return Fitting::inputs;
        return {};
    case PointKind::temperature:
        return Fitting::temperature;
    case PointKind::quantity:
    case PointKind::extreme:
        if (point.index == quantity(Slot::temp).index ||
            (point.kind == PointKind::extreme &&
             point.index >= static_cast<std::uint16_t>(Slot::h_first))) // of several sensors
            return Fitting::temperature;
        if (point.index == quantity(Slot::i_residual).index)
            return Fitting::residual;
        return {};
    case PointKind::pulses: {
        const auto which = static_cast<PulseValue>(point.index);
        if (which == PulseValue::q || which == PulseValue::q_time)
            return Fitting::reactive_pulses;
        return {};
    }
    default:
        return {};
    }
}

std::string units_with(const MeterType& type, Fitting part) {
    const Option option = option_of(part);
    const bool there = has_option(type.options, option);
    if (part == Fitting::reactive_pulses)
        return there ? fmt::format("not with {}", code_of(option)) : "";
    // An input that is always there, and open, gives way to what takes its place.
    if (part == Fitting::temperature && !type.sensors_optional)
        return exclude_each_other(type.options, option, Option::residual)
                   ? fmt::format("not with {}", code_of(Option::residual))
                   : "";
    return there                     ? fmt::format("with {}", code_of(option))
           : is_optional(type, part) ? "optional"
                                     : "";
}

std::string units_with(const MeterType& type, const RegisterRow& row) {
    const auto of = [&](PointId id) {
        if (is_of_any_sensor(type.points[id]))
            return units_with_any_sensor(type);
        const auto part = fitting_of(type, type.points[id]);
        return part ? units_with(type, *part) : std::string{};
    };
    if (row.holds == RegisterHolds::point)
        return of(row.point);
    std::string all;
    for (const PackedField& field : row.fields)
        if (all = of(field.point); all.empty()) // the row is there with any of them
            break;
    return all;
}

std::string how_to_fit(const MeterType& type, Fitting part) {
    const Option option = option_of(part);
    if (part == Fitting::reactive_pulses)
        return fmt::format("take {} out of options", code_of(option));
    std::string cure = fmt::format("add -{} to options", code_of(option));
    if (part == Fitting::temperature && exclude_each_other(type.options, option, Option::residual))
        cure += fmt::format(" (it excludes -{})", code_of(Option::residual));
    if (part == Fitting::residual && exclude_each_other(type.options, option, Option::temperature))
        cure += fmt::format(" (it excludes -{})", code_of(Option::temperature));
    return cure;
}

} // namespace kpmsim
