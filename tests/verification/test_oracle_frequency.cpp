#include "oracle_case.hpp"
#include "steady_frequency.hpp"

#include "quality/interval_frequency.hpp"
#include "verification/digitise.hpp"
#include "verification/interval_wave.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <string>

using namespace kpmsim;
using kpmsim::test::OracleCase;
using kpmsim::test::SteadyFrequency;
using kpmsim::test::Verdict;

namespace {

constexpr double two_pi = 2 * std::numbers::pi;

/// One case; the meter is told a rate that is greater by `rate_error`.
void judge(const OracleCase& c, int setups, double rate_error, Verdict& verdict) {
    std::vector<Mistake> mistakes;
    TomlTable signal{c.signal(), "signal", mistakes};
    IntervalWave wave;
    take(signal, wave);
    const double nominal_hz = signal.number("nominal").value_or(50);
    Errors errors[2];
    for (int n = 0; n < setups; ++n) {
        Draw draw{c.of.name, n};
        const IntervalSamples x = steady_samples(wave, draw);
        const SteadyFrequency right = test::steady_frequency(x.rows, x.rate_hz);
        const auto f = static_cast<double>(right.f_hz);
        CHECK(right.pieces >= 3);
        CHECK(right.off_line_rad < 1e-8L);
        CHECK(std::abs(f - x.f_hz) < 1e-9);
        for (const Mode mode : {Mode::clean, Mode::adc}) {
            std::vector<double> rows = x.rows;
            Digitiser{noise_of(wave, mode), draw.stream("converter")}(rows);
            errors[static_cast<int>(mode)].add(
                "f", phasor_frequency(rows, x.rate_hz * (1 + rate_error), nominal_hz) - f);
        }
    }
    for (const Mode mode : {Mode::clean, Mode::adc})
        test::judge(c.of, mode, errors[static_cast<int>(mode)], verdict);
}

void judge_row(const std::string& id, int quantities) {
    Verdict verdict;
    for (const OracleCase& c : test::oracle_cases(id, "frequency"))
        judge(c, test::oracle_setups, 0, verdict);
    CHECK(verdict.judged == quantities);
    CHECK(verdict.over == "");
}

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("an independent estimator, row 13: frequency over 10 s") { judge_row("13", 7); }
    TEST_CASE("an independent estimator, row 25: frequency over 10 s in the test states") {
        judge_row("25", 6);
    }

    TEST_CASE("the estimator rejects a frequency over 10 s that is 20 parts in 1e9 off") {
        const OracleCase c = test::oracle_cases("13", "frequency").front();
        Verdict verdict;
        judge(c, 2, 20e-9, verdict);
        CHECK(verdict.over.find("f, clean") != std::string::npos);
    }
}

TEST_SUITE("unit") {
    TEST_CASE("the oracle finds the frequency between dips, gaps and edges") {
        for (int n = 0; n < 10; ++n) {
            Draw draw{"steady frequency", n};
            const double f = draw.between(42.5, 69);
            const double start = draw.between(0, two_pi);
            const double tone = std::floor(draw.between(1, 30)) + 0.5;
            const double edge_s = draw.between(0, 10);
            const double gap_s = draw.between(0, 9);
            std::vector<double> x;
            for (int k = 0; k < 80'000; ++k) {
                const double t = k / 8000.0;
                const double a = two_pi * f * t + start;
                const bool gap = t > gap_s && t < gap_s + 0.7;
                const double level = gap ? 0 : t > edge_s ? 1 : 0.9;
                x.push_back(level * (std::sin(a) + 0.2 * std::sin(5 * a + 1) +
                                     0.01 * std::sin(tone * a + 2)));
            }
            const SteadyFrequency found = test::steady_frequency(x, 8000);
            CHECK(found.pieces >= 3);
            CHECK(std::abs(static_cast<double>(found.f_hz) - f) < 1e-9);
            CHECK(found.off_line_rad < 1e-8L);
        }
    }

    TEST_CASE("a frequency that moves does not pass for a steady one") {
        std::vector<double> x;
        for (int k = 0; k < 80'000; ++k) {
            const double t = k / 8000.0;
            x.push_back(std::sin(two_pi * (50 * t + 1e-8 * t * t)));
        }
        const SteadyFrequency found = test::steady_frequency(x, 8000);
        CHECK(found.pieces >= 3);
        CHECK(found.off_line_rad > 1e-7L);
    }
}
