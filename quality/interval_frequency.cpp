// The phase of the fundamental at a moment c is the argument of
//
//   X = sum w[n] x[n] e^(-j w0 (n - c)),   w a window, symmetrical around c
//
// For x = sin(theta) X is e^(j theta(c)) / 2j times the window's real response, so that
// theta(c) = arg X + pi/2, whatever w0 may be, as long as harmonics and the mirror at -f lie in the
// window's side lobes. Blackman and Harris' four terms keep those at -92 dB.
//
// Over 10 s the phase turns some 500 times. A track of phases from Hann windows of four cycles, a
// cycle apart, says which whole number it is: from one to the next the phase turns once, give or
// take the 15 % that the frequency may be off, and whole turns cannot be mistaken.
//
// Across a gap they can. A window that a gap cuts tells little of the phase (its mirror and
// harmonics no longer cancel), so the track leaves out all that a gap touches. It is bridged with
// the mean of the frequencies on both sides, medians of the hops nearest to it, which no edge of a
// dip can bend. A gap of T is bridged rightly where their mean is off by less than 1 / 2T.
//
// 1. phasor_frequency: two phasors of 400 ms; whole turns from the track, the rest from them.
// 2. count_cycles: a crossing near a moment of the track is refined with phasors of five cycles at
//    c and one cycle on either side. Where the phase bends, a phasor sees the mean of it over its
//    window, theta + theta'' s / 2 with s the second moment of the window; theta'' comes from the
//    three phases, and is taken off.
#include "quality/interval_frequency.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <complex>
#include <numbers>
#include <optional>
#include <vector>

namespace kpmsim {

namespace {

using Complex = std::complex<double>;
constexpr double two_pi = 2 * std::numbers::pi;
constexpr double least_level = 0.05;  ///< of the greatest; below it there is no voltage
constexpr std::size_t side_hops = 25; ///< whose median is the frequency on one side of a gap

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

/// x moved by whole numbers to within a half of `near`.
double unwrapped(double x, double near) { return near + std::remainder(x - near, 1); }

/// The phase in whole turns at moments a nominal cycle apart, good to a few hundredths of a turn.
class Track {
public:
    Track(const Signal& signal, double nominal_hz)
        : signal_{signal}, window_{Shape::hann, 4 * signal.rate_hz / nominal_hz},
          hop_{std::max<std::int64_t>(1, std::llround(signal.rate_hz / nominal_hz))},
          first_{window_.half()}, nominal_hz_{nominal_hz} {
        const std::int64_t room = signal.rows() - 2 * window_.half();
        if (room <= hop_)
            return;
        turns_.resize(static_cast<std::size_t>((room - 1) / hop_ + 1));
        const std::vector<std::size_t> seen = untouched();
        if (seen.empty()) {
            turns_.clear();
            return;
        }
        for (std::size_t k = 1; k < seen.size(); ++k)
            join(seen, k);
        // Beyond the first and the last that is seen the phase goes on as it did.
        const std::size_t begin = seen.front();
        const std::size_t end = seen.back();
        const double early = frequency_after(seen, 0).value_or(nominal_hz_) * hop_s();
        const double late = frequency_before(seen, seen.size() - 1).value_or(nominal_hz_) * hop_s();
        for (std::size_t n = begin; n-- > 0;)
            turns_[n] = turns_[n + 1] - early;
        for (std::size_t n = end + 1; n < turns_.size(); ++n)
            turns_[n] = turns_[n - 1] + late;
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

    /// Least of the half-cycle rms values that each point's window reaches into. A gap of a cycle
    /// holds a whole one; a shorter one leaves half of the window's weight.
    std::vector<double> least_levels() const {
        const std::int64_t half = std::max<std::int64_t>(1, hop_ / 2);
        std::vector<double> rms;
        for (std::int64_t at = 0; at + half <= signal_.rows(); at += half) {
            double sum = 0;
            for (const double x :
                 signal_.x.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(half)))
                sum += x * x;
            rms.push_back(std::sqrt(sum / static_cast<double>(half)));
        }
        std::vector<double> least(turns_.size());
        for (std::size_t n = 0; n < least.size(); ++n) {
            const auto from = static_cast<std::size_t>((row(n) - window_.half()) / half);
            const auto to = std::min(
                rms.size(), static_cast<std::size_t>((row(n) + window_.half()) / half) + 1);
            least[n] = *std::min_element(rms.begin() + static_cast<std::ptrdiff_t>(from),
                                         rms.begin() + static_cast<std::ptrdiff_t>(to));
        }
        return least;
    }

    /// Points that no gap touches; `turns_` gets their phases as fractions of a turn.
    std::vector<std::size_t> untouched() {
        std::vector<double> strength(turns_.size());
        for (std::size_t n = 0; n < turns_.size(); ++n) {
            const Complex x = signal_.phasor(window_, row(n), nominal_hz_);
            turns_[n] = turns_of(x);
            strength[n] = std::abs(x);
        }
        const std::vector<double> level = least_levels();
        const double strongest = *std::max_element(strength.begin(), strength.end());
        const double greatest = *std::max_element(level.begin(), level.end());
        std::vector<std::size_t> seen;
        for (std::size_t n = 0; n < turns_.size(); ++n)
            if (strength[n] > least_level * strongest && level[n] > least_level * greatest)
                seen.push_back(n);
        return seen;
    }

    /// Median frequency of the hops between neighbours in seen[from … to].
    std::optional<double> median_frequency(const std::vector<std::size_t>& seen, std::size_t from,
                                           std::size_t to) const {
        std::vector<double> advance;
        for (std::size_t k = from; k < to; ++k)
            if (seen[k + 1] == seen[k] + 1)
                advance.push_back(
                    unwrapped(turns_[seen[k + 1]] - turns_[seen[k]], nominal_hz_ * hop_s()));
        if (advance.empty())
            return std::nullopt;
        const auto middle = advance.begin() + static_cast<std::ptrdiff_t>(advance.size() / 2);
        std::nth_element(advance.begin(), middle, advance.end());
        return *middle / hop_s();
    }
    std::optional<double> frequency_before(const std::vector<std::size_t>& seen,
                                           std::size_t k) const {
        return median_frequency(seen, k > side_hops ? k - side_hops : 0, k);
    }
    std::optional<double> frequency_after(const std::vector<std::size_t>& seen,
                                          std::size_t k) const {
        return median_frequency(seen, k, std::min(k + side_hops, seen.size() - 1));
    }

    /// Makes the phase at seen[k] a whole count from seen[k - 1], and fills what lies between.
    void join(const std::vector<std::size_t>& seen, std::size_t k) {
        const std::size_t a = seen[k - 1];
        const std::size_t b = seen[k];
        const double hops = static_cast<double>(b - a);
        double f = nominal_hz_;
        if (b > a + 1) {
            const auto before = frequency_before(seen, k - 1);
            const auto after = frequency_after(seen, k);
            f = (before.value_or(after.value_or(f)) + after.value_or(before.value_or(f))) / 2;
        }
        const double advance = unwrapped(turns_[b] - turns_[a], f * hops * hop_s());
        for (std::size_t n = a + 1; n <= b; ++n)
            turns_[n] = turns_[a] + advance * static_cast<double>(n - a) / hops;
    }

    const Signal& signal_;
    Window window_;
    std::int64_t hop_;
    std::int64_t first_;
    double nominal_hz_;
    std::vector<double> turns_;
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
