#include "models/engine/meter_spec.hpp"

#include "models/engine/analog_output.hpp"
#include "models/engine/sensors.hpp"
#include "models/type/serial.hpp"
#include "sim/guard.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

namespace {

/// The level that the menu's starting current refers to: with a CT that belongs to the meter, the
/// setting is scaled up by rating / 5 A.
constexpr double start_current_level_a = 5.0;

std::size_t place(int n) { return static_cast<std::size_t>(n); }

int wiring_place(const MeterSpec& spec) {
    return std::max(0, spec.type->wiring_index(spec.wiring));
}

} // namespace

const CurrentRating& rating_of(const MeterSpec& spec, int circuit) {
    const MeterType& type = *spec.type;
    if (place(circuit) < spec.ratings.size())
        if (const CurrentRating* found = type.current(spec.ratings[place(circuit)]))
            return *found;
    return type.currents.front();
}

std::vector<AccuracyClass> accuracy_of(const MeterSpec& spec) {
    std::vector<AccuracyClass> classes;
    for (int circuit = 0; circuit < spec.type->circuits; ++circuit) {
        const AccuracyRow* row = spec.type->accuracy_of(rating_of(spec, circuit).code,
                                                        spec.firmware.has(Ruling::data_sheet));
        if (row == nullptr)
            return {};
        classes.push_back(row->limits);
    }
    return classes;
}

double residual_error(const MeterSpec& spec, int circuit) {
    const AccuracyRow* row = spec.type->accuracy_of(rating_of(spec, circuit).code,
                                                    spec.firmware.has(Ruling::data_sheet));
    return row == nullptr ? 0 : row->residual;
}

MeterMemory first_memory(const MeterSpec& spec) {
    const MeterType& type = *spec.type;
    MeterMemory memory;
    memory.relays.resize(place(type.coils), type.coils_closed ? 1 : 0);
    memory.inputs.resize(place(type.inputs));
    for (const int n : spec.closed_contacts)
        memory.inputs[place(n)] = 1;
    memory.contacts = memory.inputs;
    memory.alarms.resize(place(type.circuits));
    memory.settings.resize(type.setting_numbers);
    const auto preset = [&](const SettingRow* row, std::int64_t value, int circuit) {
        if (row != nullptr)
            memory.setting(*row, circuit) = value;
    };
    for (int circuit = 0; circuit < type.circuits; ++circuit) {
        for (const SettingRow& row : type.settings)
            preset(&row, row.factory, circuit);
        preset(type.setting(Role::metering_wiring), wiring_place(spec), circuit);
        preset(type.setting(Role::metering_rated_current),
               std::llround(rating_of(spec, circuit).rated_a), circuit);
        for (const Preset& each : spec.settings)
            if (each.circuit.value_or(circuit) == circuit)
                preset(type.setting(each.name), each.value, circuit);
    }
    preset(type.setting(Role::line_address), spec.address, 0);
    if (const Carrier carrier = carrier_of(type.serial, spec.serial);
        carrier == Carrier::wifi || carrier == Carrier::gsm)
        preset(type.setting(Role::radio_kind), carrier == Carrier::wifi ? 1 : 2, 0);
    memory.clock = {spec.clock_offset_s, spec.clock_error, spec.clock_since};
    memory.months.resize(place(type.circuits));
    for (EnergyHistory& months : memory.months)
        months.begin_with(spec.start_energy, spec.start_months);
    memory.records.circuits.resize(place(type.circuits));
    if (type.days)
        for (CircuitRecords& of : memory.records.circuits)
            of.days.emplace_back().begin_with(spec.start_energy);
    memory.tariffs = spec.tariffs;
    for (const UploadHabit habit : spec.habits)
        memory.habits.push_back({0, habit});
    begin_prepayment(type, memory, spec.start_energy);
    if (spec.auxiliary_fails)
        memory.auxiliary.push_back({0, false});
    keep_offered(spec, memory);
    return memory;
}

Shared<TariffCalendar> tariff_calendar(const MeterType& type, const TariffEntries& entries) {
    return entries ? Shared{calendar_of(type.tariff_tables, *entries)} : type.tariff_calendar;
}

std::vector<std::int64_t> factory_settings(const MeterSpec& spec) {
    MeterSpec bare;
    bare.type = spec.type;
    bare.serial = spec.serial;
    bare.ratings = spec.ratings;
    bare.firmware = spec.firmware;
    return first_memory(bare).settings;
}

bool takes(const MeterSpec& spec, const SettingRow& row, std::int64_t value) {
    const bool beyond =
        std::find(row.beyond_menu.begin(), row.beyond_menu.end(), value) != row.beyond_menu.end();
    return row.allows(value) && !(beyond && spec.firmware.has(Ruling::menu));
}

bool has_sensors(const MeterSpec& spec) {
    return spec.type->sensors_per_unit() > 0 &&
           spec.sensors_fitted.value_or(!spec.type->sensors_optional);
}

bool has_residual(const MeterSpec& spec) {
    return spec.type->residual_current &&
           spec.residual_fitted.value_or(!spec.type->residual_optional);
}

bool fitted(const MeterSpec& spec, Fitting part) {
    const MeterType& type = *spec.type;
    switch (part) {
    case Fitting::inputs:
        return spec.inputs_fitted;
    case Fitting::relays:
        return spec.relays_fitted;
    case Fitting::temperature:
        if (type.sensors_optional)
            return has_sensors(spec);
        return !(has_residual(spec) &&
                 exclude_each_other(type.options, Option::temperature, Option::residual));
    case Fitting::residual:
        return has_residual(spec);
    case Fitting::reactive_pulses:
        return spec.reactive_pulses_fitted;
    }
    return true;
}

bool fitted(const MeterSpec& spec, const Point& point) {
    if (point.kind == PointKind::mark &&
        point.index >= static_cast<std::uint16_t>(MarkValue::sensors_below))
        return has_sensors(spec) || has_residual(spec);
    const auto part = fitting_of(*spec.type, point);
    return !part || fitted(spec, *part);
}

std::optional<PointId> find_fitted(const MeterSpec& spec, std::string_view point) {
    const auto id = spec.type->points.find(point);
    return id && fitted(spec, spec.type->points[*id]) ? id : std::nullopt;
}

std::string lacks(const MeterSpec& spec, PointId point) {
    const Point& of = spec.type->points[point];
    const auto part = fitting_of(*spec.type, of);
    return spec.name + " has no " + (part ? std::string{name_of(*part)} + ", and so no " : "") +
           of.name;
}

namespace {

Wiring wiring_at(const MeterType& type, std::size_t place) {
    Wiring wiring{};
    [[maybe_unused]] const bool known = wiring_from(type.wirings.at(place), wiring);
    guard(known); // the loader has refused any other
    return wiring;
}

} // namespace

Wiring wiring_of(const MeterSpec& spec) { return wiring_at(*spec.type, place(wiring_place(spec))); }

Wiring wiring_of(const MeterSpec& spec, const MeterMemory& memory) {
    const SettingRow* row = spec.type->setting(Role::metering_wiring);
    return row == nullptr ? wiring_of(spec)
                          : wiring_at(*spec.type, static_cast<std::size_t>(memory.setting(*row)));
}

int pulse_constant(const MeterSpec& spec, const MeterMemory& memory, int circuit) {
    return static_cast<int>(memory.shown(*spec.type, Role::pulse_constant,
                                         rating_of(spec, circuit).pulse_constant, circuit));
}

const MeasuringRange& range_of(const MeterSpec& spec) {
    const MeterType& type = *spec.type;
    return type.sheet_range && spec.firmware.has(Ruling::data_sheet) ? *type.sheet_range
                                                                     : type.range;
}

MeteringConfig metering_config(const MeterSpec& spec) {
    const MeterType& type = *spec.type;
    MeteringConfig config;
    config.wiring = wiring_of(spec);
    config.circuits = type.circuits;
    config.neutral = type.neutral_current && config.wiring == Wiring::one_phase;
    config.nominal_hz = 50;
    const ChannelList channels = config.channels();
    for (int c = 0; c < channels.phases; ++c)
        config.adc[place(c)].full_scale = type.u_full_scale_v;
    for (int circuit = 0; circuit < type.circuits; ++circuit) {
        const CurrentRating& rating = rating_of(spec, circuit);
        config.rated_a[place(circuit)] = rating.rated_a;
        for (int c = 0; c < channels.per_circuit(); ++c)
            config.adc[place(channels.current(circuit, c))].full_scale = rating.full_scale_a;
        if (type.open_temperature_c && type.temperature_points.empty())
            config.temperature_c[place(circuit)] =
                shown_celsius(spec, circuit, 0, spec.temperature_c[place(circuit)]);
    }
    return config;
}

MeteringSettings metering_settings(const MeterSpec& spec, const MeterMemory& memory) {
    const MeterType& type = *spec.type;
    MeteringSettings s;
    s.pt = memory.shown(type, Role::metering_pt, 1.0);
    for (int circuit = 0; circuit < type.circuits; ++circuit) {
        const CurrentRating& rating = rating_of(spec, circuit);
        const bool of_level = rating.ct_included && !spec.firmware.has(Ruling::plain_ma);
        const double level = of_level ? rating.rated_a / start_current_level_a : 1.0;
        s.ct[place(circuit)] = memory.shown(type, Role::metering_ct, 1.0, circuit);
        s.start_current_a[place(circuit)] =
            memory.shown(type, Role::metering_start_current, 0.0, circuit) * 1e-3 * level;
        s.reversed[place(circuit)] =
            static_cast<std::uint8_t>(memory.shown(type, Role::metering_direction, 0.0, circuit));
    }
    s.wiring = wiring_of(spec, memory);
    // A window of 0 minutes (the menu allows it) is the shortest there is.
    s.demand_minutes = std::max(1, static_cast<int>(memory.shown(type, Role::demand_minutes, 15)));
    s.demand_day = static_cast<int>(memory.shown(type, Role::history_day, 1));
    return s;
}

std::string serial_of(const MeterSpec& spec, int circuit) {
    return circuit_serial(spec.type->serial, spec.serial, circuit);
}

} // namespace kpmsim
