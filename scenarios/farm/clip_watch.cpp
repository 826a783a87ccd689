#include "scenarios/farm/clip_watch.hpp"

#include "scenarios/farm/terminal_channels.hpp"

#include <fmt/format.h>

namespace kpmsim {

ClipWatch::Remarks ClipWatch::look(Farm& farm) {
    Remarks remarks;
    circuits_.follow(farm);
    for (std::size_t m = 0; m < circuits_.size(); ++m) {
        const Meter& meter = farm.meters()[m];
        circuits_[m].resize(meter.circuits().size());
        std::string begun, over;
        for (std::size_t l = 0; l < circuits_[m].size(); ++l) {
            CircuitClips& circuit = circuits_[m][l];
            const ClipStatus& clip = meter.circuits()[l].state().clip;
            if (clip.windows == circuit.windows && circuit.clipping == 0)
                continue;
            circuit.windows = clip.windows;
            const MeteringConfig config = metering_config(meter.spec());
            for (const TerminalChannel& terminal :
                 terminal_channels(config.wiring, config.channels())) {
                const auto at =
                    static_cast<std::size_t>(terminal.terminal + (terminal.is_current() ? 3 : 0));
                if (terminal.is_current() ? terminal.circuit != static_cast<int>(l) : l > 0)
                    continue;
                Channel& channel = circuit.channels[at];
                if (clip.channel_windows[at] > channel.windows) {
                    if (!channel.clips) {
                        channel.before = channel.windows;
                        begun += (begun.empty() ? "" : ", ") + terminal.name;
                        ++circuit.clipping;
                    }
                    channel.clips = true;
                    channel.windows = clip.channel_windows[at];
                    channel.last = farm.now();
                } else if (channel.clips && farm.now() - channel.last >= quiet) {
                    channel.clips = false;
                    --circuit.clipping;
                    over += fmt::format("{}{} (clipped in {} windows until {})",
                                        over.empty() ? "" : ", ", terminal.name,
                                        channel.windows - channel.before,
                                        iso_text(civil_time(farm.plan().start, channel.last)));
                }
            }
        }
        if (!begun.empty()) {
            remarks.begun.push_back(
                fmt::format("meter {}: {} beyond the converter's range at {}: their readings "
                            "are too small and distorted (clip_u, clip_i)",
                            meter.spec().name, begun, iso_text(farm.site_time())));
        }
        if (!over.empty()) {
            remarks.over.push_back(fmt::format("meter {}: back in the converter's range: {}",
                                               meter.spec().name, over));
        }
    }
    return remarks;
}

} // namespace kpmsim
