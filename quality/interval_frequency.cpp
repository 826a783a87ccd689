// The phase of the fundamental at a moment c is the argument of
//
//   X = sum w[n] x[n] e^(-j w0 (n - c)),   w a window, symmetrical around c
//
// For x = sin(theta) X is e^(j theta(c)) / 2j times the window's real response, so that
// theta(c) = arg X + pi/2, whatever w0 may be, as long as harmonics and the mirror at -f lie in the
// window's side lobes. Blackman and Harris' four terms keep those at -92 dB.
//
// Over 10 s the phase turns some 500 times. A track of phases from short Hann windows a cycle apart,
// each demodulated at the frequency that the track has found so far, says which whole number it is;
// it begins where the voltage is strongest and marches through gaps with the last frequency.
//
// 1. phasor_frequency: two phasors of 400 ms; whole turns from the track, the rest from them.
// 2. count_cycles: a crossing near a moment of the track is refined with phasors of five cycles at c
//    and one cycle on either side. Where the phase bends, a phasor sees the mean of it over its
//    window, theta + theta'' s / 2 with s the second moment of the window; theta'' comes from the
//    three phases, and is taken off.
#include "quality/interval_frequency.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace kpmsim {

namespace {

using Complex = std::complex<double>;
constexpr double two_pi = 2 * std::numbers::pi;
constexpr double least_strength = 0.02; // of the strongest phasor on the track

enum class Shape { hann, blackman_harris };

/// Weight at x in (-1/2, 1/2) of the window's length.
double weight(Shape shape, double x) {
    const double a = two_pi * x;
    if (shape == Shape::hann)
        return 0.5 + 0.5 * std::cos(a);
    return 0.35875 + 0.48829 * std::cos(a) + 0.14128 * std::cos(2 * a) + 0.01168 * std::cos(3 * a);
}

/// A window of `length` rows with the sum of its weights and its second moment in rows squared.
struct Window {
    std::vector<double> weights;
    double sum{0}, moment{0};

    Window(Shape shape, double length) {
        const auto half = static_cast<std::int64_t>(length / 2);
        for (std::int64_t n = -half; n <= half; ++n) {
            const double w =
                weight(shape, static_cast<double>(n) / (2 * static_cast<double>(half) + 2));
            weights.push_back(w);
            sum += w;
            moment += w * static_cast<double>(n * n);
        }
        moment /= sum;
    }
    std::int64_t half() const { return static_cast<std::int64_t>(weights.size() / 2); }
};

struct Signal {
    std::span<const double> x;
    double rate_hz;

    auto rows() const { return static_cast<std::int64_t>(x.size()); }
    double time(std::int64_t row) const { return static_cast<double>(row) / rate_hz; }
    double angle(double f_hz) const { return two_pi * f_hz / rate_hz; }

    /// A sine of amplitude a and phase theta at row c gives a e^(j theta).
    Complex phasor(const Window& w, std::int64_t c, double f_hz) const {
        const Complex step = std::polar(1.0, -angle(f_hz));
        Complex turn = std::polar(1.0, angle(f_hz) * static_cast<double>(w.half()));
        Complex sum{};
        for (std::size_t n = 0; n < w.weights.size(); ++n) {
            const auto row = static_cast<std::size_t>(c - w.half()) + n;
            sum += turn * (w.weights[n] * x[row]);
            turn *= step;
        }
        return Complex{0, 2} * sum / w.sum;
    }
};

double turns_of(Complex x) { return std::arg(x) / two_pi; }

/// The phase in whole turns at moments a nominal cycle apart, good to a few hundredths of a turn.
class Track {
public:
    Track(const Signal& signal, double nominal_hz)
        : signal_{signal}, window_{Shape::hann, 4 * signal.rate_hz / nominal_hz},
          hop_{std::max<std::int64_t>(1, std::llround(signal.rate_hz / nominal_hz))},
          first_{window_.half()} {
        const std::int64_t room = signal.rows() - 2 * window_.half();
        if (room <= hop_)
            return;
        const auto points = static_cast<std::size_t>((room - 1) / hop_ + 1);
        turns_.resize(points);

        std::vector<double> strength(points);
        for (std::size_t n = 0; n < points; ++n)
            strength[n] = std::abs(signal.phasor(window_, row(n), nominal_hz));
        const auto top = std::max_element(strength.begin(), strength.end());
        strongest_ = *top;
        if (!(strongest_ > 0)) {
            turns_.clear();
            return;
        }
        const std::size_t start = std::clamp<std::size_t>(
            static_cast<std::size_t>(top - strength.begin()), 1, points - 1);

        double f = nominal_hz;
        for (int pass = 0; pass < 8; ++pass)
            f = frequency_between(start - 1, start, f);
        turns_[start] = turns_of(signal.phasor(window_, row(start), f));
        march(start, points - 1, f);
        march(start, 0, f);
    }

    bool empty() const { return turns_.empty(); }
    double turns(double row_at) const {
        const double at =
            std::clamp((row_at - static_cast<double>(first_)) / static_cast<double>(hop_), 0.0,
                       static_cast<double>(turns_.size()) - 1.001);
        const auto n = static_cast<std::size_t>(at);
        const double beyond = (row_at - static_cast<double>(row(n))) / static_cast<double>(hop_);
        return turns_[n] + beyond * (turns_[n + 1] - turns_[n]);
    }
    double frequency_at(double row_at) const {
        const double half = static_cast<double>(hop_);
        return (turns(row_at + half) - turns(row_at - half)) / (2 * half) * signal_.rate_hz;
    }

private:
    std::int64_t row(std::size_t n) const { return first_ + static_cast<std::int64_t>(n) * hop_; }
    double hop_s() const { return signal_.time(hop_); }

    double frequency_between(std::size_t a, std::size_t b, double f) const {
        const Complex one = signal_.phasor(window_, row(a), f);
        const Complex two = signal_.phasor(window_, row(b), f);
        const double expected = f * hop_s();
        const double turned = turns_of(two * std::conj(one));
        return (expected + std::remainder(turned - expected, 1)) / hop_s();
    }

    void march(std::size_t from, std::size_t to, double f) {
        const double direction = to > from ? 1 : -1;
        for (std::size_t n = from; n != to;) {
            const std::size_t next = to > from ? n + 1 : n - 1;
            const double expected = turns_[n] + direction * f * hop_s();
            const Complex x = signal_.phasor(window_, row(next), f);
            turns_[next] = expected;
            if (std::abs(x) > least_strength * strongest_) {
                turns_[next] += std::remainder(turns_of(x) - expected, 1);
                const double seen = direction * (turns_[next] - turns_[n]) / hop_s();
                f += 0.3 * (seen - f);
            }
            n = next;
        }
    }

    const Signal& signal_;
    Window window_;
    std::int64_t hop_;
    std::int64_t first_;
    std::vector<double> turns_;
    double strongest_{0};
};

/// The row, not whole, at which the fundamental's phase is a whole number of turns.
double crossing_near(const Signal& signal, const Track& track, double row_at) {
    for (int pass = 0; pass < 3; ++pass) {
        const double f = track.frequency_at(row_at);
        const Window window{Shape::blackman_harris, 5 * signal.rate_hz / f};
        const std::int64_t cycle = std::llround(signal.rate_hz / f);
        const std::int64_t margin = cycle + window.half();
        const std::int64_t c =
            std::clamp<std::int64_t>(std::llround(row_at), margin, signal.rows() - 1 - margin);
        const double per_cycle = f * signal.time(cycle);
        const double here = turns_of(signal.phasor(window, c, f));
        const auto away = [&](std::int64_t row, double expected) {
            const double t = turns_of(signal.phasor(window, row, f));
            return here + expected + std::remainder(t - here - expected, 1);
        };
        const double before = away(c - cycle, -per_cycle);
        const double after = away(c + cycle, per_cycle);
        const double rows = static_cast<double>(cycle);
        const double speed = (after - before) / (2 * rows);
        const double bend = (after - 2 * here + before) / (rows * rows);
        const double phase = std::remainder(here - bend * window.moment / 2, 1);
        // phase + speed d + bend d^2 / 2 = 0
        const double d = -phase / speed;
        row_at = static_cast<double>(c) + d - bend * d * d / (2 * speed);
    }
    return row_at;
}

} // namespace

double phasor_frequency(std::span<const double> samples, double rate_hz, double nominal_hz) {
    const Signal signal{samples, rate_hz};
    const Track track{signal, nominal_hz};
    if (track.empty())
        return 0;
    const Window window{Shape::blackman_harris, 0.4 * rate_hz};
    const std::int64_t a = window.half();
    const std::int64_t b = signal.rows() - 1 - window.half();
    assert(b > a);
    const auto mean = [&] {
        return (track.turns(static_cast<double>(b)) - track.turns(static_cast<double>(a))) /
               signal.time(b - a);
    };
    const double f = mean();
    const double expected = f * signal.time(b - a);
    const double turned =
        turns_of(signal.phasor(window, b, f) * std::conj(signal.phasor(window, a, f)));
    return (expected + std::remainder(turned - expected, 1)) / signal.time(b - a);
}

CycleCount count_cycles(std::span<const double> samples, double rate_hz, double nominal_hz) {
    const Signal signal{samples, rate_hz};
    const Track track{signal, nominal_hz};
    if (track.empty())
        return {};
    const double margin = cycle_count_margin_s * rate_hz;
    const auto refined = [&](double row_at, bool up) {
        // To a crossing on the track, then to the fundamental's own.
        const double turns = track.turns(row_at);
        const double f = track.frequency_at(row_at);
        const double missing = (up ? std::ceil(turns) : std::floor(turns)) - turns;
        return crossing_near(signal, track, row_at + missing / f * rate_hz);
    };
    const double begin = refined(margin, true);
    const double end = refined(static_cast<double>(signal.rows()) - margin, false);
    return {std::llround(track.turns(end) - track.turns(begin)), begin / rate_hz, end / rate_hz};
}

} // namespace kpmsim
