#pragma once

#include <cstdint>

// Versions for the machine at hand, chosen by the loader. Only GCC makes them, and a sanitizer
// cannot live with the choice.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(KPMSIM_ONE_KERNEL)
#define KPMSIM_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KPMSIM_KERNEL
#endif

namespace kpmsim {

/// What the samples' noise is hashed from besides the sample's index.
struct NoiseKey {
    std::uint32_t a, b, c;
};

/// From a sample to a code: code = x * scale + offset (+ noise), all in codes.
struct CodeScale {
    double scale;
    double offset;
    double noise; ///< codes per unit of the sum of four 16-bit numbers
};

/// A phasor sum; plain, so that the kernels' arithmetic is what is written.
struct PhasorSum {
    double re{0};
    double im{0};
};

/// The loops that run once a sample. Each is one plain loop along time that the compiler turns into
/// vectors; on x86 it does so three times (baseline, AVX2, AVX-512), and the loader picks. The
/// result has the same bits each time: sums are of integers, or are written out lane by lane, and
/// nothing is contracted to a fused multiply-add.
namespace kernels {

/// Converts n samples, which must be numbers. Returns how many clipped.
int convert_clean(const double* x, int n, const CodeScale& s, std::int32_t* codes);
/// As above with noise; `first` is the low half of the index of x[0] and must not wrap within n.
int convert_noisy(const double* x, int n, const CodeScale& s, const NoiseKey& key,
                  std::uint32_t first, std::int32_t* codes);

/// fold[k] = sum of x[k + 128 m] over the cycles; returns the sum of squares.
///
/// |x| < 2^23 and cycles <= 12: the fold stays below 2^27, the squares below 2^57.
std::int64_t fold_and_square(const std::int32_t* x, int cycles, std::int32_t* fold);
/// Sum of x * y over whole cycles; the same bounds.
std::int64_t product(const std::int32_t* x, const std::int32_t* y, int cycles);

/// Sum of x[n] * (cosine[n] - j sine[n]) over 64 samples.
PhasorSum correlate_half_cycle(const double* x, const double* cosine, const double* sine);

} // namespace kernels

} // namespace kpmsim
