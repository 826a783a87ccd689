#include "scenarios/recorded_channels.hpp"

namespace kpmsim {

std::vector<TerminalChannel> terminal_channels(Wiring wiring, int loops) {
    std::vector<TerminalChannel> channels;
    if (wiring == Wiring::p4l)
        channels = {{0, "ua", "A", 0}, {1, "ub", "B", 0}, {2, "uc", "C", 0}};
    else
        channels = {{0, "uab", "AB", 0}, {2, "ucb", "CB", 0}};
    for (int loop = 0; loop < loops; ++loop) {
        for (int phase = 0; phase < 3; ++phase) {
            if (wiring == Wiring::p3l2 && phase == 1)
                continue;
            const std::string letter{"abc"[phase]};
            channels.push_back({3 + 3 * loop + phase,
                                "i" + letter + (loops > 1 ? std::to_string(loop + 1) : ""),
                                std::string{"ABC"[phase]}, loop});
        }
    }
    return channels;
}

} // namespace kpmsim
