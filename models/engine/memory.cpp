#include "models/engine/memory.hpp"

#include <algorithm>

namespace kpmsim {

bool MeterMemory::held_by(std::uint64_t action) const {
    const auto of_it = [&](const auto& each) { return each.action == action; };
    return std::find(cuts.begin(), cuts.end(), action) != cuts.end() ||
           std::any_of(units.begin(), units.end(), of_it) ||
           std::any_of(overrides.begin(), overrides.end(), of_it) ||
           std::any_of(habits.begin(), habits.end(), of_it);
}

void MeterMemory::let_go(std::uint64_t action) {
    const auto of_it = [&](const auto& each) { return each.action == action; };
    std::erase(cuts, action);
    std::erase_if(units, of_it);
    std::erase_if(overrides, of_it);
    std::erase_if(habits, of_it);
}

} // namespace kpmsim
