// IEC 61000-4-30's three states: every influence at once, and each quantity still what it is alone.
#include "flicker_tables.hpp"
#include "quality/flicker_statistics.hpp"
#include "quality/flickermeter.hpp"
#include "quality/harmonic_groups.hpp"
#include "quality/interval_frequency.hpp"
#include "quality/unbalance.hpp"

#include "sim/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

using namespace kpmsim;

namespace {

constexpr double two_pi = 2 * std::numbers::pi;
constexpr double u_din = 230;

struct Tone {
    double order, part, degrees;
};
struct State {
    int number;
    double f_hz;
    std::array<double, 3> level; // of Udin
    std::vector<Tone> tones;     // parts of the fundamental
    double changes_per_minute, depth;
    double unbalance; // closed form, u2 = u0
};

std::vector<State> states(double f_off) {
    return {
        {1, 50 + f_off, {1, 1, 1}, {{1, 1, 0}}, 39, 0, 0},
        {2,
         49 + f_off,
         {0.73, 0.80, 0.87},
         {{1, 1, 0}, {3, 0.10, 0}, {5, 0.05, 0}, {29, 0.05, 0}, {7.5, 0.01, 0}},
         39,
         0.00894,
         0.05051815},
        {3,
         51 + f_off,
         {1.52, 1.40, 1.28},
         {{1, 1, 0}, {7, 0.10, 180}, {13, 0.05, 0}, {25, 0.05, 0}, {3.5, 0.01, 0}},
         110,
         4 * 0.00722,
         0.04948717},
    };
}

/// Phase c at t, with the rectangular modulation or without.
double voltage(const State& state, std::size_t c, double t, bool modulated) {
    const double theta = two_pi * state.f_hz * t - two_pi / 3 * static_cast<double>(c) + 0.7;
    double u = 0;
    for (const Tone& tone : state.tones)
        u += tone.part * std::sin(tone.order * theta + tone.degrees * two_pi / 360);
    const auto change =
        static_cast<std::int64_t>(std::floor(t * state.changes_per_minute / 60 + 1e-9));
    const double sign = change % 2 == 0 ? 1 : -1;
    return std::numbers::sqrt2 * u_din * state.level[c] * u *
           (modulated ? 1 + sign * state.depth / 2 : 1);
}

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("groups and unbalance of states 1 to 3 are those of each influence alone") {
        double worst = 0;
        for (int trial = 0; trial < 20; ++trial)
            for (const State& state :
                 states(Random{9, "state"}.uniform(static_cast<std::uint64_t>(trial)) - 0.5)) {
                CAPTURE(state.number);
                std::array<std::complex<double>, 3> fundamental;
                for (std::size_t c = 0; c < 3; ++c) {
                    std::vector<double> rows(10 * samples_per_cycle);
                    for (std::size_t n = 0; n < rows.size(); ++n) // a locked clock, from t = 0
                        rows[n] = voltage(state, c,
                                          static_cast<double>(n) / (samples_per_cycle * state.f_hz),
                                          false);
                    const BinSpectrum s = spectrum_of(rows, 10);
                    fundamental[c] = s.bins[10];
                    const double u = u_din * state.level[c];
                    for (const Tone& tone : state.tones) {
                        const auto order = static_cast<int>(tone.order);
                        const double got = tone.order == order ? harmonic_subgroup(s, order)
                                                               : interharmonic_subgroup(s, order);
                        worst = std::max(worst, std::abs(got / u - tone.part));
                    }
                }
                const SequenceComponents s =
                    sequence_components(fundamental[0], fundamental[1], fundamental[2]);
                CHECK(std::abs(unbalance_u2(s) - state.unbalance) < 1e-8); // printed to 1e-8
                CHECK(std::abs(unbalance_u0(s) - state.unbalance) < 1e-8);
            }
        INFO("worst error of a group, of the fundamental: ", worst);
        CHECK(worst < 1e-13);
    }

    TEST_CASE("frequency and flicker of states 1 to 3 are those of each influence alone") {
        constexpr double rate_hz = 8000;
        double worst_f = 0;
        double worst_pst = 0;
        for (const double f_off : {-0.5, -0.13, 0.0, 0.31, 0.5})
            for (const State& state : states(f_off)) {
                CAPTURE(state.number);
                CAPTURE(state.f_hz);
                Flickermeter meter{{230, 50}, rate_hz, u_din * state.level[0]};
                std::vector<double> ten_seconds(static_cast<std::size_t>(10 * rate_hz));
                const double period =
                    120 / state.changes_per_minute * (state.number == 3 ? 11 : 13);
                const double seconds[2] = {20, period};
                std::int64_t at = 0;
                for (const double part : seconds) {
                    meter.clear();
                    std::vector<double> rows(static_cast<std::size_t>(part * rate_hz));
                    for (double& x : rows)
                        x = voltage(state, 0, static_cast<double>(at++) / rate_hz, true);
                    meter.push(rows);
                    if (part == 20)
                        std::copy_n(rows.begin(), ten_seconds.size(), ten_seconds.begin());
                }
                worst_f = std::max(
                    worst_f, std::abs(phasor_frequency(ten_seconds, rate_hz, 50) - state.f_hz));
                const double severity = pst(meter.series());
                if (state.number == 1)
                    CHECK(severity < 0.1);
                else
                    worst_pst =
                        std::max(worst_pst, std::abs(severity / (state.number == 2 ? 1 : 4) - 1));
            }
        INFO("worst: ", worst_f, " Hz, Pst ", worst_pst);
        // An edge of the modulation inside a phasor's 400 ms lets the mirror at -f leak: up to
        // d / 2 / (4 pi f) / (0.36 * 0.4 s) = 1.6e-4 rad at d = 2.9 %, 2.6e-6 Hz at each end.
        CHECK(worst_f < 6e-6);
        CHECK(worst_pst < 0.009); // three times that of a clean 50 Hz
    }
}
