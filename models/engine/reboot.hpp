#pragma once

#include "models/engine/command.hpp"

namespace kpmsim {

/// How long a meter is silent that was told to start anew: as the action `reboot` has it.
inline constexpr SimDuration reboot_time{std::chrono::seconds{3}};

/// It is without its supply from here on, as by an action that nobody has given a number.
Effects begin_reboot(const MeterType& type, MeterMemory& memory);
/// It has begun one that is not over.
bool is_rebooting(const MeterMemory& memory);
/// What ends it.
Intervention end_of_reboot();

} // namespace kpmsim
