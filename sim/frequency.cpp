// Frequency from phase.
//
// Let the sample clock run at F = cycles / length, the fundamental at f, and let
// X = sum over n of w[n] x[n] e^(-j 2 pi n / 128) with weights w symmetric about n0. Then arg X /
// 2pi + n0 / 128 is the fundamental's phase at sample n0, apart from what leaks into X from its
// mirror image at -f and from the harmonics; two such phases, divided by their distance in time,
// are f.
//
// Three pairs, each good enough to tell how many whole turns the next one has missed:
// 1. cycles half a cycle apart (w rectangular over 128 samples, X_m X*_(m-1) added up over the
//    window): unambiguous for 0 < f < 2F, some per mille to per cent wrong off the clock;
// 2. the window's two halves, w = 1 - cos (Hann), 5 or 6 cycles apart: ambiguous by 10 Hz; Hann's
//    side lobes fall with the cube of the distance, the image is 10 bins away, harmonic h (h - 1)
// 5; 3. the second half of this window and of the last: ambiguous by 5 Hz; what leaks falls further
//    with the clock's own error, to nothing when the clock is right.
// After a jump inside the last 1.5 windows, 2 and 3 differ, and 2 is the frequency that rules now.
#include "sim/frequency.hpp"
#include "sim/angle.hpp"
#include "sim/kernels.hpp"

#include <cassert>
#include <cmath>
#include <complex>
#include <numbers>

namespace kpmsim {

namespace {

using Phasor = std::complex<double>;

constexpr int half_cycle = samples_per_cycle / 2;
constexpr int max_half_cycles = 2 * max_cycles_per_window;
/// Hz; further apart than noise and leakage ever put them, so that something has changed.
constexpr double changed_hz = 0.05;
/// Windows further apart than this do not adjoin.
constexpr double adjoining_s = 0.45;

struct Weights {
    double cosine[max_samples_per_window]{};
    double sine[max_samples_per_window]{};
};

/// cos and sin of one cycle times the weights of `cycles` cycles: 1 or Hann.
/// long double: the x87 has one sine for all machines, glibc's double has several.
Weights make_weights(int cycles, bool hann) {
    constexpr long double turn = 2 * std::numbers::pi_v<long double>;
    Weights w;
    const int rows = cycles * samples_per_cycle;
    for (int n = 0; n < rows; ++n) {
        const long double angle =
            turn * static_cast<long double>(n % samples_per_cycle) / samples_per_cycle;
        const long double weight =
            hann ? 1 - std::cos(turn * (static_cast<long double>(n) + 0.5L) / rows) : 1;
        w.cosine[n] = static_cast<double>(weight * std::cos(angle));
        w.sine[n] = static_cast<double>(weight * std::sin(angle));
    }
    return w;
}

const Weights& hann_weights(int cycles) {
    static const Weights five = make_weights(5, true);
    static const Weights six = make_weights(6, true);
    assert(cycles == 5 || cycles == 6);
    return cycles == 5 ? five : six;
}

const Weights& plain_weights() {
    static const Weights one = make_weights(1, false);
    return one;
}

/// Sample `n` of the window, where a single cycle stands for all.
const double* at(std::span<const double> samples, int n) {
    return samples.data() + n % static_cast<int>(samples.size());
}

Phasor hann_phasor(std::span<const double> samples, int first_cycle, int cycles) {
    const Weights& w = hann_weights(cycles);
    Phasor sum;
    for (int n = 0; n < cycles * samples_per_cycle; n += half_cycle) {
        const PhasorSum part = kernels::correlate_half_cycle(
            at(samples, first_cycle * samples_per_cycle + n), w.cosine + n, w.sine + n);
        sum += Phasor{part.re, part.im};
    }
    return sum;
}

double magnitude(const Phasor& x) { return std::sqrt(std::norm(x)); }

/// `turns` moved by whole turns to the one nearest to `about`.
double nearest_to(double about, double turns) { return turns + std::round(about - turns); }

} // namespace

double FrequencyMeter::push(const Window& window, int channel,
                            std::span<const double> samples) noexcept {
    const double length_ns = static_cast<double>(window.length.count());
    const double clock_hz = window.cycles / (length_ns * 1e-9);
    if (window.cycles != 10 && window.cycles != 12) { // not a window of a running meter
        forget();
        return clock_hz;
    }

    // 1. Cycles half a cycle apart.
    const Weights& plain = plain_weights();
    Phasor halves[max_half_cycles];
    for (int m = 0; m < 2 * window.cycles; ++m) {
        const int k = m % 2 * half_cycle;
        const PhasorSum part = kernels::correlate_half_cycle(at(samples, m * half_cycle),
                                                             plain.cosine + k, plain.sine + k);
        halves[m] = {part.re, part.im};
    }
    Phasor step{};
    for (int m = 2; m < 2 * window.cycles; ++m)
        step += (halves[m] + halves[m - 1]) * std::conj(halves[m - 1] + halves[m - 2]);
    const double coarse_hz = clock_hz * (1 + 2 * turns_of(step));

    // 2. The window's halves.
    const int half = window.cycles / 2;
    const double middle = (half * samples_per_cycle - 1) * 0.5; // where Hann's weights balance
    const double sample_ns = length_ns / window.samples();
    const double half_ns = half * samples_per_cycle * sample_ns;
    const Phasor first = hann_phasor(samples, 0, half);
    const Phasor second = hann_phasor(samples, half, half);
    // Far off the clock Hann's weights have a zero, and only leakage is left.
    const double one_cycle = std::sqrt(magnitude(step) / (2 * window.cycles - 2)) * half;
    if (std::min(magnitude(first), magnitude(second)) < 0.3 * one_cycle) {
        forget();
        return coarse_hz;
    }
    const double gain = nearest_to(coarse_hz * half_ns * 1e-9, turns_of(second) - turns_of(first));
    const double halves_hz = gain / (half_ns * 1e-9);

    // 3. This window and the last.
    const Moment now{window.start, half_ns + middle * sample_ns,
                     turns_of(second) + middle / samples_per_cycle};
    double f_hz = halves_hz;
    if (have_last_ && channel == channel_) {
        const double apart_s = (static_cast<double>((now.start - last_.start).count()) +
                                now.offset_ns - last_.offset_ns) *
                               1e-9;
        const double fine_hz = nearest_to(halves_hz * apart_s, now.turns - last_.turns) / apart_s;
        if (apart_s < adjoining_s && std::abs(fine_hz - halves_hz) < changed_hz)
            f_hz = fine_hz;
    }
    last_ = now;
    channel_ = channel;
    have_last_ = true;
    return f_hz;
}

int strongest_voltage(const std::array<double, 3>& rms, int now) noexcept {
    int best = 0;
    for (int c = 1; c < 3; ++c)
        if (rms[static_cast<std::size_t>(c)] > rms[static_cast<std::size_t>(best)])
            best = c;
    const double strongest = rms[static_cast<std::size_t>(best)];
    if (!(strongest >= 0.01))
        return -1;
    return now >= 0 && rms[static_cast<std::size_t>(now)] > 0.5 * strongest ? now : best;
}

} // namespace kpmsim
