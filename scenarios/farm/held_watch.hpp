#pragma once

#include "scenarios/farm/by_meter.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// Tells, once a meter, that its converter keeps window fidelity from jumping.
class HeldWatch {
public:
    /// Sentences for the log. To be called after each publish().
    std::vector<std::string> look(Farm& farm);

private:
    struct Told {
        bool it{false};
    };
    ByMeter<Told> told_;
};

} // namespace kpmsim
