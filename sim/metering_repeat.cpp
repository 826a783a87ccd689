// Windows in which nothing changes.
//
// A window that is like the last one, with the sample clock where it was against the fundamental,
// has the last one's codes: its sums, and from there on everything is the same to the bit. So a run
// of W such windows is one window's powers times W windows' time, in the same registers. Where the
// clock slips, by parts of a nanosecond a window, the codes are rounded anew each time, and after
// some hundred windows nothing is left of that but its mean: the sums that the phasors at the
// terminals have without a converter's steps. Where the converter has noise it does the rounding's
// work, the sums are those, too, and each window shown has deviations of its own
// (sim/window_noise.cpp).
//
// The clock's slip against the fundamental goes into f: cycles and slip over the window's length,
// and noise moves it as it moves the phases at the ends. Such a phase is that of
// sum w[n] x[n] e^(-j 2 pi n / 128) over M = N / 2 samples of the second half under Hann's weights,
// of size M U / sqrt2; across it stands s^2 / 2 times sum w^2 = 3/2 M: its variance is
// 3 s^2 / (N U^2).
#include "sim/metering_parts.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace kpmsim {

namespace {

/// Deviations at which a converter's noise ends, see AdcChannel.
constexpr double noise_ends = 3.47;

/// A sample reaches full scale, or might with its noise.
bool may_clip(std::span<const double> samples, const AdcChannel& adc) {
    const double room = 1 - std::abs(adc.offset) - noise_ends * adc.noise_rms;
    const double limit = room / (1 + adc.gain_error);
    int beyond = 0;
    for (const double x : samples)
        beyond += static_cast<int>(x > limit) + static_cast<int>(x < -limit);
    return beyond > 0;
}

/// What a demand is made of.
Readings demanded(const NoisyPowers::Mean& mean) {
    Readings r;
    const WindowPowers& powers = mean.powers;
    r[Slot::s] = powers.s_va;
    for (int c = 0; c < 3; ++c) {
        const auto k = static_cast<std::size_t>(c);
        r[Slot::p] += powers.p_w[k];
        r[Slot::q] += powers.q_var[k];
        r[slot_at(Slot::i_a, c)] = mean.i_rms[k];
        r[slot_at(Slot::s_a, c)] = mean.s_va[k];
    }
    return r;
}

} // namespace

void Metering::Parts::read(const WindowSums& sums, double f_hz,
                           std::span<Readings* const> of_circuits) const {
    const VoltageWindow u = voltages(sums, f_hz);
    for (std::size_t n = 0; n < of_circuits.size(); ++n) {
        if (n == 0)
            voltage_readings(u, *of_circuits[0]);
        else
            *of_circuits[n] = *of_circuits[0]; // its currents are overwritten
        current_state(sums, static_cast<int>(n), u, *of_circuits[n]);
    }
}

double Metering::Parts::phase_noise(std::uint64_t first_sample) const {
    const auto c = static_cast<std::size_t>(followed);
    const double n = steady->sums.samples;
    const double u = std::sqrt(std::norm(steady->sums.x[c][1]));
    const double turns = steady->noise[c] / u * std::sqrt(3 / n) / (2 * std::numbers::pi);
    return turns * of_window.normal(first_sample + numbers_per_window - 1);
}

double Metering::Parts::noisy_f_hz(const Window& own, double slip,
                                   std::uint64_t first_sample) const {
    if (followed < 0)
        return 0;
    const auto before = first_sample - static_cast<std::uint64_t>(own.samples());
    const double turns = own.cycles + slip + phase_noise(first_sample) - phase_noise(before);
    return turns / seconds(own.length);
}

void Metering::Parts::settle_noise(const SampleBlock& block, const WindowSums& sums) {
    if (!steady)
        steady.emplace();
    Steady& clean = *steady;
    clean.sums = sums;
    clean.frequency.forget();
    if (followed >= 0)
        clean.frequency.push(by_own_clock(block.window), followed, block.channel(followed));
    const int n = clean.sums.samples;
    WindowSums mean = sums;
    for (int c = 0; c < channels.size(); ++c) {
        const auto k = static_cast<std::size_t>(c);
        clean.noise[k] = adc(c).noise_rms * 0x1p23;
        mean.square[k] += clean.noise[k] * clean.noise[k] * (n - 1) / n;
    }
    const auto primary = [&](int first) {
        std::array<double, 3> out{};
        for (int c = 0; c < channels.phases; ++c)
            out[static_cast<std::size_t>(c)] =
                channel(mean, first + c).unit * clean.noise[static_cast<std::size_t>(first + c)];
        return out;
    };
    const VoltageWindow u = voltages(mean, 0);
    const std::array<double, 3> u_noise = primary(0);
    for (int circuit = 0; circuit < config.circuits; ++circuit) {
        std::array<double, 3> i_noise = primary(channels.current(circuit, 0));
        if (config.wiring == Wiring::p3l2) // Ib = -(Ia + Ic)
            i_noise[1] = std::sqrt(i_noise[0] * i_noise[0] + i_noise[2] * i_noise[2]);
        clean.powers[static_cast<std::size_t>(circuit)] = {u,
                                                           currents(mean, circuit, u, 0),
                                                           start_a(circuit),
                                                           u_noise,
                                                           i_noise,
                                                           config.wiring == Wiring::p3l2,
                                                           n};
    }
}

NoisyPowers::Mean Metering::Parts::mean_powers(const Repeat& run, int circuit) const {
    const auto n = static_cast<std::size_t>(circuit);
    if (noisy)
        return steady->powers[n].draw(of_powers, samples, circuit, run.planned);
    const Readings& r = circuits[n].state.readings;
    NoisyPowers::Mean mean;
    mean.powers = powers_of(r);
    for (int c = 0; c < 3; ++c) {
        const auto k = static_cast<std::size_t>(c);
        mean.i_rms[k] = r[slot_at(Slot::i_a, c)];
        mean.s_va[k] = r[slot_at(Slot::s_a, c)];
    }
    return mean;
}

bool Metering::has_noise() const { return parts_->noisy; }

bool Metering::hold_steady(const SampleBlock& block, const WindowSums* sums) {
    Parts& parts = *parts_;
    if (!block.coherent())
        return false;
    // What coarse steps do to a wave, its phasors do not say.
    for (int c = 0; c < parts.channels.size(); ++c)
        if (parts.adc(c).bits < adc_bits || may_clip(block.channel(c), parts.adc(c)))
            return false;
    if (parts.noisy) {
        assert(sums != nullptr);
        parts.settle_noise(block, *sums);
    } else if (sums != nullptr) {
        std::array<Readings*, max_circuits> readings{};
        for (std::size_t n = 0; n < parts.circuits.size(); ++n)
            readings[n] = &parts.circuits[n].state.readings;
        parts.read(*sums, (*readings[0])[Slot::f],
                   std::span{readings}.first(parts.circuits.size()));
    }
    return true;
}

bool Metering::can_repeat() const { return !parts_->noisy || parts_->steady; }

bool Metering::may_repeat_many() const {
    const Parts& parts = *parts_;
    if (!parts.noisy)
        return true;
    const auto& powers = parts.steady->powers;
    return std::none_of(powers.begin(), powers.begin() + parts.config.circuits,
                        [](const NoisyPowers& p) { return p.may_turn(); });
}

void Metering::repeat(const Repeat& run, const MeteringMoment& moment) {
    if (run.windows == 0)
        return;
    Parts& parts = *parts_;
    const Window whole{run.first.start, run.windows * run.first.length, 0};
    const SimDuration length = parts.by_own_clock(whole).length;
    for (int n = 0; n < parts.config.circuits; ++n) {
        Parts::Circuit& circuit = parts.circuits[static_cast<std::size_t>(n)];
        const NoisyPowers::Mean mean = parts.mean_powers(run, n);
        circuit.energy.count(mean.powers, length, moment.tariff, circuit.state.energy);
        circuit.demand.push(parts.noisy ? demanded(mean) : circuit.state.readings, length,
                            moment.rtc, circuit.state.demand, resolution(n));
        circuit.state.clip.u = circuit.state.clip.i = 0; // a window that clips is not repeated
        circuit.state.at = run.end();
        circuit.state.window += static_cast<std::uint64_t>(run.windows);
    }
    parts.samples +=
        static_cast<std::uint64_t>(run.windows) * static_cast<std::uint64_t>(run.first.samples());
    if (parts.followed < 0)
        return;
    const Window gone{run.first.start - run.first.length, whole.length, 0};
    const SimDuration by = parts.by_own_clock(gone).length;
    const double turns = static_cast<double>(run.windows) * run.slip;
    if (!parts.noisy) {
        parts.frequency.pass(by, turns);
        return;
    }
    parts.steady->shown_late = true;
    parts.steady->last = {run.end() - run.first.length, run.first.length, run.first.cycles};
    parts.steady->slip = run.slip;
    parts.steady->frequency.pass(by, turns);
    parts.frequency = parts.steady->frequency;
    const auto last = parts.samples - static_cast<std::uint64_t>(run.first.samples());
    parts.frequency.pass({}, parts.phase_noise(last));
}

void Metering::show(const Repeat& run, const MeteringMoment& moment,
                    std::span<MeterState> out) const {
    assert(out.size() == parts_->circuits.size());
    for (std::size_t n = 0; n < out.size(); ++n)
        out[n] = parts_->circuits[n].state;
    show_more(run, moment, out);
}

void Metering::show_more(const Repeat& run, const MeteringMoment& moment,
                         std::span<MeterState> out) const {
    const Parts& parts = *parts_;
    const Window whole{run.first.start, run.windows * run.first.length, 0};
    const SimDuration length = parts.by_own_clock(whole).length;
    for (int n = 0; n < parts.config.circuits && run.windows > 0; ++n) {
        const Parts::Circuit& circuit = parts.circuits[static_cast<std::size_t>(n)];
        MeterState& state = out[static_cast<std::size_t>(n)];
        state.energy = circuit.state.energy;
        EnergyMeter energy = circuit.energy;
        energy.count(parts.mean_powers(run, n).powers, length, moment.tariff, state.energy);
        state.clip = circuit.state.clip;
        state.clip.u = state.clip.i = 0;
        state.at = run.end();
        state.window = circuit.state.window + static_cast<std::uint64_t>(run.windows);
    }
    if (!parts.noisy || (run.windows == 0 && !(parts.steady && parts.steady->shown_late)))
        return;
    const bool counted = run.windows == 0;
    const Window last =
        counted ? parts.steady->last
                : Window{run.end() - run.first.length, run.first.length, run.first.cycles};
    const double slip = counted ? parts.steady->slip : run.slip;
    const auto samples = static_cast<std::uint64_t>(last.samples());
    const std::uint64_t first_sample =
        parts.samples + static_cast<std::uint64_t>(run.windows) * samples - samples;
    WindowSums& sums = Parts::scratch().sums;
    sums = parts.steady->sums;
    add_noise(parts.steady->noise, parts.config, parts.of_window, first_sample, sums);
    std::array<Readings*, max_circuits> readings{};
    for (std::size_t n = 0; n < out.size(); ++n)
        readings[n] = &out[n].readings;
    parts.read(sums, parts.noisy_f_hz(parts.by_own_clock(last), slip, first_sample),
               std::span{readings}.first(out.size()));
}

} // namespace kpmsim
