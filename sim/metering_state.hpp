#pragma once

#include "sim/boxed.hpp"
#include "sim/demand.hpp"
#include "sim/energy.hpp"
#include "sim/frequency.hpp"
#include "sim/metering.hpp"
#include "sim/window_noise.hpp"
#include "sim/window_sums.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace kpmsim {

/// Everything that a Metering remembers from window to window. Its config and its noise's stream
/// are not here: they are built anew from the farm file.
struct MeteringState {
    struct Circuit {
        MeterState state;
        EnergyMeter energy;
        DemandMeter demand;
        KPMSIM_FIELDS(state, energy, demand);
    };
    /// What the windows are like that are not sampled, where the converter has noise.
    struct Steady {
        ChannelNoise noise{};
        WindowSums sums;          ///< without it
        FrequencyMeter frequency; ///< that saw no noise
        std::array<NoisyPowers, max_circuits> powers;
        bool shown_late{false}; ///< the states' readings are of an earlier window than
        Window last{};          ///< … this
        double slip{0};
        KPMSIM_FIELDS(noise, sums, frequency, powers, shown_late, last, slip);
    };

    MeteringSettings settings;
    std::vector<Circuit> circuits;
    FrequencyMeter frequency;
    int followed{-1}; ///< the voltage that f is of
    std::uint64_t samples{0};
    Boxed<Steady> steady;
    std::array<std::uint64_t, max_channels> clipped{}; ///< samples, since counting began
    KPMSIM_FIELDS(settings, circuits, frequency, followed, samples, steady, clipped);
    bool valid() const { return followed >= -1 && followed < 3; }
};

} // namespace kpmsim
