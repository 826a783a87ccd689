#include "models/engine/extras.hpp"

#include <utility>

namespace kpmsim {

namespace {

constexpr std::array<std::pair<Energy, Energy>, 2> counted_by{
    {{Energy::p_import, Energy::p_export}, {Energy::q_import, Energy::q_export}}};

} // namespace

Extras first_extras(const MeterSpec& spec, const MeteringSettings& settings) {
    const MeterType& type = *spec.type;
    Extras extras;
    if (!type.extremes && !type.pulse_outputs)
        return extras;
    extras.resize(static_cast<std::size_t>(type.circuits));
    set_ratios(spec, settings, extras);
    begin_energy(spec.start_energy, extras);
    return extras;
}

void set_ratios(const MeterSpec& spec, const MeteringSettings& settings, Extras& extras) {
    for (std::size_t n = 0; n < extras.size(); ++n)
        for (PulseOutput& output : extras[n].pulses)
            output.set(pulse_constant(spec, static_cast<int>(n)), settings.pt * settings.ct[n]);
}

void begin_energy(const EnergyRegisters& registers, Extras& extras) {
    for (CircuitExtras& of : extras)
        for (std::size_t n = 0; n < of.pulses.size(); ++n)
            of.pulses[n].begin(registers[counted_by[n].first], registers[counted_by[n].second]);
}

void clear_extremes(Extras& extras) {
    for (CircuitExtras& of : extras)
        of.extremes.clear();
}

void count_pulses(const Window& windows, std::span<const MeterState> states, Extras& extras) {
    for (std::size_t n = 0; n < extras.size(); ++n)
        for (std::size_t k = 0; k < counted_by.size(); ++k)
            extras[n].pulses[k].push(windows, states[n].energy[counted_by[k].first],
                                     states[n].energy[counted_by[k].second]);
}

void count(const Metering& metering, const Window& windows, CivilTime rtc,
           std::span<const MeterState> states, Extras& extras) {
    count_pulses(windows, states, extras);
    for (std::size_t n = 0; n < extras.size(); ++n)
        extras[n].extremes.push(states[n].readings, rtc, metering.resolution(static_cast<int>(n)));
}

} // namespace kpmsim
