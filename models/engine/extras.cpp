#include "models/engine/extras.hpp"

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
    return extras;
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

void clear_extremes(Extras& extras) {
    for (CircuitExtras& of : extras)
        of.extremes.reset();
}

void forget_overload(Extras& extras) {
    for (CircuitExtras& of : extras)
        of.overload = {};
}

void count_on(const Window& windows, std::span<const MeterState* const> states, Extras& extras) {
    for (std::size_t n = 0; n < extras.size(); ++n) {
        for (std::size_t k = 0; k < counted_by.size(); ++k) {
            const PulseTrain train =
                extras[n].pulses[k].push(windows, states[n]->energy[counted_by[k].first],
                                         states[n]->energy[counted_by[k].second]);
            if (train.count > 0)
                extras[n].last_pulse[k] = train[train.count - 1].at;
        }
        extras[n].time[0] += windows.length;
        // Below the starting current a phase has no power.
        if (states[n]->readings[Slot::s] > 0)
            extras[n].time[1] += windows.length;
    }
}

void count(const Metering& metering, const MeterType& type, const Window& windows, CivilTime rtc,
           std::span<const MeterState* const> states, Extras& extras) {
    count_on(windows, states, extras);
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
        kept = Shared<Extremes>{std::move(next)};
    }
}

} // namespace kpmsim
