#pragma once

#include <cstdint>

namespace kpmsim {

/// What a listener saw, by reason. Plain counters of the serving thread.
struct Traffic {
    std::uint64_t requests{0}; ///< answered, exceptions included
    std::uint64_t exceptions{0};
    std::uint64_t broadcasts{0};  ///< executed, not answered
    std::uint64_t other_units{0}; ///< for an address that is not here: silence
    std::uint64_t bad_crc{0};
    std::uint64_t short_frames{0};  ///< fewer bytes than a frame needs
    std::uint64_t long_frames{0};   ///< more bytes than a frame may have
    std::uint64_t wrong_line{0};    ///< the client's line settings are not the meter's
    std::uint64_t too_soon{0};      ///< inside a meter's minimum frame interval
    std::uint64_t collisions{0};    ///< two met on a line: answers, or a request and an answer
    std::uint64_t answers_heard{0}; ///< on a line: to no request of ours, or one's own from an echo
    std::uint64_t bad_header{0};    ///< MBAP protocol id or length
    std::uint64_t connections{0};   ///< taken in all
    std::uint64_t refused{0};       ///< connections closed for want of descriptors
    std::uint64_t published{0};     ///< MQTT messages given to the broker
    std::uint64_t dropped{0};       ///< MQTT messages that had no connection to go to

    Traffic& operator+=(const Traffic& o);
};

} // namespace kpmsim
