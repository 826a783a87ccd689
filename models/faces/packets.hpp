#pragma once

#include "models/engine/image.hpp"
#include "models/type/upload_plan.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// Whether the unit sends it: what is optional and not fitted it does not.
bool goes_out(const UploadField& field, const MeterSpec& spec);

/// The packets of one topic as a circuit sends them, in order: JSON with the fields' fixed decimals
/// and order, `id` first, `time` and `isend` last. `behind_id`: what stands in each between the id and
/// the fields, as `"key":"text",`.
std::vector<std::string> packets(const UploadTopic& topic, const MeterView& meter, int circuit,
                                 CivilTime stamp, std::string_view behind_id = {});

/// What a client publishes.
struct Upload {
    std::string topic;
    std::string payload;
};

/// Everything that a circuit sends at once: the packets, then the messages.
std::vector<Upload> uploads(const UploadTopic& topic, const MeterView& meter, int circuit,
                            CivilTime stamp);

} // namespace kpmsim
