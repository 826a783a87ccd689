#pragma once

#include "sim/adc.hpp"
#include "sim/random.hpp"
#include "sim/window.hpp"

#include <cstdint>

namespace kpmsim {

/// The residual current input: one core around all four conductors, so that only what does not come
/// back through them is seen; its secondary current goes through a channel of its own.
///
/// unit    A rms at the primary, all that the samples hold (harmonics included), less their mean
/// error   that of the converter: half a code of `full_scale` in each sample
/// source  KPM37 manual 3.7: 0 to 1 A, ±1 %, 1000 mA : 0.5 mA
struct ResidualInput {
    double ratio{2000};                     ///< primary over secondary
    AdcChannel adc{.full_scale = 0.000'85}; ///< peak A at the secondary: 1.2 A rms at the primary

    /// Primary peak A that gives the largest code.
    double full_primary_a() const { return ratio * adc.full_scale; }
};

/// What a ResidualMeter remembers.
struct ResidualState {
    std::uint64_t samples{0};
    std::uint64_t clipped{0};
    KPMSIM_FIELDS(samples, clipped);
};

/// Reads residual currents, window by window.
class ResidualMeter {
public:
    ResidualMeter(const ResidualInput& input, Random noise) : input_{input}, noise_{noise} {}

    /// `channel` of the block holds fractions of the input's full scale.
    double push(const SampleBlock& block, int channel);
    std::uint64_t clipped() const { return state_.clipped; }

    const ResidualState& state() const { return state_; }
    void restore(const ResidualState& state) { state_ = state; }

private:
    ResidualInput input_;
    Random noise_;
    ResidualState state_;
};

} // namespace kpmsim
