#include "recordings/recording.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

std::int64_t Recording::samples() const {
    std::size_t most = 0;
    for (const RecordedChannel& channel : channels)
        most = std::max({most, channel.codes.size(), channel.values.size()});
    for (const RecordedDigital& digital : digitals)
        most = std::max(most, digital.state.size());
    return static_cast<std::int64_t>(most);
}

double value(const RecordedChannel& channel, std::int64_t sample) {
    const auto at = static_cast<std::size_t>(sample);
    if (channel.codes.empty())
        return channel.scale * channel.values[at] + channel.offset;
    const std::int32_t code = channel.codes[at];
    return code == missing_code ? std::numeric_limits<double>::quiet_NaN()
                                : channel.scale * code + channel.offset;
}

std::int64_t missing_samples(const RecordedChannel& channel) {
    return std::count(channel.codes.begin(), channel.codes.end(), missing_code) +
           std::count_if(
               channel.values.begin(), channel.values.end(),
               [](double v) { return std::isnan(v); });
}

std::int64_t clipped_samples(const RecordedChannel& channel) {
    if (!(channel.stored_min < channel.stored_max))
        return 0;
    const auto at_an_end = [&](double stored) {
        return stored <= channel.stored_min || stored >= channel.stored_max;
    };
    return std::count_if(channel.codes.begin(), channel.codes.end(),
                         [&](std::int32_t c) { return c != missing_code && at_an_end(c); }) +
           std::count_if(channel.values.begin(), channel.values.end(), at_an_end);
}

void to_codes(RecordedChannel& channel) {
    if (channel.values.empty())
        return;
    double largest = 0.0;
    for (const double v : channel.values)
        largest = std::max(largest, std::isnan(v) ? 0.0 : std::abs(v));
    constexpr double top = std::numeric_limits<std::int32_t>::max();
    const double step = largest > 0.0 ? largest / top : 1.0;
    channel.codes.reserve(channel.values.size());
    for (const double v : channel.values) {
        channel.codes.push_back(std::isnan(v) ? missing_code
                                              : static_cast<std::int32_t>(std::clamp(
                                                    std::nearbyint(v / step), -top, top)));
    }
    channel.values.clear();
    channel.scale *= step;
    channel.stored_min = -top;
    channel.stored_max = top;
}

} // namespace kpmsim
