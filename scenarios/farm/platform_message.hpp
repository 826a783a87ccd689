#pragma once

#include "models/engine/command.hpp"
#include "models/faces/packets.hpp"

#include <vector>

namespace kpmsim {

/// What comes of a message that a platform publishes to a circuit of a meter.
struct PlatformAnswer {
    std::vector<Upload> messages;  ///< none: the meter is silent
    std::vector<Command> commands; ///< that it has taken
};

/// `what` is an InterventionKind::message, `image` what the meter shows at `at`, the site's time at
/// SimTime{} `start`. The same as answer_command() on the served side.
PlatformAnswer answer_of(const MeterSpec& spec, MeterImage image, SimTime at, CivilTime start,
                         int circuit, const Intervention& what);

} // namespace kpmsim
