#pragma once

#include "scenarios/farm/by_meter.hpp"

#include <array>
#include <string>
#include <vector>

namespace kpmsim {

/// Tells, once a meter and sensor, when a temperature or a residual current begins to read beyond its
/// sensor's range and when that is over.
class SensorWatch {
public:
    /// A sensor that has not been beyond for so long is back, as a channel of ClipWatch.
    static constexpr SimDuration quiet = std::chrono::seconds{10};

    /// Sentences for the log.
    struct Remarks {
        std::vector<std::string> begun, over;
    };
    /// To be called after each publish().
    Remarks look(const Farm& farm);

private:
    struct Sensor {
        SimTime last{}; ///< look that saw it beyond
        bool beyond{false};
    };
    /// As the bits of sensors_above_range().
    using OfCircuit = std::array<Sensor, 5>;
    ByMeter<std::vector<OfCircuit>> sensors_;
};

} // namespace kpmsim
