#pragma once

#include "sim/window.hpp"

#include <complex>
#include <span>
#include <vector>

namespace kpmsim {

/// The DFT of one window of 10 or 12 cycles: a bin each 1/10 or 1/12 of the fundamental (5 Hz).
///
/// x = bins[0] + sqrt(2) sum over k > 0 of Im{ bins[k] e^(j k theta / cycles) }, theta the phase of
/// the sample clock from the window's first row.
struct BinSpectrum {
    int cycles{10};
    std::vector<std::complex<double>> bins; // rms phasors, k from 0 to 64 cycles - 1

    /// The rms value of bin k; 0 beyond the last.
    double rms(int k) const {
        return k < static_cast<int>(bins.size()) ? std::abs(bins[static_cast<std::size_t>(k)]) : 0;
    }
};

/// shape   128 rows a cycle, `cycles` of 10 or 12 in one window, rectangular
/// unit    out = in, rms
/// error   rounding only: below 1e-14 of the greatest bin
/// source  IEC 61000-4-7, 4.4.1; docs/explanation/power-quality.md, "Groups"
/// Any thread may call it.
BinSpectrum spectrum_of(std::span<const double> rows, int cycles);

} // namespace kpmsim
