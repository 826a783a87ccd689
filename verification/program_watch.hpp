#pragma once

#include "models/engine/extras.hpp"
#include "models/engine/program.hpp"

#include <utility>
#include <vector>

namespace kpmsim {

/// The states that a program sees, and when it sends a freeze; what else it sends is read elsewhere.
struct ProgramWatch : ProgramPort {
    std::vector<MeterState> states;

    Extras extras;
    const UploadTopic* freeze{nullptr};
    std::vector<std::pair<int, CivilTime>> freezes; ///< circuit and stamp of those that were sent

    std::span<const MeterState> look(SimTime) override { return states; }
    Hours hours(SimTime, int circuit) override {
        return extras.empty() ? Hours{} : extras[static_cast<std::size_t>(circuit)].time;
    }
    void upload(SimTime, int circuit, const UploadTopic& topic, CivilTime stamp) override {
        if (&topic == freeze)
            freezes.emplace_back(circuit, stamp);
    }
    void moved(const RelayMove&) override {}
};

} // namespace kpmsim
