#include "models/engine/reboot.hpp"

#include "models/engine/relays.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace kpmsim {

namespace {

/// Actions count from 1.
constexpr auto own_reboot = std::numeric_limits<std::uint64_t>::max();

} // namespace

Effects begin_reboot(const MeterType& type, MeterMemory& memory) {
    Effects effects;
    effects.power = memory.powered();
    memory.auxiliary.push_back({own_reboot, false});
    effects.relays = lose_power(type, memory);
    return effects;
}

bool is_rebooting(const MeterMemory& memory) {
    return std::any_of(
        memory.auxiliary.begin(), memory.auxiliary.end(),
        [](const Auxiliary& each) { return each.action == own_reboot; });
}

Intervention end_of_reboot() {
    Intervention over;
    over.kind = InterventionKind::end;
    over.action = own_reboot;
    return over;
}

} // namespace kpmsim
