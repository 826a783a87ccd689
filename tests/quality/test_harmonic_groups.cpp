#include "quality/harmonic_groups.hpp"

#include "sim/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace kpmsim;
using Complex = std::complex<double>;

namespace {

constexpr double two_pi = 2 * std::numbers::pi;

/// A tone of any frequency, in orders of the fundamental.
struct Tone {
    double order, rms, phase;
};

std::vector<double> rows_of(const std::vector<Tone>& tones, int cycles) {
    std::vector<double> rows(static_cast<std::size_t>(cycles * samples_per_cycle));
    for (const Tone& tone : tones)
        for (std::size_t n = 0; n < rows.size(); ++n)
            rows[n] += std::numbers::sqrt2 * tone.rms *
                       std::sin(two_pi * tone.order * static_cast<double>(n) / samples_per_cycle +
                                tone.phase);
    return rows;
}

/// sum over n < rows of e^(j x n)
Complex dirichlet(double x, double rows) {
    const double half = std::remainder(x, two_pi) / 2;
    const double ratio = std::abs(half) < 1e-12 ? rows : std::sin(rows * half) / std::sin(half);
    return std::polar(1.0, half * (rows - 1)) * ratio;
}

/// The bin that a rectangular window makes of a tone: the tone's own line and its mirror's, leaking.
Complex leaked(const Tone& tone, int k, int cycles) {
    const double rows = cycles * samples_per_cycle;
    const double w = two_pi * tone.order / samples_per_cycle;
    const double bin = two_pi * k / rows;
    const Complex sum = std::polar(1.0, tone.phase) * dirichlet(w - bin, rows) -
                        std::polar(1.0, -tone.phase) * dirichlet(-w - bin, rows);
    return tone.rms * sum / rows; // j sqrt2 / N times sqrt2 rms / 2j
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("every order from DC to 50 comes back with its phase, at 10 and at 12 cycles") {
        const Random random{11, "groups"};
        for (const int cycles : {10, 12}) {
            std::vector<Tone> tones;
            for (int h = 1; h <= max_group_order; ++h)
                tones.push_back({static_cast<double>(h), h == 1 ? 230.0 : 23.0 / h,
                                 two_pi * random.uniform(static_cast<std::uint64_t>(h))});
            std::vector<double> rows = rows_of(tones, cycles);
            for (double& x : rows)
                x += 4.25;
            const BinSpectrum s = spectrum_of(rows, cycles);
            CHECK(std::abs(s.bins[0] - 4.25) < 1e-12);
            for (const Tone& tone : tones) {
                const auto h = static_cast<int>(tone.order);
                CHECK(std::abs(s.bins[static_cast<std::size_t>(h * cycles)] -
                               std::polar(tone.rms, tone.phase)) < 230e-14);
                CHECK(std::abs(harmonic(s, h) - tone.rms) < 230e-14);
                CHECK(interharmonic_group(s, h) < 230e-14);
            }
        }
    }

    TEST_CASE("each bin counts in the groups with the weight that the standard gives it") {
        for (const int cycles : {10, 12})
            for (int k = 1; k < 5 * cycles; ++k) {
                CAPTURE(k);
                BinSpectrum s{cycles, std::vector<Complex>(static_cast<std::size_t>(64 * cycles))};
                s.bins[static_cast<std::size_t>(k)] = {0.6, 0.8};
                for (int h = 1; h <= 6; ++h) {
                    const int away = std::abs(k - h * cycles);
                    const int above = k - h * cycles;
                    CHECK(harmonic(s, h) == (away == 0 ? 1 : 0));
                    CHECK(harmonic_subgroup(s, h) == (away <= 1 ? 1 : 0));
                    const double group = away < cycles / 2 ? 1 : away == cycles / 2 ? 0.5 : 0;
                    CHECK(std::abs(harmonic_group(s, h) - std::sqrt(group)) < 1e-15);
                    CHECK(interharmonic_group(s, h) == (above >= 1 && above < cycles ? 1 : 0));
                    CHECK(interharmonic_subgroup(s, h) ==
                          (above >= 2 && above <= cycles - 2 ? 1 : 0));
                }
            }
    }

    TEST_CASE("smoothing rises to 1 - 1/e in 1.5 s and has the standard's coefficients") {
        HarmonicSmoothing smoothing;
        smoothing.push(0, 0.2);
        CHECK(std::abs(smoothing.push(1, 0.2) - 1 / 8.012) < 2e-5);
        HarmonicSmoothing step;
        CHECK(step.push(2, 0.1) == 2); // the first value is the state
        for (int n = 0; n < 15; ++n)
            step.push(3, 0.1);
        CHECK(std::abs(step.value() - (3 - std::exp(-1.0))) < 1e-14);
    }
}

TEST_SUITE("validation") {
    TEST_CASE("interharmonics on and between the bins leak as the closed form says") {
        double worst = 0;
        for (const int cycles : {10, 12}) {
            const double fn = cycles == 10 ? 50 : 60;
            for (const double order : {75 / fn, 3.5, 7.5, 177.3 / fn, 1.0003, 0.47, 49.83})
                for (int trial = 0; trial < 20; ++trial) {
                    const Tone tone{order, 2.3, two_pi * trial / 20 + 0.1};
                    const Tone fundamental{1, 230, 1.234};
                    const BinSpectrum s = spectrum_of(rows_of({fundamental, tone}, cycles), cycles);
                    BinSpectrum truth{cycles, std::vector<Complex>(s.bins.size())};
                    for (int k = 1; k < static_cast<int>(s.bins.size()); ++k)
                        truth.bins[static_cast<std::size_t>(k)] =
                            leaked(tone, k, cycles) + leaked(fundamental, k, cycles);
                    for (std::size_t k = 1; k < s.bins.size(); ++k)
                        worst = std::max(worst, std::abs(s.bins[k] - truth.bins[k]) / 230);
                    for (int h = 1; h <= max_group_order; ++h) {
                        worst = std::max(
                            {worst, std::abs(harmonic_group(s, h) - harmonic_group(truth, h)) / 230,
                             std::abs(interharmonic_group(s, h) - interharmonic_group(truth, h)) /
                                 230,
                             std::abs(interharmonic_subgroup(s, h) -
                                      interharmonic_subgroup(truth, h)) /
                                 230});
                    }
                }
            // On a bin, a tone is where it belongs and nowhere else.
            const BinSpectrum s =
                spectrum_of(rows_of({{1, 230, 0.4}, {3.5, 2.3, 2.2}}, cycles), cycles);
            worst = std::max({worst, std::abs(interharmonic_subgroup(s, 3) - 2.3) / 230,
                              std::abs(harmonic_group(s, 3) - 2.3 / std::numbers::sqrt2) / 230,
                              std::abs(harmonic_group(s, 4) - 2.3 / std::numbers::sqrt2) / 230,
                              harmonic_subgroup(s, 3) / 230});
        }
        INFO("worst error of the fundamental: ", worst);
        CHECK(worst < 1e-13);
    }

    TEST_CASE("THD of a square wave to order 31 is 46.6991 %, and groups find nothing more") {
        std::vector<Tone> square;
        for (int h = 1; h <= 63; h += 2)
            square.push_back({static_cast<double>(h), 1.0 / h, 0});
        for (const int cycles : {10, 12}) {
            const BinSpectrum s = spectrum_of(rows_of(square, cycles), cycles);
            CHECK(std::abs(thd(s) - 0.466991) < 5e-7);
            CHECK(std::abs(thd_groups(s) - thd(s)) < 1e-13);
            CHECK(std::abs(thd_subgroups(s) - thd(s)) < 1e-13);
            double squares = 0;
            for (int h = 3; h <= 49; h += 2)
                squares += 1.0 / (h * h);
            CHECK(std::abs(thd(s, 50) - std::sqrt(squares)) < 1e-13);
        }
        // A line next to the 5th, as fluctuation makes one, is in THDS and THDG but not in THD.
        const BinSpectrum s = spectrum_of(rows_of({{1, 100, 0}, {5, 3, 0}, {5.1, 4, 0}}, 10), 10);
        CHECK(std::abs(thd(s) - 0.03) < 1e-14);
        CHECK(std::abs(thd_subgroups(s) - 0.05) < 1e-14);
        CHECK(std::abs(thd_groups(s) - 0.05) < 1e-14);
    }
}
