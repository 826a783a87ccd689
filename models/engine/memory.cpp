#include "models/engine/memory.hpp"

#include <algorithm>

namespace kpmsim {

bool MeterMemory::held_by(std::uint64_t action) const {
    const auto of_it = [&](const auto& each) { return each.action == action; };
    return std::any_of(auxiliary.begin(), auxiliary.end(), of_it) ||
           std::any_of(units.begin(), units.end(), of_it) ||
           std::any_of(overrides.begin(), overrides.end(), of_it) ||
           std::any_of(habits.begin(), habits.end(), of_it) ||
           std::any_of(stimuli.begin(), stimuli.end(), of_it);
}

void MeterMemory::let_go(std::uint64_t action) {
    const auto of_it = [&](const auto& each) { return each.action == action; };
    std::erase_if(auxiliary, of_it);
    std::erase_if(units, of_it);
    std::erase_if(overrides, of_it);
    std::erase_if(habits, of_it);
    std::erase_if(stimuli, of_it);
}

double MeterMemory::held(StimulusKind kind, int circuit, int input, double without) const {
    const auto last = std::find_if(stimuli.rbegin(), stimuli.rend(), [&](const Stimulus& one) {
        return one.kind == kind && one.circuit == circuit && one.input == input;
    });
    return last == stimuli.rend() ? without : last->value;
}

bool MeterMemory::contact(const MeterType& type, int n) const {
    const int own = type.inputs_per_unit();
    const bool left = contacts[static_cast<std::size_t>(n)] != 0;
    return held(StimulusKind::contact, n / own, n % own, left) != 0;
}

bool MeterMemory::relay_contact(const MeterType& type, int n) const {
    const int own = type.coils_per_unit();
    return held(StimulusKind::relay, n / own, n % own, relay(n)) != 0;
}

} // namespace kpmsim
