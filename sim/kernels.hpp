#pragma once

#include "sim/kernel_level.hpp"

#include <cstdint>

namespace kpmsim {

/// What the samples' noise is hashed from besides the sample's index.
struct NoiseKey {
    std::uint32_t a, b;
};

/// From a sample to a code: code = x * scale + offset (+ noise), all in codes.
struct CodeScale {
    double scale;
    double offset;
    double noise; ///< codes per unit of the sum of four 8-bit numbers
};

/// A phasor sum; plain, so that the kernels' arithmetic is what is written.
struct PhasorSum {
    double re{0};
    double im{0};
};

struct SumAndSquare {
    double sum{0};
    double square{0};
};

/// The meter's loops that run once a sample (see kernel_level.hpp).
namespace kernels {

/// Converts n samples, which must be numbers. Returns how many clipped.
int convert_clean(const double* x, int n, const CodeScale& s, std::int32_t* codes);
/// Converts n samples `times` over, each time with noise of its own; `first` is the low half of the
/// index of the first and must not wrap within times * n.
int convert_noisy(const double* x, int n, int times, const CodeScale& s, const NoiseKey& key,
                  std::uint32_t first, std::int32_t* codes);

/// fold[k] = sum of x[k + 128 m] over the cycles. |x| < 2^23 and cycles <= 12: it stays below 2^27.
void fold(const std::int32_t* x, int cycles, std::int32_t* fold);
/// Sum of squares over whole cycles; the same bounds: it stays below 2^57.
std::int64_t square(const std::int32_t* x, int cycles);
/// Sum of x * y over whole cycles; the same bounds.
std::int64_t product(const std::int32_t* x, const std::int32_t* y, int cycles);

/// Sum of x[n] * (cosine[n] - j sine[n]) over 64 samples.
PhasorSum correlate_half_cycle(const double* x, const double* cosine, const double* sine);

/// Sums of x and of its squares over n samples, a multiple of 8.
SumAndSquare sum_and_square(const double* x, int n);

} // namespace kernels

} // namespace kpmsim
