#include "quality/harmonic_groups.hpp"

#include <cassert>
#include <cmath>

namespace kpmsim {

namespace {

double squares(const BinSpectrum& s, int first, int last) {
    double sum = 0;
    for (int k = first; k <= last; ++k)
        sum += s.rms(k) * s.rms(k);
    return sum;
}

double distortion(const BinSpectrum& s, int last, double (*part)(const BinSpectrum&, int)) {
    assert(last <= max_group_order);
    const double fundamental = part(s, 1);
    double sum = 0;
    for (int order = 2; order <= last; ++order)
        sum += part(s, order) * part(s, order);
    return fundamental > 0 ? std::sqrt(sum) / fundamental : 0;
}

} // namespace

double harmonic(const BinSpectrum& s, int order) { return s.rms(order * s.cycles); }

double harmonic_subgroup(const BinSpectrum& s, int order) {
    const int k = order * s.cycles;
    return std::sqrt(squares(s, k - 1, k + 1));
}

double harmonic_group(const BinSpectrum& s, int order) {
    const int k = order * s.cycles;
    const int half = s.cycles / 2;
    const double ends = squares(s, k - half, k - half) + squares(s, k + half, k + half);
    return std::sqrt(ends / 2 + squares(s, k - half + 1, k + half - 1));
}

double interharmonic_group(const BinSpectrum& s, int order) {
    const int k = order * s.cycles;
    return std::sqrt(squares(s, k + 1, k + s.cycles - 1));
}

double interharmonic_subgroup(const BinSpectrum& s, int order) {
    const int k = order * s.cycles;
    return std::sqrt(squares(s, k + 2, k + s.cycles - 2));
}

double thd(const BinSpectrum& s, int last) { return distortion(s, last, harmonic); }
double thd_groups(const BinSpectrum& s, int last) { return distortion(s, last, harmonic_group); }
double thd_subgroups(const BinSpectrum& s, int last) {
    return distortion(s, last, harmonic_subgroup);
}

double HarmonicSmoothing::push(double rms, double window_s) noexcept {
    value_ += begun_ ? -std::expm1(-window_s / 1.5) * (rms - value_) : rms - value_;
    begun_ = true;
    return value_;
}

} // namespace kpmsim
