#include "waveforms/wiring_changes.hpp"

#include <utility>

namespace kpmsim {
namespace {

std::size_t place(int n) { return static_cast<std::size_t>(n); }

void apply_to_circuit(const WiringChange& change, std::size_t circuit, WiringSpec& wiring) {
    const std::size_t t = place(change.terminal);
    const std::size_t other = place(change.other);
    switch (change.kind) {
    case WiringChangeKind::ct_reversed:
        wiring.ct_reversed[circuit][t] = !wiring.ct_reversed[circuit][t];
        break;
    case WiringChangeKind::ct_gain:
        wiring.ct_gain[circuit][t] *= change.value;
        break;
    case WiringChangeKind::ct_swapped:
        std::swap(wiring.i_phase[circuit][t], wiring.i_phase[circuit][other]);
        std::swap(wiring.ct_reversed[circuit][t], wiring.ct_reversed[circuit][other]);
        break;
    case WiringChangeKind::ct_phase:
        wiring.i_phase[circuit][t] = change.other;
        break;
    case WiringChangeKind::ct_ratio:
        wiring.ct_ratio[circuit] = change.value;
        break;
    default:
        break;
    }
}

void apply(const WiringChange& change, WiringSpec& wiring) {
    const std::size_t t = place(change.terminal);
    switch (change.kind) {
    case WiringChangeKind::u_open:
        wiring.u_open[t] = true;
        break;
    case WiringChangeKind::u_gain:
        wiring.u_gain[t] *= change.value;
        break;
    case WiringChangeKind::u_swapped:
        std::swap(wiring.u_phase[t], wiring.u_phase[place(change.other)]);
        break;
    case WiringChangeKind::pt_ratio:
        wiring.pt_ratio = change.value;
        break;
    case WiringChangeKind::neutral_lost:
        wiring.neutral_lost = true;
        break;
    default:
        for (std::size_t circuit = 0; circuit < max_circuits; ++circuit)
            if (change.circuit < 0 || place(change.circuit) == circuit)
                apply_to_circuit(change, circuit, wiring);
    }
}

} // namespace

WiringSpec changed(WiringSpec wiring, std::span<const WiringChange> changes, SimTime at) {
    for (const WiringChange& change : changes)
        if (change.holds(at))
            apply(change, wiring);
    return wiring;
}

SimTime steady_until(const WiringChange& change, SimTime at) {
    if (at < change.from)
        return change.from;
    const bool ends = change.length < for_good && change.holds(at);
    return ends ? change.from + change.length : SimTime::max();
}

} // namespace kpmsim
