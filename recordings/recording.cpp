#include "recordings/recording.hpp"

#include <algorithm>

namespace kpmsim {

std::int64_t Recording::samples() const {
    std::size_t most = 0;
    for (const RecordedChannel& channel : channels) {
        most = std::max({most, channel.raw.size(), channel.values.size()});
    }
    return static_cast<std::int64_t>(most);
}

} // namespace kpmsim
