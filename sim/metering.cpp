// One window through one meter: sums -> readings -> registers (sim/window_sums.cpp has the way from
// the samples to the sums).
//
// What a transformer does wrong at a level is known once the window's rms is: its gain scales the
// unit of a code, its lag d turns order h by d / h (a core's magnetising current is d of the
// primary at the fundamental and falls with the order), and P changes by what the turn changes in
// sum Re(U_h conj(I_h)). Orders above 31 are not turned.
//
// A clock that runs fast by e puts the moment t at t (1 + e): windows are longer by it, f is lower
// and energy, power times the clock's time, is more. Sampling follows the mains, not the crystal.
#include "sim/archive.hpp"
#include "sim/guard.hpp"
#include "sim/metering_parts.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kpmsim {

namespace {

/// A fundamental below this part of a full-scale sine counts as none: 17 dB above what the noise of
/// an ADE9000-like converter leaves in a window's bin, 60 dB below the smallest start current.
constexpr double dead_fraction = 1e-5;

/// Of x - y at the primary, `xy` the mean product in codes.
double rms_of_difference(const SummedChannel& x, const SummedChannel& y, double xy) {
    const double square =
        x.unit * x.unit * x.square + y.unit * y.unit * y.square - 2 * x.unit * y.unit * xy;
    return std::sqrt(std::max(square, 0.0));
}

Phasors scaled(double unit, const Phasors& x) {
    Phasors out;
    for (std::size_t h = 0; h < out.size(); ++h)
        out[h] = unit * x[h];
    return out;
}

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

} // namespace

Metering::Parts::Scratch& Metering::Parts::scratch() {
    thread_local Scratch scratch;
    return scratch;
}

double Metering::Parts::follow(const Window& own, const WindowSums& sums, Scratch& s) {
    std::array<double, 3> of_full{}; // of a full-scale sine
    const bool three_wire = metered_phases(config.wiring) == 0;
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels.phases); ++c)
        if (!three_wire || c != 1)
            of_full[c] = std::sqrt(2 * sums.square[c]) * 0x1p-23;
    followed = strongest_voltage(of_full, followed);
    if (followed < 0) {
        frequency.forget();
        return 0;
    }
    const auto rows = s.codes.u[static_cast<std::size_t>(followed)].rows();
    for (std::size_t k = 0; k < rows.size(); ++k)
        s.followed[k] = static_cast<double>(rows[k]);
    return frequency.push(own, followed, std::span{s.followed}.first(rows.size()));
}

VoltageWindow Metering::Parts::voltages(const WindowSums& sums, double f_hz) const {
    VoltageWindow u;
    u.star = metered_phases(config.wiring) > 0;
    u.phases = channels.phases;
    u.f_hz = f_hz;
    std::array<SummedChannel, 3> of;
    for (int c = 0; c < u.phases; ++c) {
        const auto i = static_cast<std::size_t>(c);
        of[i] = channel(sums, c);
        u.x[i] = scaled(of[i].unit, sums.x[i]);
        u.dead[i] = of_full_scale(c, dead_fraction);
    }
    const auto line = [&](std::size_t c) {
        const std::size_t next = (c + 1) % 3;
        return rms_of_difference(of[c], of[next], sums.uu[c]);
    };
    if (u.phases == 1) {
        u.phase_rms[0] = of[0].rms();
    } else if (u.star) {
        u.phase_rms = {of[0].rms(), of[1].rms(), of[2].rms()};
        u.line_rms = {line(0), line(1), line(2)};
    } else { // the channels hold Uab, nothing, Ucb
        u.line_rms = {of[0].rms(), of[2].rms(), line(2)};
        const Phasors ab = u.x[0];
        const Phasors cb = u.x[2];
        u.x[1] = combined(ab, cb, 0, -1);
        u.x[2] = combined(ab, cb, -1, 1);
        u.dead[1] = u.dead[2];
    }
    return u;
}

CurrentWindow Metering::Parts::currents(const WindowSums& sums, int circuit, const VoltageWindow& u,
                                        double start_a) const {
    const auto at = static_cast<std::size_t>(circuit);
    const double ct = settings.ct[at];
    const bool b_is_worked_out = config.wiring == Wiring::p3l2;
    CurrentWindow i;
    std::array<SummedChannel, 3> of;
    std::array<Phasors, 3> change; // by a lag that hangs on the level
    std::array<bool, 3> changed{};
    const auto phases = static_cast<std::size_t>(u.phases);
    for (std::size_t k = 0; k < phases; ++k) {
        const int n = channels.current(circuit, static_cast<int>(k));
        i.dead[k] = of_full_scale(n, dead_fraction);
        if (k == 1 && b_is_worked_out)
            continue;
        of[k] = channel(sums, n);
        const LevelErrors& errors = config.level[static_cast<std::size_t>(n)];
        LevelError error;
        if (errors != LevelErrors{}) {
            error = errors.at(of[k].rms() / (ct * config.rated_a[at]));
            of[k].unit *= 1 + error.gain;
        }
        i.rms[k] = of[k].rms();
        if (reversed(circuit, k))
            of[k].unit = -of[k].unit; // a code is as much the other way
        i.x[k] = scaled(of[k].unit, sums.x[static_cast<std::size_t>(n)]);
        changed[k] = error.phase_rad != 0;
        if (changed[k])
            change[k] = turn(i.x[k], error.phase_rad);
    }
    if (b_is_worked_out) { // Ib = -(Ia + Ic)
        i.rms[1] = rms_of_difference(of[0], {-of[2].unit, of[2].square}, sums.ac[at]);
        if (changed[0] || changed[2]) {
            const Phasors a = changed[0] ? combined(i.x[0], change[0], 1, -1) : i.x[0];
            const Phasors c = changed[2] ? combined(i.x[2], change[2], 1, -1) : i.x[2];
            const double more = 2 * (real_product(i.x[0], i.x[2]) - real_product(a, c));
            i.rms[1] = std::sqrt(std::max(i.rms[1] * i.rms[1] + more, 0.0));
        }
        i.x[1] = combined(i.x[0], i.x[2], -1, -1);
    }

    if (channels.neutral) {
        const int n = channels.current(circuit, channels.phases);
        const double rms = channel(sums, n).rms();
        const LevelErrors& errors = config.level[static_cast<std::size_t>(n)];
        i.neutral_rms = rms * (1 + errors.at(rms / (ct * config.rated_a[at])).gain);
    }

    for (std::size_t k = 0; k < phases; ++k)
        i.started[k] = i.rms[k] >= start_a;
    if (!u.star)
        i.started.fill(i.started[0] || i.started[1] || i.started[2]);
    const auto p_of = [&](std::size_t k) {
        const int n = channels.current(circuit, static_cast<int>(k));
        double p = channel(sums, static_cast<int>(k)).unit * of[k].unit *
                   sums.ui[static_cast<std::size_t>(n)];
        if (changed[k]) // three-wire: the third voltage is Ucb = -Ubc
            p += u.star || k == 0 ? real_product(u.x[k], change[k])
                                  : -real_product(u.x[1], change[k]);
        return p;
    };
    if (u.star) {
        for (std::size_t k = 0; k < phases; ++k)
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
    : parts_{std::make_unique<Parts>(config, noise)} {
    guard(config.circuits >= 1 && config.circuits <= max_circuits);
    guard(!config.neutral || config.wiring == Wiring::one_phase);
    parts_->circuits.resize(static_cast<std::size_t>(config.circuits));
    apply(settings);
}

Metering::~Metering() = default;
Metering::Metering(Metering&&) noexcept = default;
Metering& Metering::operator=(Metering&&) noexcept = default;

void Metering::apply(const MeteringSettings& settings) {
    parts_->settings = settings;
    parts_->follow_settings();
    for (Parts::Circuit& circuit : parts_->circuits) {
        circuit.demand.set_minutes(settings.demand_minutes);
        circuit.demand.set_day(settings.demand_day);
    }
}

void Metering::clear_energy() {
    for (Parts::Circuit& circuit : parts_->circuits) {
        circuit.state.energy = {};
        circuit.energy.clear();
    }
}

void Metering::begin_energy(const EnergyRegisters& registers) {
    clear_energy();
    for (Parts::Circuit& circuit : parts_->circuits)
        circuit.state.energy = registers;
}

void Metering::clear_demand_maxima() {
    for (Parts::Circuit& circuit : parts_->circuits)
        DemandMeter::clear_maxima(circuit.state.demand);
}

CurrentWindow Metering::Parts::current_state(const WindowSums& sums, int circuit,
                                             const VoltageWindow& u, Readings& r) const {
    const CurrentWindow i = currents(sums, circuit, u, start_a(circuit));
    current_readings(u, i, r);
    r[Slot::temp] = config.temperature_c[static_cast<std::size_t>(circuit)];
    return i;
}

void Metering::Parts::observe(const SampleBlock& block) {
    guard(block.channels >= channels.size());
    Scratch& s = scratch();
    sum_window(block, config, noise, samples, s.codes, s.sums);
    const auto clips = [&](int first, int count) { // bit c: channel first + c did in this window
        unsigned bits = 0;
        for (int c = 0; c < count; ++c)
            bits |= s.sums.clipped[static_cast<std::size_t>(first + c)] > 0 ? 1u << c : 0u;
        return bits;
    };
    const VoltageWindow u = voltages(s.sums, follow(by_own_clock(block.window), s.sums, s));
    Readings& first = circuits.front().state.readings;
    voltage_readings(u, first);
    for (int n = 0; n < config.circuits; ++n) {
        MeterState& state = circuits[static_cast<std::size_t>(n)].state;
        if (n > 0)
            state.readings = first; // its currents are overwritten below
        current_state(s.sums, n, u, state.readings);
        state.clip.u = clips(0, channels.phases);
        state.clip.i = clips(channels.current(n, 0), channels.per_circuit());
        state.at = block.window.end();
    }
    samples += static_cast<std::uint64_t>(block.window.samples());
}

WindowPowers Metering::Parts::powers_of(const Readings& r) const {
    WindowPowers powers;
    powers.phases = metered_phases(config.wiring) > 0;
    powers.s_va = r[Slot::s];
    if (!powers.phases) {
        powers.p_w[0] = r[Slot::p];
        powers.q_var[0] = r[Slot::q];
        return powers;
    }
    for (int c = 0; c < 3; ++c) {
        powers.p_w[static_cast<std::size_t>(c)] = r[slot_at(Slot::p_a, c)];
        powers.q_var[static_cast<std::size_t>(c)] = r[slot_at(Slot::q_a, c)];
    }
    return powers;
}

void Metering::begin(const SampleBlock& block, CivilTime rtc) {
    parts_->observe(block);
    for (Parts::Circuit& circuit : parts_->circuits)
        circuit.demand.begin(rtc, circuit.state.demand);
}

void Metering::push(const SampleBlock& block, const MeteringMoment& moment) {
    Parts& parts = *parts_;
    parts.observe(block);
    const WindowSums& sums = Parts::scratch().sums;
    for (std::size_t c = 0; c < parts.clipped.size(); ++c)
        parts.clipped[c] += sums.clipped[c];
    const SimDuration length = parts.by_own_clock(block.window).length;
    for (int n = 0; n < circuits(); ++n) {
        Parts::Circuit& circuit = parts.circuits[static_cast<std::size_t>(n)];
        MeterState& state = circuit.state;
        circuit.energy.count(parts.powers_of(state.readings), length, moment.tariff, state.energy);
        circuit.demand.push(state.readings, length, moment.rtc, state.demand, resolution(n));
        state.clip.count();
        ++state.window;
    }
    if (parts.steady)
        parts.steady->shown_late = false;
}

void Metering::Parts::follow_settings() {
    const bool other =
        settings.wiring && built != Wiring::one_phase && *settings.wiring != Wiring::one_phase;
    config.wiring = other ? *settings.wiring : built;
    for (int circuit = 0; circuit < config.circuits; ++circuit)
        resolution[static_cast<std::size_t>(circuit)] = resolution_of(circuit);
}

Resolution Metering::Parts::resolution_of(int circuit) const {
    const auto full_scale = [&](int channel) { return adc(channel).full_scale * ratio(channel); };
    const auto code = [&](int channel) { return std::ldexp(1.0, 1 - adc(channel).bits); };
    const int u = 0;
    const int i = channels.current(circuit, 0);
    return {full_scale(u) * code(u), full_scale(i) * code(i),
            full_scale(u) * full_scale(i) * std::max(code(u), code(i))};
}

const Resolution& Metering::resolution(int circuit) const {
    return parts_->resolution.at(static_cast<std::size_t>(circuit));
}

const MeteringConfig& Metering::config() const { return parts_->config; }
int Metering::circuits() const { return parts_->config.circuits; }

const MeterState& Metering::state(int circuit) const {
    guard(circuit >= 0 && circuit < circuits());
    return parts_->circuits[static_cast<std::size_t>(circuit)].state;
}

const MeteringState& Metering::state() const { return *parts_; }

void Metering::restore(MeteringState state) {
    if (state.circuits.size() != parts_->circuits.size())
        throw BadState{"circuits.size()", "of another meter: it has " +
                                              std::to_string(parts_->circuits.size()) +
                                              " circuits"};
    static_cast<MeteringState&>(*parts_) = std::move(state);
    parts_->follow_settings();
}

std::uint64_t Metering::clipped() const {
    return std::accumulate(parts_->clipped.begin(), parts_->clipped.end(), std::uint64_t{0});
}

std::uint64_t Metering::clipped(int channel) const {
    return parts_->clipped.at(static_cast<std::size_t>(channel));
}

} // namespace kpmsim
