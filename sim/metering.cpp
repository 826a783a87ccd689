// One window through one meter: codes -> exact sums -> readings -> registers.
//
// With codes |x| < 2^23 and N <= 1536 samples, sum x y < 2^57: an int64 holds it exactly, and so
// the order of the additions, the width of the vectors and the cutting into cycles cannot show. The
// mean is taken out afterwards, N sum xy - sum x sum y < 2^68, in 128 bits: still exact. A coherent
// window's sums are those of one cycle times the number of cycles: the same integers.
//
// What a transformer does wrong at a level is known once the window's rms is: its gain scales the
// unit of a code, its lag d turns order h by d / h (a core's magnetising current is d of the
// primary at the fundamental and falls with the order), and P changes by what the turn changes in
// sum Re(U_h conj(I_h)). Orders above 31 are not turned.
//
// A clock that runs fast by e puts the moment t at t (1 + e): windows are longer by it, f is lower
// and energy, power times the clock's time, is more. Sampling follows the mains, not the crystal.
#include "sim/metering.hpp"
#include "sim/demand.hpp"
#include "sim/energy.hpp"
#include "sim/folded_dft.hpp"
#include "sim/frequency.hpp"
#include "sim/kernels.hpp"
#include "sim/readings.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace kpmsim {

namespace {

__extension__ typedef __int128 Int128;

/// A fundamental below this part of a full-scale sine counts as none: 17 dB above what the noise of
/// an ADE9000-like converter leaves in a window's bin, 60 dB below the smallest start current.
constexpr double dead_fraction = 1e-5;

/// One channel's codes in one window; `cycles` of them stand for `times` as many.
struct Channel {
    alignas(64) std::array<std::int32_t, max_samples_per_window> codes;
    alignas(64) std::array<std::int32_t, samples_per_cycle> fold;
    int cycles;
    int times;
    std::int64_t sum;
    std::int64_t square;
    double unit; ///< V or A at the primary per code
};

/// Kept between windows only to save making it: nothing of one window is read in the next.
struct Scratch {
    std::array<Channel, 3> u;
    std::array<Channel, 3> i;
    alignas(64) std::array<double, max_samples_per_window> followed; ///< the voltage that f is of
};

Scratch& scratch() {
    thread_local Scratch scratch;
    return scratch;
}

/// Mean of (x - mean x)(y - mean y), in codes squared.
double covariance(std::int64_t xy, std::int64_t x, std::int64_t y, int samples) {
    const Int128 n = samples;
    const Int128 exact = n * xy - static_cast<Int128>(x) * y;
    return static_cast<double>(exact) / (static_cast<double>(samples) * samples);
}

double variance(const Channel& x, int samples) {
    return covariance(x.square, x.sum, x.sum, samples);
}

double covariance(const Channel& x, const Channel& y, int samples) {
    // One may be coherent and the other not, when only one has noise.
    std::int64_t xy = 0;
    if (x.cycles == y.cycles)
        xy = kernels::product(x.codes.data(), y.codes.data(), x.cycles) * x.times;
    else {
        const Channel& shorter = x.cycles < y.cycles ? x : y;
        const Channel& longer = x.cycles < y.cycles ? y : x;
        for (int m = 0; m < longer.cycles; ++m)
            xy += kernels::product(shorter.codes.data(),
                                   longer.codes.data() + m * samples_per_cycle, 1);
    }
    return covariance(xy, x.sum, y.sum, samples);
}

/// Of x - y, at the primary.
double rms_of_difference(const Channel& x, const Channel& y, int samples) {
    const double square = x.unit * x.unit * variance(x, samples) +
                          y.unit * y.unit * variance(y, samples) -
                          2 * x.unit * y.unit * covariance(x, y, samples);
    return std::sqrt(std::max(square, 0.0));
}

double rms(const Channel& x, int samples) { return x.unit * std::sqrt(variance(x, samples)); }

/// What a lag does to a current's orders; returns the change. The series are good to 2e-12 at
/// 0.1 rad, and the same on every machine.
Phasors turn(Phasors& x, double lag_rad) {
    Phasors change{};
    for (std::size_t h = 1; h < x.size(); ++h) {
        const double d = lag_rad / static_cast<double>(h);
        const double d2 = d * d;
        const std::complex<double> less_one{
            -d2 * (1.0 / 2 - d2 * (1.0 / 24 - d2 * (1.0 / 720 - d2 / 40320))),
            -d * (1 - d2 * (1.0 / 6 - d2 * (1.0 / 120 - d2 / 5040)))};
        change[h] = x[h] * less_one;
        x[h] += change[h];
    }
    return change;
}

/// Sum over the orders of Re(x conj(y)).
double real_product(const Phasors& x, const Phasors& y) {
    double sum = 0;
    for (std::size_t h = 1; h < x.size(); ++h)
        sum += x[h].real() * y[h].real() + x[h].imag() * y[h].imag();
    return sum;
}

double q_of(const Phasors& u, const Phasors& i) { return std::imag(u[1] * std::conj(i[1])); }

Phasors combined(const Phasors& x, const Phasors& y, double sign_x, double sign_y) {
    Phasors out;
    for (std::size_t h = 0; h < out.size(); ++h)
        out[h] = sign_x * x[h] + sign_y * y[h];
    return out;
}

void sum_up(Channel& x, const Window& window, int rows, double unit) {
    x.cycles = rows / samples_per_cycle;
    x.times = window.cycles / x.cycles;
    x.square = kernels::fold_and_square(x.codes.data(), x.cycles, x.fold.data()) * x.times;
    if (x.times > 1)
        for (std::int32_t& sum : x.fold)
            sum *= x.times;
    x.sum = std::accumulate(x.fold.begin(), x.fold.end(), std::int64_t{0});
    x.unit = unit;
}

} // namespace

struct Metering::Parts {
    struct Loop {
        MeterState state;
        EnergyMeter energy;
        DemandMeter demand;
    };

    MeteringConfig config;
    MeteringSettings settings;
    Random noise;
    std::vector<Loop> loops;
    FrequencyMeter frequency;
    int followed{-1}; ///< the voltage that f is of
    std::uint64_t samples{0};
    std::array<std::uint64_t, max_channels> clipped{}; ///< samples, since the start
    unsigned clip{0};                                  ///< bit c: channel c did in this window

    double ratio(int channel) const {
        return channel < 3 ? settings.pt : settings.ct[static_cast<std::size_t>((channel - 3) / 3)];
    }
    const AdcChannel& adc(int channel) const {
        return config.adc[static_cast<std::size_t>(channel)];
    }
    /// Primary rms that a full-scale sine at the channel would have, times `fraction`.
    double of_full_scale(int channel, double fraction) const {
        return fraction * adc(channel).full_scale * ratio(channel) / std::numbers::sqrt2;
    }

    /// The window by the meter's own clock.
    Window by_own_clock(const Window& window) const {
        if (config.clock_error == 0)
            return window;
        const auto own = [&](SimTime t) {
            const auto ns = static_cast<double>(t.time_since_epoch().count());
            return t + SimDuration{std::llround(ns * config.clock_error)};
        };
        return {own(window.start), own(window.end()) - own(window.start), window.cycles};
    }
    void read(const SampleBlock& block, int channel, Channel& x);
    VoltageWindow voltages(const SampleBlock& block, Scratch& s);
    double follow(const Window& window, Scratch& s, const std::array<double, 3>& terminal_rms);
    CurrentWindow currents(const SampleBlock& block, int loop, const VoltageWindow& u, Scratch& s);
};

void Metering::Parts::read(const SampleBlock& block, int channel, Channel& x) {
    const Codes codes = convert(block, channel, adc(channel), noise, samples, x.codes);
    if (codes.report.clipped > 0) {
        clip |= 1u << channel;
        clipped[static_cast<std::size_t>(channel)] +=
            static_cast<std::uint64_t>(codes.report.clipped) *
            static_cast<std::uint64_t>(block.window.samples() / codes.rows);
    }
    sum_up(x, block.window, codes.rows, adc(channel).full_scale * ratio(channel) * 0x1p-23);
}

VoltageWindow Metering::Parts::voltages(const SampleBlock& block, Scratch& s) {
    const int n = block.window.samples();
    VoltageWindow u;
    u.star = config.wiring == Wiring::p4l;
    std::array<double, 3> channel_rms{};
    std::array<double, 3> of_full{}; // of a full-scale sine
    for (int c = 0; c < 3; ++c) {
        const auto i = static_cast<std::size_t>(c);
        read(block, c, s.u[i]);
        folded_dft(s.u[i].fold, block.window.cycles, s.u[i].unit, u.x[i]);
        channel_rms[i] = rms(s.u[i], n);
        of_full[i] = channel_rms[i] / of_full_scale(c, 1);
        u.dead[i] = of_full_scale(c, dead_fraction);
    }
    if (u.star) {
        u.phase_rms = channel_rms;
        u.line_rms = {rms_of_difference(s.u[0], s.u[1], n), rms_of_difference(s.u[1], s.u[2], n),
                      rms_of_difference(s.u[2], s.u[0], n)};
    } else { // the channels hold Uab, nothing, Ucb
        u.line_rms = {channel_rms[0], channel_rms[2], rms_of_difference(s.u[2], s.u[0], n)};
        const Phasors ab = u.x[0];
        const Phasors cb = u.x[2];
        u.x[1] = combined(ab, cb, 0, -1);
        u.x[2] = combined(ab, cb, -1, 1);
        u.dead[1] = u.dead[2];
        of_full[1] = 0;
    }
    u.f_hz = follow(by_own_clock(block.window), s, of_full);
    return u;
}

/// f of the strongest voltage, 0 without one.
double Metering::Parts::follow(const Window& window, Scratch& s,
                               const std::array<double, 3>& terminal_rms) {
    followed = strongest_voltage(terminal_rms, followed);
    if (followed < 0) {
        frequency.forget();
        return 0;
    }
    const Channel& x = s.u[static_cast<std::size_t>(followed)];
    const auto rows = static_cast<std::size_t>(x.cycles) * samples_per_cycle;
    for (std::size_t k = 0; k < rows; ++k)
        s.followed[k] = static_cast<double>(x.codes[k]);
    return frequency.push(window, followed, std::span{s.followed}.first(rows));
}

CurrentWindow Metering::Parts::currents(const SampleBlock& block, int loop, const VoltageWindow& u,
                                        Scratch& s) {
    const int n = block.window.samples();
    const double ct = settings.ct[static_cast<std::size_t>(loop)];
    const double start_a = settings.start_current_a[static_cast<std::size_t>(loop)] * ct;
    const bool b_is_worked_out = config.wiring == Wiring::p3l2;
    CurrentWindow i;
    std::array<Phasors, 3> change; // by a lag that hangs on the level
    std::array<bool, 3> changed{};
    for (int c = 0; c < 3; ++c) {
        const auto k = static_cast<std::size_t>(c);
        const int channel = 3 + 3 * loop + c;
        i.dead[k] = of_full_scale(channel, dead_fraction);
        if (c == 1 && b_is_worked_out)
            continue;
        read(block, channel, s.i[k]);
        const LevelErrors& errors = config.level[static_cast<std::size_t>(channel)];
        LevelError error;
        if (errors != LevelErrors{}) {
            const double rated = ct * config.rated_a[static_cast<std::size_t>(loop)];
            error = errors.at(rms(s.i[k], n) / rated);
            s.i[k].unit *= 1 + error.gain;
        }
        folded_dft(s.i[k].fold, block.window.cycles, s.i[k].unit, i.x[k]);
        i.rms[k] = rms(s.i[k], n);
        changed[k] = error.phase_rad != 0;
        if (changed[k])
            change[k] = turn(i.x[k], error.phase_rad);
    }
    if (b_is_worked_out) { // Ib = -(Ia + Ic)
        s.i[2].unit = -s.i[2].unit;
        i.rms[1] = rms_of_difference(s.i[0], s.i[2], n);
        s.i[2].unit = -s.i[2].unit;
        if (changed[0] || changed[2]) {
            const Phasors a = changed[0] ? combined(i.x[0], change[0], 1, -1) : i.x[0];
            const Phasors c = changed[2] ? combined(i.x[2], change[2], 1, -1) : i.x[2];
            const double more = 2 * (real_product(i.x[0], i.x[2]) - real_product(a, c));
            i.rms[1] = std::sqrt(std::max(i.rms[1] * i.rms[1] + more, 0.0));
        }
        i.x[1] = combined(i.x[0], i.x[2], -1, -1);
    }

    for (std::size_t k = 0; k < 3; ++k)
        i.started[k] = i.rms[k] >= start_a;
    if (!u.star)
        i.started.fill(i.started[0] || i.started[1] || i.started[2]);
    const auto p_of = [&](std::size_t k) {
        double p = s.u[k].unit * s.i[k].unit * covariance(s.u[k], s.i[k], n);
        if (changed[k]) // three-wire: the third voltage is Ucb = -Ubc
            p += u.star || k == 0 ? real_product(u.x[k], change[k])
                                  : -real_product(u.x[1], change[k]);
        return p;
    };
    if (u.star) {
        for (std::size_t k = 0; k < 3; ++k)
            if (i.started[k]) {
                i.p_w[k] = p_of(k);
                i.q_var[k] = q_of(u.x[k], i.x[k]);
            }
    } else if (i.started[0]) { // two wattmeters, B the common line; Ucb = -Ubc
        i.p_w[0] = p_of(0) + p_of(2);
        i.q_var[0] = q_of(u.x[0], i.x[0]) - q_of(u.x[1], i.x[2]);
    }
    return i;
}

Metering::Metering(const MeteringConfig& config, const MeteringSettings& settings, Random noise)
    : parts_{std::make_unique<Parts>(Parts{config, {}, noise, {}, {}})} {
    assert(config.loops >= 1 && config.loops <= max_loops);
    parts_->loops.resize(static_cast<std::size_t>(config.loops));
    apply(settings);
}

Metering::~Metering() = default;
Metering::Metering(Metering&&) noexcept = default;
Metering& Metering::operator=(Metering&&) noexcept = default;

void Metering::apply(const MeteringSettings& settings) {
    parts_->settings = settings;
    for (Parts::Loop& loop : parts_->loops)
        loop.demand.set_minutes(settings.demand_minutes);
}

void Metering::clear_energy() {
    for (Parts::Loop& loop : parts_->loops) {
        loop.state.energy = {};
        loop.energy.clear();
    }
}

void Metering::clear_demand_maxima() {
    for (Parts::Loop& loop : parts_->loops)
        DemandMeter::clear_maxima(loop.state.demand);
}

void Metering::push(const SampleBlock& block, const MeteringMoment& moment) {
    assert(block.channels >= parts_->config.channels());
    Parts& parts = *parts_;
    Scratch& s = scratch();
    parts.clip = 0;
    const VoltageWindow u = parts.voltages(block, s);
    const SimDuration length = parts.by_own_clock(block.window).length;
    Readings& first = parts.loops.front().state.readings;
    voltage_readings(u, first);
    for (int n = 0; n < parts.config.loops; ++n) {
        Parts::Loop& loop = parts.loops[static_cast<std::size_t>(n)];
        if (n > 0)
            loop.state.readings = first; // its currents are overwritten below
        const CurrentWindow i = parts.currents(block, n, u, s);
        Readings& r = loop.state.readings;
        current_readings(u, i, r);
        r[Slot::temp] = parts.config.temperature_c[static_cast<std::size_t>(n)];
        loop.energy.count({i.p_w, i.q_var, r[Slot::s], u.star}, length, moment.tariff,
                          loop.state.energy);
        loop.demand.push(r, length, moment.rtc, loop.state.demand);
        loop.state.clip.add(parts.clip & 7u, parts.clip >> (3 + 3 * n) & 7u);
        loop.state.at = block.window.end();
        ++loop.state.window;
    }
    parts.samples += static_cast<std::uint64_t>(block.window.samples());
}

const MeteringConfig& Metering::config() const { return parts_->config; }
int Metering::loops() const { return parts_->config.loops; }

const MeterState& Metering::state(int loop) const {
    assert(loop >= 0 && loop < loops());
    return parts_->loops[static_cast<std::size_t>(loop)].state;
}

std::uint64_t Metering::clipped() const {
    return std::accumulate(parts_->clipped.begin(), parts_->clipped.end(), std::uint64_t{0});
}

std::uint64_t Metering::clipped(int channel) const {
    return parts_->clipped.at(static_cast<std::size_t>(channel));
}

} // namespace kpmsim
