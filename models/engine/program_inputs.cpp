// Contacts become inputs once they have stayed; what has changed of inputs and relays is told, circuit by circuit.
#include "models/engine/program.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace kpmsim {

SimTime MeterProgram::contacts_due() const {
    SimTime next = SimTime::max();
    for (std::size_t n = 0; n < state_.contacts.size(); ++n)
        next = std::min(
            next, state_.contacts[n].due(state_.memory.inputs[n] != 0, spec_->type->debounce));
    return next;
}

/// Contacts may be others since `told`, as the meter learns at a boundary; inputs follow those that had
/// stayed by then.
void MeterProgram::see_contacts(SimTime boundary, SimTime told, ProgramPort& port) {
    follow_contacts(boundary, told, port);
    for (std::size_t n = 0; n < state_.contacts.size(); ++n) {
        const bool closed = state_.memory.contact(*spec_->type, static_cast<int>(n));
        Debounce& seen = state_.contacts[n];
        if (seen.closed != closed) {
            seen.closed = closed;
            seen.since = told;
        }
    }
}

/// Inputs whose contacts have stayed by `by`.
void MeterProgram::follow_contacts(SimTime boundary, SimTime by, ProgramPort& port) {
    bool moved = false;
    for (std::size_t n = 0; n < state_.contacts.size(); ++n) {
        Debounce& seen = state_.contacts[n];
        std::uint8_t& shown = state_.memory.inputs[n];
        seen.look(boundary, shown != 0);
        moved |= seen.follow(by, spec_->type->debounce);
        if (seen.input != seen.before)
            shown = seen.input;
    }
    if (moved)
        indicate(boundary, port);
}

Indicated MeterProgram::indication(int circuit) const {
    const MeterType& type = *spec_->type;
    Indicated now;
    for (int n = 0; n < type.inputs_per_unit(); ++n)
        now.inputs |= unsigned{state_.memory.input(circuit * type.inputs_per_unit() + n)} << n;
    for (int n = 0; n < type.coils_per_unit(); ++n)
        now.relays |= unsigned{state_.memory.relay(circuit * type.coils_per_unit() + n)} << n;
    return now;
}

/// Tells what has changed of inputs and relays, circuit by circuit.
void MeterProgram::indicate(SimTime at, ProgramPort& port) {
    if (uploads_ == nullptr || !uploads_->change.sent_by(spec_->firmware) ||
        !state_.memory.powered() || !(spec_->inputs_fitted || spec_->relays_fitted))
        return;
    // The message has what the inputs are; what is shown of them may stay longer.
    std::vector<std::uint8_t> shown = state_.memory.inputs;
    for (std::size_t n = 0; n < shown.size(); ++n)
        state_.memory.inputs[n] = state_.contacts[n].input;
    for (int circuit = 0; circuit < spec_->type->circuits; ++circuit) {
        Indicated& told = state_.indicated[static_cast<std::size_t>(circuit)];
        const Indicated now = indication(circuit);
        if (now == told)
            continue;
        told = now;
        port.upload(at, circuit, uploads_->change, rtc(at));
    }
    state_.memory.inputs = std::move(shown);
}

} // namespace kpmsim
