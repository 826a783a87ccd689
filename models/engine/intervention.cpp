#include "models/engine/intervention.hpp"

#include "models/engine/command.hpp"
#include "models/engine/relays.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {
namespace {

void override(const MeterView& meter, MeterMemory& memory, const Intervention& what) {
    for (int circuit = 0; circuit < meter.spec->type->circuits; ++circuit) {
        if (what.circuit >= 0 && what.circuit != circuit)
            continue;
        Override one{what.action, what.point, circuit, what.form, what.value};
        if (std::isnan(one.value)) {
            const double now = number(meter, what.point, circuit);
            one.value = one.form == OverrideForm::add ? -now : now;
        }
        memory.overrides.push_back(one);
    }
}

/// Energies, months and maxima.
Effects cleared(MeterMemory& memory) {
    for (EnergyHistory& months : memory.months)
        months.clear();
    memory.prepaid.from = {};
    memory.records.clear_energies();
    Effects effects;
    effects.clear_energy = effects.clear_demand_maxima = true;
    return effects;
}

Effects end_of(const MeterType& type, std::uint64_t action, MeterMemory& memory) {
    const bool powered = memory.powered();
    const std::string serial = memory.serial();
    memory.let_go(action);
    Effects effects;
    if (memory.serial() != serial) { // of the unit that stands there from here on
        effects = cleared(memory);
        effects.replaced = effects.clear_extremes = true;
    }
    effects.power = memory.powered() != powered;
    if (effects.power && powered)
        effects.relays = lose_power(type, memory);
    return effects;
}

/// Of a circuit.
int inputs_of(const MeterType& type, StimulusKind kind) {
    switch (kind) {
    case StimulusKind::contact:
        return type.inputs_per_unit();
    case StimulusKind::temperature:
        return type.sensors_per_unit();
    case StimulusKind::leakage:
        return type.residual_current ? 1 : 0;
    case StimulusKind::relay:
        return type.coils_per_unit();
    }
    return 0;
}

void stimulate(const MeterType& type, MeterMemory& memory, const Intervention& what) {
    for (int circuit = 0; circuit < type.circuits; ++circuit)
        for (int n = 0; n < inputs_of(type, what.stimulus); ++n)
            if ((what.circuit < 0 || what.circuit == circuit) &&
                (what.input < 0 || what.input == n))
                memory.stimuli.push_back({what.action, what.stimulus, circuit, n, what.value});
}

/// The clock goes on from where it stands, at another speed.
void drift(MeterClock& clock, CivilTime site, double error) {
    clock.offset_s = clock.offset_at(site);
    clock.since = std::max(clock.since, site);
    clock.error = error;
}

} // namespace

bool fits(const MeterType& type, const Intervention& what) {
    const bool of_point =
        what.kind == InterventionKind::show || what.kind == InterventionKind::keys;
    if (what.kind == InterventionKind::habit &&
        !(what.value >= 0 && what.value < static_cast<double>(upload_habits().size())))
        return false;
    if (what.kind == InterventionKind::message && what.text.find(' ') == std::string::npos)
        return false;
    if (what.kind == InterventionKind::stimulate &&
        (what.input < -1 || what.input >= inputs_of(type, what.stimulus)))
        return false;
    return what.circuit >= -1 && what.circuit < type.circuits &&
           (!of_point ||
            (what.point.place < type.points.all().size() && !type.points[what.point].text));
}

Effects intervene(const MeterView& meter, MeterMemory& memory, CivilTime site,
                  const Intervention& what) {
    Effects effects;
    switch (what.kind) {
    case InterventionKind::cut_power: {
        const bool before = memory.powered();
        memory.auxiliary.push_back({what.action, what.value == 1});
        effects.power = memory.powered() != before;
        if (!memory.powered())
            effects.relays = lose_power(*meter.spec->type, memory);
        break;
    }
    case InterventionKind::clock_set:
        memory.clock.offset_s = std::llround(what.value) - site.time_since_epoch().count();
        memory.clock.since = site;
        effects.clock = true;
        break;
    case InterventionKind::clock_jump:
        memory.clock.offset_s += std::llround(what.value);
        effects.clock = true;
        break;
    case InterventionKind::clock_drift:
        drift(memory.clock, site, what.value);
        effects.clock = true;
        break;
    case InterventionKind::swap:
        memory.units.push_back({what.action, what.text});
        effects = cleared(memory);
        effects.replaced = effects.clear_extremes = true;
        break;
    case InterventionKind::clear:
        effects = cleared(memory);
        break;
    case InterventionKind::habit:
        memory.habits.push_back({what.action, static_cast<UploadHabit>(std::llround(what.value))});
        break;
    case InterventionKind::stimulate:
        stimulate(*meter.spec->type, memory, what);
        break;
    case InterventionKind::show:
        override(meter, memory, what);
        break;
    case InterventionKind::end:
        effects = end_of(*meter.spec->type, what.action, memory);
        break;
    case InterventionKind::factory:
        memory.settings = factory_settings(*meter.spec);
        memory.tariffs = {}; // the factory's
        memory.broker = {};
        effects.metering = effects.clock = effects.tariffs = true;
        break;
    case InterventionKind::message: // whoever carries it out has the circuit answer it,
    case InterventionKind::keys:    // or makes the assignments of it that it is
        break;
    case InterventionKind::broker:
        memory.broker = {what.value == 1, what.text};
        break;
    }
    return effects;
}

} // namespace kpmsim
