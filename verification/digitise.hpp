#pragma once

#include "sim/random.hpp"
#include "verification/kind.hpp"

#include <cstdint>
#include <span>

namespace kpmsim {

/// A channel's converter for measures that take samples and not codes: puts 24 bits and the mode's
/// noise on rows that are fractions of full scale.
class Digitiser {
public:
    Digitiser(Mode mode, const Random& stream) : Digitiser{noise_of(mode), stream} {}
    Digitiser(double noise_rms, const Random& stream) : noise_rms_{noise_rms}, stream_{stream} {}

    void operator()(std::span<double> rows);
    int clipped() const { return clipped_; }

private:
    double noise_rms_;
    Random stream_;
    std::uint64_t done_{0};
    int clipped_{0};
};

} // namespace kpmsim
