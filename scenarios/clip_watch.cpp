#include "scenarios/clip_watch.hpp"

#include "scenarios/recorded_channels.hpp"

#include <fmt/format.h>

namespace kpmsim {

ClipWatch::News ClipWatch::look(Farm& farm) {
    News news;
    loops_.resize(farm.instruments().size());
    for (std::size_t m = 0; m < loops_.size(); ++m) {
        const Instrument& instrument = farm.instruments()[m];
        loops_[m].resize(instrument.loops().size());
        std::string begun, over;
        for (std::size_t l = 0; l < loops_[m].size(); ++l) {
            Loop& loop = loops_[m][l];
            const ClipStatus& clip = instrument.loops()[l].state().clip;
            if (clip.windows == loop.windows && loop.clipping == 0)
                continue;
            loop.windows = clip.windows;
            for (const TerminalChannel& terminal : terminal_channels(
                     metering_config(instrument.spec()).wiring, instrument.type().loops)) {
                const auto at =
                    static_cast<std::size_t>(terminal.index) - (terminal.is_current() ? 3 * l : 0);
                if (terminal.is_current() ? terminal.loop != static_cast<int>(l) : l > 0)
                    continue;
                Channel& channel = loop.channels[at];
                if (clip.channel_windows[at] > channel.windows) {
                    if (!channel.clips) {
                        channel.before = channel.windows;
                        begun += (begun.empty() ? "" : ", ") + terminal.name;
                        ++loop.clipping;
                    }
                    channel.clips = true;
                    channel.windows = clip.channel_windows[at];
                    channel.last = farm.now();
                } else if (channel.clips && farm.now() - channel.last >= quiet) {
                    channel.clips = false;
                    --loop.clipping;
                    over += fmt::format("{}{} (clipped in {} windows until {})",
                                        over.empty() ? "" : ", ", terminal.name,
                                        channel.windows - channel.before,
                                        iso_text(civil_time(farm.plan().start, channel.last)));
                }
            }
        }
        if (!begun.empty()) {
            news.begun.push_back(
                fmt::format("meter {}: {} beyond the converter's range at {}: their readings "
                            "are too small and distorted (clip_u, clip_i)",
                            instrument.spec().name, begun, iso_text(farm.site_time())));
        }
        if (!over.empty()) {
            news.over.push_back(fmt::format("meter {}: back in the converter's range: {}",
                                            instrument.spec().name, over));
        }
    }
    return news;
}

} // namespace kpmsim
