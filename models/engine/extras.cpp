#include "models/engine/extras.hpp"

#include "models/engine/sensors.hpp"
#include "sim/energy_course.hpp"
#include "sim/metering_state.hpp"

#include <optional>
#include <utility>

namespace kpmsim {

namespace {

/// No meter shows the extremes of harmonics.
constexpr std::size_t shown_slots = static_cast<std::size_t>(Slot::h_first);

constexpr std::array<std::pair<Energy, Energy>, 2> counted_by{
    {{Energy::p_import, Energy::p_export}, {Energy::q_import, Energy::q_export}}};

} // namespace

bool has_extras(const MeterType& type) {
    return type.extremes || type.pulse_outputs || type.hours || type.overload;
}

Extras first_extras(const MeterSpec& spec, const MeterMemory& memory) {
    const MeterType& type = *spec.type;
    Extras extras;
    if (!has_extras(type))
        return extras;
    extras.resize(static_cast<std::size_t>(type.circuits));
    set_pulses(spec, memory, extras);
    begin_energy(spec.start_energy, extras);
    for (CircuitExtras& of : extras)
        of.temperatures.resize(kept_temperatures(spec));
    return extras;
}

std::size_t kept_temperatures(const MeterSpec& spec) {
    return spec.type->extremes && has_sensors(spec) ? spec.type->temperature_points.size() : 0;
}

void set_pulses(const MeterSpec& spec, const MeterMemory& memory, Extras& extras) {
    const MeteringSettings settings = metering_settings(spec, memory);
    for (std::size_t n = 0; n < extras.size(); ++n)
        for (PulseOutput& output : extras[n].pulses)
            output.set(pulse_constant(spec, memory, static_cast<int>(n)),
                       settings.pt * settings.ct[n], spec.type->pulse_width);
}

void begin_energy(const EnergyRegisters& registers, Extras& extras) {
    for (CircuitExtras& of : extras)
        for (std::size_t n = 0; n < of.pulses.size(); ++n)
            of.pulses[n].begin(registers[counted_by[n].first], registers[counted_by[n].second]);
}

void clear_extremes(const MeterSpec& spec, const MeterMemory& memory,
                    std::span<const MeterState> states, CivilTime rtc, Extras& extras) {
    for (std::size_t n = 0; n < extras.size(); ++n) {
        CircuitExtras& of = extras[n];
        of.extremes.reset();
        of.temperatures.assign(of.temperatures.size(), {});
        if (!spec.type->extremes || !memory.powered())
            continue;
        Extremes present;
        present.push(states[n].readings, rtc, {}, shown_slots);
        of.extremes = Shared<Extremes>{present};
        const int circuit = static_cast<int>(n);
        for (std::size_t sensor = 0; sensor < of.temperatures.size(); ++sensor) {
            const int which = static_cast<int>(sensor);
            of.temperatures[sensor].push(
                shown_celsius(spec, circuit, which, celsius_at(spec, memory, circuit, which)), rtc);
        }
    }
}

void forget_overload(Extras& extras) {
    for (CircuitExtras& of : extras)
        of.overload = {};
}

void count_on(const Metering& metering, const Window& windows,
              std::span<const MeterState* const> states, Extras& extras,
              const SampleBlock* changing) {
    const auto edge = [&](const PulseTrain& train, std::size_t circuit, bool reactive) {
        const auto after =
            changing == nullptr
                ? std::nullopt
                : time_of_part(*changing,
                               metered_products(metering.config(), metering.state().settings,
                                                static_cast<int>(circuit), reactive),
                               train.part(train.count - 1));
        return after ? windows.start + *after : train[train.count - 1].at;
    };
    for (std::size_t n = 0; n < extras.size(); ++n) {
        CircuitExtras& of = extras[n];
        for (std::size_t k = 0; k < counted_by.size(); ++k) {
            const EnergyRegisters& energy = states[n]->energy;
            const PulseTrain train = of.pulses[k].push(windows, energy[counted_by[k].first],
                                                       energy[counted_by[k].second]);
            if (train.count > 0)
                of.last_pulse[k] = edge(train, n, k == 1);
        }
        of.time[0] += windows.length;
        // Below the starting current a phase has no power.
        if (metering.state(static_cast<int>(n)).readings[Slot::s] > 0)
            of.time[1] += windows.length;
    }
}

void keep_extremes(const Metering& metering, const MeterType& type, CivilTime rtc,
                   std::span<const MeterState* const> states, Extras& extras) {
    if (!type.extremes)
        return;
    for (std::size_t n = 0; n < extras.size(); ++n) {
        Shared<Extremes>& kept = extras[n].extremes;
        const Readings& readings = states[n]->readings;
        const Resolution resolution = metering.resolution(static_cast<int>(n));
        if (kept && !kept->exceeded_by(readings, resolution, shown_slots))
            continue;
        Extremes next = kept ? *kept : Extremes{};
        next.push(readings, rtc, resolution, shown_slots);
        kept = Shared<Extremes>{next};
    }
}

} // namespace kpmsim
