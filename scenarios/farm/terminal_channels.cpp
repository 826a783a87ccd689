#include "scenarios/farm/terminal_channels.hpp"

namespace kpmsim {

std::vector<TerminalChannel> terminal_channels(Wiring wiring, const ChannelList& channels) {
    const bool three_wire = metered_phases(wiring) == 0;
    const auto letters = [&](const MeteredChannel& of) -> std::string {
        if (of.of == MeteredChannel::Of::neutral_current)
            return "n";
        if (three_wire && !of.is_current())
            return of.phase == 0 ? "ab" : "cb";
        return {"abc"[of.phase]};
    };
    std::vector<TerminalChannel> out;
    for (int index = 0; index < channels.size(); ++index) {
        const MeteredChannel of = channels[index];
        const bool middle =
            of.phase == 1 && (of.is_current() ? wiring == Wiring::p3l2 : three_wire);
        if (middle)
            continue;
        TerminalChannel& channel = out.emplace_back();
        channel.index = index;
        channel.current = of.is_current();
        channel.circuit = of.circuit;
        channel.terminal =
            of.of == MeteredChannel::Of::neutral_current ? channels.phases : of.phase;
        channel.name = (of.is_current() ? "i" : "u") + letters(of);
        if (of.is_current() && channels.circuits > 1)
            channel.name += std::to_string(of.circuit + 1);
        for (const char c : letters(of))
            channel.phase += static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

} // namespace kpmsim
