#include "models/engine/image.hpp"

#include "models/engine/analog_output.hpp"
#include "models/engine/measuring_range.hpp"
#include "models/engine/recorded.hpp"
#include "models/engine/sensors.hpp"
#include "models/type/serial.hpp"
#include "sim/guard.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace kpmsim {

namespace {

double derived(const MeterView& meter, const DerivedRow& row, int circuit) {
    const auto term = [&](std::size_t n) {
        return row.terms[n].factor * number(meter, row.terms[n].point, circuit);
    };
    double value = term(0);
    for (std::size_t n = 1; n < row.terms.size(); ++n) {
        const double next = term(n);
        switch (row.how) {
        case Derivation::sum:
        case Derivation::absolute:
        case Derivation::positive:
            value += next;
            break;
        case Derivation::greatest:
            value = std::max(value, next);
            break;
        case Derivation::least:
            value = std::min(value, next);
            break;
        case Derivation::angle:
            value = std::atan2(next, value) * 180 / std::numbers::pi;
            break;
        }
    }
    if (row.how == Derivation::absolute)
        value = std::abs(value);
    if (row.how == Derivation::positive)
        value = std::max(value, 0.0);
    return row.factor * value + 0.0; // no minus before a zero
}

/// Not a number before the first window.
double extreme(const CircuitExtras& extras, const Point& point) {
    const auto which = static_cast<ExtremeValue>(point.month);
    const bool greatest = which == ExtremeValue::max || which == ExtremeValue::max_time;
    constexpr auto readings = static_cast<std::size_t>(Slot::h_first);
    Extreme of;
    if (point.index >= readings) {
        const auto sensor = point.index - readings;
        if (sensor >= extras.temperatures.size() || !extras.temperatures[sensor].any)
            return std::numeric_limits<double>::quiet_NaN();
        const ValueExtremes& kept = extras.temperatures[sensor];
        of = greatest ? kept.max : kept.min;
    } else {
        if (!extras.extremes || extras.extremes->empty())
            return std::numeric_limits<double>::quiet_NaN();
        const auto slot = static_cast<Slot>(point.index);
        of = greatest ? extras.extremes->max(slot) : extras.extremes->min(slot);
    }
    if (which == ExtremeValue::max || which == ExtremeValue::min)
        return of.value;
    return static_cast<double>(of.at.time_since_epoch().count());
}

ChannelList channels_of(const MeterView& meter) {
    const MeterType& type = *meter.spec->type;
    const Wiring wiring = wiring_of(*meter.spec, *meter.memory);
    return channel_list(wiring, type.circuits, type.neutral_current && wiring == Wiring::one_phase);
}

double pulses(const MeterView& meter, PulseValue which, int circuit) {
    const CircuitExtras& of = meter.extras[static_cast<std::size_t>(circuit)];
    const auto edge = [&](std::size_t n) { return seconds(of.last_pulse[n] - SimTime{}); };
    switch (which) {
    case PulseValue::p:
        return static_cast<double>(of.pulses[0].count());
    case PulseValue::q:
        return static_cast<double>(of.pulses[1].count());
    case PulseValue::p_time:
        return edge(0);
    case PulseValue::q_time:
        return edge(1);
    case PulseValue::constant:
        return pulse_constant(*meter.spec, *meter.memory, circuit);
    case PulseValue::width:
        break;
    }
    return 1e3 * seconds(meter.spec->type->pulse_width);
}

double mark(const MeterView& meter, MarkValue which, int circuit) {
    static const Overload nothing;
    const Overload& overload =
        meter.extras.empty() ? nothing : meter.extras[static_cast<std::size_t>(circuit)].overload;
    switch (which) {
    case MarkValue::below_range:
        return below_range(meter, circuit);
    case MarkValue::above_range:
        return above_range(meter, circuit);
    case MarkValue::sensors_below:
        return sensors_below_range(meter, circuit);
    case MarkValue::sensors_above:
        return sensors_above_range(meter, circuit);
    case MarkValue::overloaded:
        return overload.beyond;
    case MarkValue::overloaded_time:
        break;
    }
    return overload.beyond == 0 ? std::numeric_limits<double>::quiet_NaN()
                                : static_cast<double>(overload.since.time_since_epoch().count());
}

/// Whether a reading means something: a meter in delta knows no voltage to neutral and no phase's
/// power, nothing has a frequency or a power factor without a voltage or an apparent power, and an
/// input without a sensor has no temperature.
bool is_reading(const MeterView& meter, Slot slot, int circuit) {
    const MeterSpec& spec = *meter.spec;
    const auto at = static_cast<std::size_t>(circuit);
    const Readings& readings = meter.metered[at].readings;
    const auto among = [&](Slot first, Slot last) { return first <= slot && slot <= last; };
    const bool star = metered_phases(wiring_of(spec, *meter.memory)) > 0;
    const bool of_phase = among(Slot::u_a, Slot::u_c) || among(Slot::p_a, Slot::p_c) ||
                          among(Slot::q_a, Slot::q_c) || among(Slot::s_a, Slot::s_c) ||
                          among(Slot::pf_a, Slot::pf_c);
    if (of_phase && !star)
        return false;
    if (slot == Slot::f)
        return readings[Slot::f] > 0;
    if (among(Slot::pf_a, Slot::pf)) {
        const auto phase = static_cast<int>(slot) - static_cast<int>(Slot::pf_a);
        return readings[static_cast<Slot>(static_cast<int>(Slot::s_a) + phase)] > 0;
    }
    if (slot == Slot::temp)
        return spec.type->temperature_points.empty() &&
               celsius_at(spec, *meter.memory, circuit, 0).has_value();
    return true;
}

} // namespace

MeterView view(const MeterSpec& spec, const MeterImage& image) {
    return {&spec, &image.memory, image.metered, image.radio, image.site, image.extras};
}

std::string serial_of(const MeterView& meter, int circuit) {
    return meter.memory->units.empty()
               ? serial_of(*meter.spec, circuit)
               : circuit_serial(meter.spec->type->serial, meter.memory->serial(), circuit);
}

namespace {

double held(const MeterView& meter, PointId id, int circuit) {
    const MeterType& type = *meter.spec->type;
    const MeterMemory& memory = *meter.memory;
    const Point& point = type.points[id];
    const auto at = static_cast<std::size_t>(circuit);
    guard(!point.text);
    switch (point.kind) {
    case PointKind::quantity:
        return meter.metered[at].get(Quantity{point.index});
    case PointKind::month: {
        const auto energy = static_cast<Energy>(info(Quantity{point.index}).slot);
        return memory.months[at].kilo(energy, point.month, meter.metered[at].energy);
    }
    case PointKind::derived:
        return derived(meter, type.derived[point.index], circuit);
    case PointKind::setting: {
        const SettingRow& row = type.settings[point.index];
        if (row.role == Role::prepaid_energy)
            return balance_kwh(memory, meter.metered[at].energy);
        return row.shown(memory.setting(row, circuit));
    }
    case PointKind::constant:
        return type.constants[point.index].number;
    case PointKind::clock:
        return static_cast<double>(memory.clock.shown(meter.site).time_since_epoch().count());
    case PointKind::relay:
        return memory.relay(circuit * type.coils_per_unit() + point.index);
    case PointKind::input:
        return memory.input(circuit * type.inputs_per_unit() + point.index);
    case PointKind::radio:
        return meter.radio[at];
    case PointKind::pulses:
        return pulses(meter, static_cast<PulseValue>(point.index), circuit);
    case PointKind::extreme:
        return extreme(meter.extras[at], point);
    case PointKind::alarm:
        return memory.alarms[at] >> point.index & 1u;
    case PointKind::temperature:
        return shown_celsius(*meter.spec, circuit, point.index,
                             celsius_at(*meter.spec, memory, circuit, point.index));
    case PointKind::hours:
        return in_hours(meter.extras[at].time[point.index]);
    case PointKind::tariff:
        return memory.tariffs ? (*memory.tariffs)[point.index]
                              : factory_entry(type.tariff_tables, type.tariff, point.index);
    case PointKind::frozen:
    case PointKind::freeze_time:
    case PointKind::day:
    case PointKind::month_pf:
    case PointKind::month_hours:
        return recorded(meter, point, circuit);
    case PointKind::output:
        return output_ma(meter, circuit);
    case PointKind::mark:
        return mark(meter, static_cast<MarkValue>(point.index), circuit);
    case PointKind::serial:
    case PointKind::action:
        break;
    }
    return 0;
}

} // namespace

double number(const MeterView& meter, PointId id, int circuit) {
    double value = held(meter, id, circuit);
    for (const Override& one : meter.memory->overrides)
        if (one.point == id && one.circuit == circuit)
            value = one.shown(value);
    return value;
}

bool has_value(const MeterView& meter, PointId id, int circuit) {
    const MeterType& type = *meter.spec->type;
    const Point& point = type.points[id];
    if (point.kind == PointKind::derived) {
        const auto& terms = type.derived[point.index].terms;
        return std::all_of(terms.begin(), terms.end(), [&](const DerivedRow::Term& term) {
            return has_value(meter, term.point, circuit);
        });
    }
    if (point.kind == PointKind::quantity) {
        const QuantityInfo& of = info(Quantity{point.index});
        if (!has_quantity(channels_of(meter), Quantity{point.index}))
            return false;
        if (of.kind == QuantityKind::reading &&
            of.slot < static_cast<std::uint16_t>(Slot::h_first) &&
            !is_reading(meter, static_cast<Slot>(of.slot), circuit))
            return false;
    }
    if (!fitted(*meter.spec, point))
        return false;
    if (!has_record(meter, point, circuit))
        return false;
    if (point.kind == PointKind::temperature)
        return celsius_at(*meter.spec, *meter.memory, circuit, point.index).has_value();
    return point.text || !std::isnan(number(meter, id, circuit));
}

std::string text(const MeterView& meter, PointId id, int circuit) {
    const MeterType& type = *meter.spec->type;
    const Point& point = type.points[id];
    guard(point.text);
    return point.kind == PointKind::serial ? serial_of(meter, circuit)
                                           : type.constants[point.index].text;
}

} // namespace kpmsim
