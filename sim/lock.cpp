#include "sim/lock.hpp"

#include "sim/kernels.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace kpmsim {

namespace {

constexpr double lowest_hz = 40;
constexpr double highest_hz = 70;

int cycles_at(double f_hz, int now) {
    if (f_hz >= 55.5)
        return 12;
    if (f_hz <= 54.5)
        return 10;
    return now;
}

/// A window keeps its length while that is right to so much. Where cycles count as alike
/// (SampleBlock::coherent), what a window slips goes unseen until the next one's start, and f comes
/// out wrong by 3/4 of what two lengths differ by: rounded alone, they would go round in a ring of
/// three. A slip of 0.8 ns is 5.6e-8 of a turn at 70 Hz, and still counts as none.
constexpr double held_ns = 0.8;

SimDuration length_of(int cycles, double f_hz) {
    return SimDuration{std::llround(cycles * 1e9 / f_hz)};
}

SimDuration length_of(int cycles, double f_hz, const Window& last) {
    const double away = cycles * 1e9 / f_hz - static_cast<double>(last.length.count());
    return cycles == last.cycles && std::abs(away) < held_ns ? last.length
                                                             : length_of(cycles, f_hz);
}

/// Rms without DC, of a full-scale sine 1.
double rms_of(std::span<const double> x) {
    const auto [sum, square] = kernels::sum_and_square(x.data(), static_cast<int>(x.size()));
    const double n = static_cast<double>(x.size());
    return std::sqrt(std::max(0.0, 2 * (square - sum * sum / n) / n));
}

} // namespace

SampleLock::SampleLock(double nominal_hz) noexcept
    : f_hz_{std::clamp(nominal_hz, lowest_hz, highest_hz)} {
    next_.cycles = f_hz_ < 55 ? 10 : 12;
    next_.length = length_of(next_.cycles, f_hz_);
}

Window SampleLock::next() const noexcept { return next_; }

void SampleLock::start_at(SimTime start) noexcept {
    next_.start = start;
    frequency_.forget();
}

void SampleLock::push(const SampleBlock& block) noexcept {
    assert(block.voltages >= 1 && block.voltages <= 3 && block.channels >= block.voltages);
    std::array<double, 3> rms{};
    for (int c = 0; c < block.voltages; ++c)
        rms[static_cast<std::size_t>(c)] = rms_of(block.channel(c));
    channel_ = strongest_voltage(rms, channel_);
    if (channel_ < 0)
        frequency_.forget();
    else
        f_hz_ = std::clamp(frequency_.push(block.window, channel_, block.channel(channel_)),
                           lowest_hz, highest_hz);
    next_.start = block.window.end();
    next_.cycles = cycles_at(f_hz_, block.window.cycles);
    next_.length = length_of(next_.cycles, f_hz_, block.window);
}

void SampleLock::pass(std::int64_t windows, double turns) noexcept {
    const SimDuration by = windows * next_.length;
    next_.start += by;
    frequency_.pass(by, static_cast<double>(windows) * turns);
}

double SampleLock::f_hz() const noexcept { return f_hz_; }

bool SampleLock::valid() const noexcept {
    return next_.valid() && (next_.cycles == 10 || next_.cycles == 12) &&
           next_.length > SimDuration::zero() && next_.length <= length_of(10, lowest_hz) &&
           f_hz_ >= lowest_hz && f_hz_ <= highest_hz && channel_ >= -1 && channel_ < 3;
}

} // namespace kpmsim
