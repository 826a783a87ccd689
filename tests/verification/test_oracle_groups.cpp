#include "oracle.hpp"
#include "oracle_case.hpp"

#include "quality/harmonic_groups.hpp"
#include "verification/digitise.hpp"
#include "verification/tones.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <string>

using namespace kpmsim;
using kpmsim::test::Fit;
using kpmsim::test::OracleCase;
using kpmsim::test::Verdict;

namespace {

using Real = long double;
using Complex = std::complex<Real>;

/// Rms phasors of the bins 0 to `last` of a fitted wave's `rows` samples, term by term.
std::vector<Complex> bins_of(const Fit& fit, std::size_t rows, Real rate_hz, std::size_t last) {
    std::vector<Real> x;
    for (std::size_t n = 0; n < rows; ++n)
        x.push_back(test::value_at(
            fit, 0, (static_cast<Real>(n) - static_cast<Real>(rows - 1) / 2) / rate_hz));
    std::vector<Complex> bins;
    for (std::size_t k = 0; k <= last; ++k) {
        const Complex step =
            std::polar(Real{1}, -2 * std::numbers::pi_v<Real> * static_cast<Real>(k) /
                                    static_cast<Real>(rows));
        Complex sum; // by Horner's rule, the last sample first
        for (std::size_t n = rows; n-- > 0;)
            sum = sum * step + x[n];
        // x = sqrt(2) Im{B e^(j a)} gives sum = rows B sqrt(2) / 2j
        bins.push_back(Complex{0, std::numbers::sqrt2_v<Real>} * sum / static_cast<Real>(rows));
    }
    return bins;
}

/// Root of the sum of weight(k) |C_k|^2.
template <class Weight>
double group(const std::vector<Complex>& bins, Weight weight) {
    Real sum = 0;
    for (std::size_t k = 0; k < bins.size(); ++k)
        sum += static_cast<Real>(weight(static_cast<int>(k))) * std::norm(bins[k]);
    return static_cast<double>(std::sqrt(sum));
}

/// Errors of the bins and groups of converted samples against the oracle.
void compare(const BinSpectrum& got, const std::vector<Complex>& right, double u1, Errors& errors) {
    const int n = got.cycles;
    for (std::size_t k = 1; k < right.size(); ++k)
        errors.add("bins", static_cast<double>(std::abs(Complex{got.bins[k]} - right[k])) / u1);
    for (int h = 1; h <= max_group_order; ++h) {
        const auto within = [&](int from, int to) {
            return group(right, [&, from, to](int k) {
                return k - h * n >= from && k - h * n <= to ? 1.0 : 0.0;
            });
        };
        const double halved = group(right, [&](int k) {
            const int off = 2 * std::abs(k - h * n) - n;
            return off < 0 ? 1.0 : off == 0 ? 0.5 : 0.0;
        });
        errors.add("subgroups", (harmonic_subgroup(got, h) - within(-1, 1)) / u1);
        errors.add("groups", (harmonic_group(got, h) - halved) / u1);
        errors.add("interharmonic subgroups",
                   (interharmonic_subgroup(got, h) - within(2, n - 2)) / u1);
        errors.add("interharmonic groups", (interharmonic_group(got, h) - within(1, n - 1)) / u1);
    }
}

/// What a spoiler may do to the samples between the oracle and the meter.
using Spoil = void (*)(std::vector<double>& rows);

/// One set-up, both modes. The oracle gets the samples and their rate.
void try_tones(const ToneCase& c, Draw& draw, Errors (&errors)[2], Spoil spoil = nullptr) {
    const std::vector<Tone> tones = draw_tones(c, draw);
    const std::vector<double> x = rows_of(tones, c.cycles);
    const double nominal_hz = c.cycles == 10 ? 50 : 60;
    const double rate_hz = nominal_hz * samples_per_cycle;
    const Fit fit = test::fit_sines({x}, rate_hz);

    // It has found what was written, and nothing else.
    CHECK(fit.residual < 1e-9L);
    CHECK(std::abs(static_cast<double>(fit.f_hz) - nominal_hz) < 1e-9);
    REQUIRE(fit.tones.size() == 1);
    const double part = tones[1].rms / tones[0].rms;
    CHECK(std::abs(static_cast<double>(fit.tones[0].f_hz) - tones[1].order * nominal_hz) <
          1e-9 / part);
    CHECK(std::abs(static_cast<double>(std::abs(fit.tones[0].phasors[0])) - tones[1].rms) <
          1e-9 * tones[0].rms);

    const auto last = static_cast<std::size_t>(c.cycles * (max_group_order + 1));
    const std::vector<Complex> right = bins_of(fit, x.size(), rate_hz, last);
    const auto u1 = static_cast<double>(std::abs(fit.phasors[0][1]));
    for (const Mode mode : {Mode::clean, Mode::adc}) {
        std::vector<double> rows = x;
        if (spoil != nullptr)
            spoil(rows);
        Digitiser{mode, draw.stream("converter")}(rows);
        compare(spectrum_of(rows, c.cycles), right, u1, errors[static_cast<int>(mode)]);
    }
}

ToneCase tones_of(const OracleCase& c) {
    std::vector<Mistake> mistakes;
    TomlTable signal{c.signal(), "signal", mistakes};
    ToneCase out;
    take(signal, out);
    return out;
}

Verdict verdict_of(const OracleCase& c, const Errors (&errors)[2]) {
    Verdict verdict;
    for (const Mode mode : {Mode::clean, Mode::adc})
        test::judge(c.of, mode, errors[static_cast<int>(mode)], verdict);
    return verdict;
}

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("an independent estimator, row 17: interharmonics and their groups") {
        const std::vector<OracleCase> cases = test::oracle_cases("17", "groups");
        CHECK(cases.size() == 2);
        for (const OracleCase& c : cases) {
            Errors errors[2];
            for (int n = 0; n < test::oracle_setups; ++n) {
                Draw draw{c.of.name, n};
                try_tones(tones_of(c), draw, errors);
            }
            const Verdict verdict = verdict_of(c, errors);
            CHECK(verdict.judged == 10);
            CHECK(verdict.over == "");
        }
    }

    TEST_CASE("an independent estimator, row 17's limits: a tone of any size at any frequency") {
        for (const OracleCase& c : test::oracle_cases("17", "groups")) {
            Errors errors[2];
            for (int n = 0; n < test::oracle_setups / 2; ++n) { // of two cases
                Draw draw{c.of.name + ", any tone", n};
                ToneCase any = tones_of(c);
                any.order = Parameter{std::floor(draw.between(1, 45)) + draw.between(0.2, 0.8)};
                any.fraction = Parameter{draw.between(0.001, 0.05)};
                try_tones(any, draw, errors);
            }
            const Verdict verdict = verdict_of(c, errors);
            CHECK(verdict.judged == 10);
            CHECK(verdict.over == "");
        }
    }

    TEST_CASE("the estimator rejects groups of samples that are 1e-6 too great") {
        const OracleCase c = test::oracle_cases("17", "groups").front();
        Errors errors[2];
        Draw draw{c.of.name, 0};
        try_tones(tones_of(c), draw, errors, [](std::vector<double>& rows) {
            for (double& x : rows)
                x *= 1 + 1e-6;
        });
        const Verdict verdict = verdict_of(c, errors);
        CHECK(verdict.over.find("bins, clean") != std::string::npos);
        CHECK(verdict.over.find("subgroups, clean") != std::string::npos);
    }

    TEST_CASE("the estimator rejects a tone that is one part in 100,000 of the fundamental aside") {
        const OracleCase c = test::oracle_cases("17", "groups").front();
        Errors errors[2];
        Draw draw{c.of.name, 0};
        try_tones(tones_of(c), draw, errors, [](std::vector<double>& rows) {
            for (std::size_t n = 0; n < rows.size(); ++n)
                rows[n] += 6e-6 * std::sin(2 * std::numbers::pi * 7.3 * static_cast<double>(n) /
                                           samples_per_cycle);
        });
        CHECK(verdict_of(c, errors).over.find("interharmonic groups, adc") != std::string::npos);
    }
}
