#include "quality/rapid_changes.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace kpmsim {

RapidChanges::RapidChanges(int channels, Limits limits)
    : limits_{limits}, channels_(static_cast<std::size_t>(channels)) {
    for (Channel& channel : channels_)
        channel.last.resize(static_cast<std::size_t>(limits.half_cycles));
}

double RapidChanges::mean(const Channel& channel) const noexcept {
    return std::accumulate(channel.last.begin(), channel.last.end(), 0.0) / limits_.half_cycles;
}

bool RapidChanges::within(const Channel& channel, double threshold) const noexcept {
    const double m = mean(channel);
    return std::all_of(channel.last.begin(), channel.last.end(),
                       [&](double u) { return std::abs(u - m) <= threshold; });
}

void RapidChanges::push(std::span<const double> u, bool in_event,
                        std::vector<RapidChange>& finished) {
    assert(u.size() == channels_.size());
    const auto place = static_cast<std::size_t>(half_cycle_ % limits_.half_cycles);
    for (std::size_t c = 0; c < channels_.size(); ++c) {
        Channel& channel = channels_[c];
        if (steady_)
            channel.before = mean(channel); // without the new value
        channel.last[place] = u[c];
    }
    const std::int64_t now = half_cycle_++;
    if (half_cycle_ < limits_.half_cycles)
        return;

    const double threshold = steady_ ? limits_.threshold : limits_.threshold - limits_.hysteresis;
    const bool steady =
        std::all_of(channels_.begin(), channels_.end(),
                    [&](const Channel& channel) { return within(channel, threshold); });
    if (steady_ && !steady) {
        begin_ = now;
        spoilt_ = false;
        for (Channel& channel : channels_)
            channel.du_max = 0;
    }
    if (!steady_ || !steady) {
        spoilt_ = spoilt_ || in_event;
        for (std::size_t c = 0; c < channels_.size(); ++c)
            channels_[c].du_max =
                std::max(channels_[c].du_max, std::abs(u[c] - channels_[c].before));
    }
    if (!steady_ && steady && ever_steady_ && !spoilt_) {
        RapidChange change{begin_, std::max(begin_, now - limits_.half_cycles), 0, 0};
        for (const Channel& channel : channels_) {
            change.du_max = std::max(change.du_max, channel.du_max);
            change.du_ss = std::max(change.du_ss, std::abs(mean(channel) - channel.before));
        }
        finished.push_back(change);
    }
    steady_ = steady;
    ever_steady_ = ever_steady_ || steady;
}

} // namespace kpmsim
