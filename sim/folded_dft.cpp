// Bin h * cycles of the DFT over `cycles` cycles is bin h of the DFT of the cycles added up:
//
//   sum over n of x[n] e^(-j 2 pi h cycles n / (128 cycles))
//     = sum over k < 128 of (sum over m of x[k + 128 m]) e^(-j 2 pi h k / 128)
//
// With x = sqrt2 Im{X e^(j h theta)} that bin is F = 64 cycles sqrt2 X / j, so X = j F / (64 cycles
// sqrt2).
//
// FFTW_ESTIMATE, not MEASURE: a measured plan may be another one, with other last bits, in the next
// run.
#include "sim/folded_dft.hpp"

#include <fftw3.h>

#include <mutex>
#include <numbers>

namespace kpmsim {

namespace {

struct alignas(64) Scratch {
    double in[samples_per_cycle];
    fftw_complex out[samples_per_cycle / 2 + 1];
};

/// Made once; executing it on other arrays of the same alignment is thread-safe, planning is not.
fftw_plan plan() {
    static std::once_flag once;
    static fftw_plan made = nullptr;
    std::call_once(once, [] {
        static Scratch scratch;
        made = fftw_plan_dft_r2c_1d(samples_per_cycle, scratch.in, scratch.out, FFTW_ESTIMATE);
    });
    return made;
}

} // namespace

void folded_dft(std::span<const std::int32_t, samples_per_cycle> fold, int cycles, double unit,
                Phasors& out) {
    thread_local Scratch scratch;
    for (std::size_t k = 0; k < samples_per_cycle; ++k)
        scratch.in[k] = static_cast<double>(fold[k]);
    fftw_execute_dft_r2c(plan(), scratch.in, scratch.out);
    const double scale = unit / (64.0 * cycles * std::numbers::sqrt2);
    out[0] = 0;
    for (std::size_t h = 1; h <= max_harmonic; ++h)
        out[h] = {-scratch.out[h][1] * scale, scratch.out[h][0] * scale}; // j times the bin
}

} // namespace kpmsim
