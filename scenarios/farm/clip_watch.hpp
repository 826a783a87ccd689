#pragma once

#include "scenarios/farm/by_meter.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace kpmsim {

/// Tells, once a meter and channel, when its converter begins to clip and when that is over.
///
/// It sees what a farm publishes, and misses nothing between two publications: windows are counted.
/// The voltages of a meter with several circuits are told once.
class ClipWatch {
public:
    /// A channel that has not clipped for so long is back in its range, so that one which does so in
    /// every other window is told once, too.
    static constexpr SimDuration quiet = std::chrono::seconds{10};

    /// Sentences for the log: channels by the names that they have in recordings.
    struct Remarks {
        std::vector<std::string> begun, over;
    };
    /// To be called after each publish().
    Remarks look(Farm& farm);

private:
    struct Channel {
        std::uint64_t windows{0}; ///< that clipped, as of the last look
        std::uint64_t before{0};  ///< … and before it began
        SimTime last{};           ///< look that saw the last of them
        bool clips{false};
    };
    struct CircuitClips {
        std::uint64_t windows{0};
        int clipping{0}; ///< channels
        std::array<Channel, 6> channels{};
    };
    ByMeter<std::vector<CircuitClips>> circuits_;
};

} // namespace kpmsim
