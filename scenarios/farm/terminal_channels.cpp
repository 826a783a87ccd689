#include "scenarios/farm/terminal_channels.hpp"

namespace kpmsim {

std::vector<TerminalChannel> terminal_channels(Wiring wiring, int circuits) {
    std::vector<TerminalChannel> channels;
    if (wiring == Wiring::p4l)
        channels = {{0, "ua", "A", 0}, {1, "ub", "B", 0}, {2, "uc", "C", 0}};
    else
        channels = {{0, "uab", "AB", 0}, {2, "ucb", "CB", 0}};
    for (int circuit = 0; circuit < circuits; ++circuit) {
        for (int phase = 0; phase < 3; ++phase) {
            if (wiring == Wiring::p3l2 && phase == 1)
                continue;
            const std::string letter{"abc"[phase]};
            channels.push_back({3 + 3 * circuit + phase,
                                "i" + letter + (circuits > 1 ? std::to_string(circuit + 1) : ""),
                                std::string{"ABC"[phase]}, circuit});
        }
    }
    return channels;
}

} // namespace kpmsim
