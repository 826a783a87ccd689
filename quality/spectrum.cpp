// With x = sqrt2 Im{X e^(j 2 pi k n / N)} over N rows the DFT's bin is F = N sqrt2 X / 2j, so
// X = j sqrt2 F / N; the bin of DC is N times DC.
//
// FFTW_ESTIMATE, not MEASURE: a measured plan may be another one, with other last bits, in the next
// run. FFTW_UNALIGNED, because the rows come from anywhere.
#include "quality/spectrum.hpp"

#include <fftw3.h>

#include <cassert>
#include <mutex>
#include <numbers>

namespace kpmsim {

namespace {

/// Executing a plan is thread-safe, planning is not.
fftw_plan make_plan(int rows) {
    static std::mutex planning;
    const std::lock_guard lock{planning};
    std::vector<double> in(static_cast<std::size_t>(rows));
    std::vector<std::complex<double>> out(static_cast<std::size_t>(rows / 2 + 1));
    return fftw_plan_dft_r2c_1d(rows, in.data(), reinterpret_cast<fftw_complex*>(out.data()),
                                FFTW_ESTIMATE | FFTW_UNALIGNED | FFTW_PRESERVE_INPUT);
}

fftw_plan plan_for(int cycles) {
    static const fftw_plan ten = make_plan(10 * samples_per_cycle);
    static const fftw_plan twelve = make_plan(12 * samples_per_cycle);
    return cycles == 10 ? ten : twelve;
}

} // namespace

BinSpectrum spectrum_of(std::span<const double> rows, int cycles) {
    assert(cycles == 10 || cycles == 12);
    assert(rows.size() == static_cast<std::size_t>(cycles * samples_per_cycle));
    BinSpectrum s{cycles, std::vector<std::complex<double>>(rows.size() / 2 + 1)};
    // FFTW takes no pointer to const, but PRESERVE_INPUT keeps its hands off.
    fftw_execute_dft_r2c(plan_for(cycles), const_cast<double*>(rows.data()),
                         reinterpret_cast<fftw_complex*>(s.bins.data()));
    const auto n = static_cast<double>(rows.size());
    s.bins[0] /= n;
    for (std::size_t k = 1; k < s.bins.size(); ++k)
        s.bins[k] *= std::complex<double>{0, std::numbers::sqrt2 / n};
    s.bins.pop_back(); // half the sampling rate: has no phase
    return s;
}

} // namespace kpmsim
