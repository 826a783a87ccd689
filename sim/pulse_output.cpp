// A pulse is due each time that the energy has grown by 1 / k kWh. Energies are whole microjoules,
// so k times what came since the last pulse is an integer g; a window that brings b to it gives
// floor((g + b) / p) pulses, p = 3.6e12 PT CT, and leaves the rest for the next. Nothing is rounded
// but p itself where the ratio is not a whole number (3e-13 of it).
//
// Pulse n (from 0) is due when the window has brought p - g + n p of its b: at that part of its
// time, its power being taken as constant.
#include "sim/pulse_output.hpp"

#include "sim/guard.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

namespace {

__extension__ typedef __int128 Int128;

/// a b / c, rounded to nearest; none of them below 0.
std::int64_t times_over(std::int64_t a, std::int64_t b, std::int64_t c) {
    return static_cast<std::int64_t>((static_cast<Int128>(a) * b + c / 2) / c);
}

/// What a register gained; 0 where it went back.
std::int64_t gained_uj(const EnergyCount& before, const EnergyCount& now) {
    return std::max<std::int64_t>(0, (now.wh - before.wh) * EnergyCount::uj_per_wh +
                                         (now.uj - before.uj));
}

} // namespace

Pulse PulseTrain::operator[](std::int64_t n) const {
    guard(n >= 0 && n < count);
    const std::int64_t length = window.length.count();
    const SimDuration after{times_over(length, lacked + n * per_pulse, brought)};
    const SimDuration half_period{times_over(length, per_pulse, 2 * brought)};
    return {window.start + after, std::min(width, half_period)};
}

void PulseOutput::set(int constant, double ratio, SimDuration width) {
    guard(constant >= 1 && constant <= 100'000 && ratio > 0);
    const std::int64_t before = per_pulse_;
    constant_ = constant;
    per_pulse_ = std::max<std::int64_t>(1, std::llround(static_cast<double>(uj_per_kwh) * ratio));
    width_ = width;
    gathered_ = static_cast<std::int64_t>(static_cast<Int128>(gathered_) * per_pulse_ / before);
}

PulseTrain PulseOutput::push(const Window& window, const EnergyCount& import,
                             const EnergyCount& exported) {
    const std::int64_t uj = gained_uj(import_, import) + gained_uj(exported_, exported);
    import_ = import;
    exported_ = exported;
    guard(uj < INT64_MAX / constant_ - per_pulse_ / constant_);
    PulseTrain train;
    train.window = window;
    train.brought = constant_ * uj;
    train.lacked = per_pulse_ - gathered_;
    train.per_pulse = per_pulse_;
    train.width = width_;
    train.count = (gathered_ + train.brought) / per_pulse_;
    gathered_ = (gathered_ + train.brought) % per_pulse_;
    count_ += train.count;
    return train;
}

} // namespace kpmsim
