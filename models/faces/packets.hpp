#pragma once

#include "models/engine/image.hpp"
#include "models/type/upload_plan.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// The packets of one topic as a circuit sends them, in order: JSON with the fields' fixed decimals
/// and order, `id` first, `time` and `isend` last.
std::vector<std::string> packets(const UploadTopic& topic, const MeterView& meter, int circuit,
                                 CivilTime stamp);

/// What a client publishes.
struct Upload {
    std::string topic;
    std::string payload;
};

/// Everything that a circuit sends at once: the packets, then the messages.
std::vector<Upload> uploads(const UploadTopic& topic, const MeterView& meter, int circuit,
                            CivilTime stamp);

} // namespace kpmsim
