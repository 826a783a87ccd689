#pragma once

#include "waveforms/supply.hpp"

#include <complex>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace kpmsim {

/// A supply's voltage as its description has it, in long doubles from the specification alone: the
/// frequency integrated, the levels multiplied, notches cut, the rest added. No drift, no noise.
///
/// unit    V
/// error   what long doubles round; its frequencies are those that whole steps of 2^-64 turn a nanosecond mean
class PaperSupply {
public:
    static constexpr long double pi = 3.14159265358979323846264338327950288L;

    explicit PaperSupply(SupplySpec spec) : spec_{std::move(spec)} {}

    /// Turns of phase a since SimTime{}, `ns` after `from`.
    long double turns(SimTime from, long double ns) const;
    /// Of one phase, `ns` after `from`.
    long double volts(std::size_t phase, SimTime from, long double ns) const;
    /// In row n of a window.
    long double row(std::size_t phase, const Window& window, int n) const {
        return volts(phase, window.start,
                     static_cast<long double>(window.length.count()) * n / window.samples());
    }

private:
    using Complex = std::complex<long double>;
    /// Orders from 0 on, rms in V, turned so that the phase's own fundamental stands at 0.
    using Wave = std::vector<Complex>;

    /// `on`: a bit for each disturbance that is on.
    const Wave& wave(std::size_t phase, std::uint64_t on) const;
    Wave cut(const Disturbance& notches, const Wave& whole) const;

    SupplySpec spec_;
    mutable std::map<std::pair<std::size_t, std::uint64_t>, Wave> waves_;
};

} // namespace kpmsim
