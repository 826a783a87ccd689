// With P rows per cycle, any P consecutive rows of a steady wave have the same sum of squares, so a
// row is near enough for the beginning; what matters is that the beginning stays put.
//
// Where the fundamental crosses zero. Each cycle of rows gives F = sum x[n] e^(-j 2 pi n / P). For
// x[n] = A sin(2 pi (n - c) / P) that is A P / 2j e^(-j 2 pi c / P), so c = -arg(j F) P / 2 pi,
// taken modulo half a cycle because either crossing will do. Other harmonics do not enter.
//
// A dip that begins in the middle of a cycle spoils the c of that cycle. The median of the last nine
// cycles does not see one or two spoilt ones at all, and follows a jump of the phase after five.
// Cycles of hardly any voltage are not noted: during an interruption the beginnings march on.
#include "quality/half_cycle_rms.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace kpmsim {

namespace {

constexpr double least_strength = 0.02; // of the strongest cycle in memory

/// x modulo `period`, nearest to zero.
double wrapped(double x, double period) { return x - period * std::floor(x / period + 0.5); }

} // namespace

HalfCycleRms::HalfCycleRms(int rows_per_cycle)
    : rows_per_cycle_{rows_per_cycle}, ring_(static_cast<std::size_t>(2 * rows_per_cycle)) {
    assert(rows_per_cycle >= 4 && rows_per_cycle % 2 == 0);
    for (int n = 0; n < rows_per_cycle; ++n) {
        const double angle = 2 * std::numbers::pi * n / rows_per_cycle;
        cos_.push_back(std::cos(angle));
        sin_.push_back(std::sin(angle));
    }
}

void HalfCycleRms::note_cycle() noexcept {
    const double strength = std::hypot(re_, im_);
    const std::size_t known = std::min(cycles_noted_, memory);
    const double strongest =
        known == 0 ? 0.0 : *std::max_element(strengths_.begin(), strengths_.begin() + known);
    if (strength > 0 && strength >= least_strength * strongest) {
        const double c = -std::atan2(re_, -im_) / (2 * std::numbers::pi); // arg(j F)
        offsets_[cycles_noted_ % memory] = c * static_cast<double>(rows_per_cycle_);
        strengths_[cycles_noted_ % memory] = strength;
        ++cycles_noted_;
    }
    re_ = im_ = 0;
}

double HalfCycleRms::crossing() const noexcept {
    const double half = static_cast<double>(rows_per_cycle_) / 2;
    const std::size_t known = std::min(cycles_noted_, memory);
    const double origin = offsets_[(cycles_noted_ - 1) % memory];
    std::array<double, memory> off{};
    for (std::size_t n = 0; n < known; ++n)
        off[n] = wrapped(offsets_[n] - origin, half);
    const auto middle = off.begin() + static_cast<std::ptrdiff_t>(known / 2);
    std::nth_element(off.begin(), middle, off.begin() + static_cast<std::ptrdiff_t>(known));
    return origin + *middle;
}

double HalfCycleRms::rms_from(std::int64_t row) const noexcept {
    double squares = 0;
    for (std::int64_t n = row; n < row + rows_per_cycle_; ++n) {
        const double x = ring_[static_cast<std::size_t>(n % (2 * rows_per_cycle_))];
        squares += x * x;
    }
    return std::sqrt(squares / static_cast<double>(rows_per_cycle_));
}

void HalfCycleRms::push(std::span<const double> rows, std::vector<HalfCycle>& out) {
    const std::int64_t half = rows_per_cycle_ / 2;
    for (const double x : rows) {
        const auto in_cycle = static_cast<std::size_t>(row_ % rows_per_cycle_);
        ring_[static_cast<std::size_t>(row_ % (2 * rows_per_cycle_))] = x;
        re_ += x * cos_[in_cycle];
        im_ -= x * sin_[in_cycle];
        ++row_;
        if (row_ % rows_per_cycle_ == 0) {
            note_cycle();
            if (next_ < 0 && cycles_noted_ > 0) {
                const double offset = crossing();
                next_ = row_ - rows_per_cycle_ + ((std::llround(offset) % half + half) % half);
            }
        }
        if (next_ >= 0 && row_ == next_ + rows_per_cycle_) {
            out.push_back({next_, rms_from(next_)});
            // One row's worth of hesitation, or a crossing between two rows would jitter.
            const double off =
                wrapped(crossing() - static_cast<double>(next_), static_cast<double>(half));
            next_ += half + (std::abs(off) > 0.75 ? std::llround(off) : 0);
        }
    }
}

} // namespace kpmsim
