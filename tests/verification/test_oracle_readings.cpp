#include "oracle.hpp"
#include "oracle_case.hpp"

#include "verification/source.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

using namespace kpmsim;
using kpmsim::test::Fit;
using kpmsim::test::OracleCase;
using kpmsim::test::Verdict;

namespace {

using Complex = std::complex<long double>;
using Orders = std::vector<Complex>;

/// What the samples of a window hold, by the oracle.
Fit fit_of(const Rig& rig) {
    const int rows = rig.block.window.samples();
    std::vector<std::vector<double>> channels(6);
    for (std::size_t c = 0; c < channels.size(); ++c) {
        const auto seen = rig.block.channel(static_cast<int>(c));
        for (std::size_t n = 0; n < static_cast<std::size_t>(rows); ++n)
            channels[c].push_back(seen[n % seen.size()] * rig.metering.config().adc[c].full_scale);
    }
    const long double length_s = static_cast<long double>(rig.block.window.length.count()) * 1e-9L;
    return test::fit_sines(channels, rows / length_s);
}

/// Of a channel: DC, orders and, behind them, the tones between the harmonics.
Orders parts_of(const Fit& fit, std::size_t channel) {
    Orders parts = fit.phasors[channel];
    for (const test::FoundTone& tone : fit.tones)
        parts.push_back(tone.phasors[channel]);
    return parts;
}

double rms(const Orders& x) {
    long double sum = 0;
    for (std::size_t h = 1; h < x.size(); ++h)
        sum += std::norm(x[h]);
    return static_cast<double>(std::sqrt(sum));
}

/// Orders 2 to 31 over the fundamental.
double thd(const Orders& x) {
    long double sum = 0;
    for (std::size_t h = 2; h <= max_harmonic; ++h)
        sum += std::norm(x[h]);
    return static_cast<double>(std::sqrt(sum) / std::abs(x[1]));
}

double active(const Orders& u, const Orders& i) {
    long double sum = 0;
    for (std::size_t h = 1; h < u.size(); ++h)
        sum += (u[h] * std::conj(i[h])).real();
    return static_cast<double>(sum);
}

double reactive(const Orders& u, const Orders& i) {
    return static_cast<double>((u[1] * std::conj(i[1])).imag());
}

/// Magnitude of (a + r b + r^2 c) / 3, r turning by `degrees`.
double component(const Fit& fit, int degrees) {
    const Complex r =
        std::polar(1.0L, std::numbers::pi_v<long double> * static_cast<long double>(degrees) / 180);
    return static_cast<double>(
        std::abs(fit.phasors[0][1] + r * fit.phasors[1][1] + r * r * fit.phasors[2][1]) / 3);
}

/// Errors of some readings against the oracle, named as in the cases.
void compare(const Readings& got, const Fit& fit, const Drawn& d, Errors& errors) {
    for (int n = 0; n < 3; ++n) {
        const Orders u = parts_of(fit, static_cast<std::size_t>(n));
        const Orders i = parts_of(fit, static_cast<std::size_t>(n) + 3);
        const double s = rms(u) * rms(i);
        const double p = active(u, i);
        const double q = reactive(u, i);
        if (rms(u) > 1e-3 * d.un_v) {
            errors.add("U", got[slot_at(Slot::u_a, n)] / rms(u) - 1);
            errors.add("P", (got[slot_at(Slot::p_a, n)] - p) / s);
            errors.add("Q", (got[slot_at(Slot::q_a, n)] - q) / s);
            if (std::abs(p) > 0.01 * s)
                errors.add("P of reading", got[slot_at(Slot::p_a, n)] / p - 1);
            if (std::abs(q) > 0.01 * s)
                errors.add("Q of reading", got[slot_at(Slot::q_a, n)] / q - 1);
        }
        if (s > 0) { // row 7's names
            errors.add("Q1", (got[slot_at(Slot::q_a, n)] - q) / s);
            errors.add("S", got[slot_at(Slot::s_a, n)] / s - 1);
            errors.add("PF", got[slot_at(Slot::pf_a, n)] - p / s);
        }
        errors.add("U of Un", (got[slot_at(Slot::u_a, n)] - rms(u)) / d.un_v);
        errors.add("I", got[slot_at(Slot::i_a, n)] / rms(i) - 1);
        errors.add("I of In", (got[slot_at(Slot::i_a, n)] - rms(i)) / d.in_a);
        if (std::abs(u[1]) > 0)
            errors.add("THD", got[slot_at(Slot::thd_u_a, n)] / 100 - thd(u));
        errors.add("THD", got[slot_at(Slot::thd_i_a, n)] / 100 - thd(i));
        for (int h = 1; h <= max_harmonic; ++h) {
            const auto k = static_cast<std::size_t>(h);
            if (std::abs(u[1]) > 0)
                errors.add("harmonics U",
                           (got[harmonic_slot(n, h)] - static_cast<double>(std::abs(u[k]))) /
                               static_cast<double>(std::abs(u[1])));
            errors.add("harmonics I",
                       (got[harmonic_slot(3 + n, h)] - static_cast<double>(std::abs(i[k]))) /
                           static_cast<double>(std::abs(i[1])));
        }
    }
    for (const char* name : {"u2", "u2 published"})
        errors.add(name, got[Slot::unb_u2] / 100 - component(fit, 240) / component(fit, 120));
    errors.add("u0", got[Slot::unb_u0] / 100 - component(fit, 0) / component(fit, 120));
}

/// What a spoiler may do to the readings.
using Spoil = void (*)(Readings& readings);

/// How far a case's readings are from the oracle, and the oracle from the analytic truth.
void judge(const OracleCase& c, int setups, Spoil spoil, Verdict& verdict) {
    std::vector<Mistake> mistakes;
    TomlTable signal{c.signal(), "signal", mistakes};
    Source source;
    take(signal, source);
    if (signal.node("currents") != nullptr)
        return; // currents by phase, which only row 7's own kind draws
    if (source.phases_out.value[0] > 0)
        return; // the oracle looks for the frequency in phase a
    const auto shown = [&](const Rig& rig) {
        Readings readings = rig.shown();
        if (spoil != nullptr)
            spoil(readings);
        return readings;
    };
    Errors meter[2]; // clean, adc
    Errors truth_itself;
    for (int n = 0; n < setups; ++n) {
        Draw draw{c.of.name, n};
        const Drawn d = draw_source(source, draw);
        const Rig rig = settled(d, {}, Mode::clean, draw);
        const Fit fit = fit_of(rig);
        CHECK(fit.residual < 1e-9L);
        CHECK(fit.tones.size() == d.supply.interharmonics.size());
        // The other meter has its own noise on the same samples.
        const Readings got[2] = {shown(rig), shown(settled(d, {}, Mode::adc, draw))};
        for (int mode = 0; mode < 2; ++mode)
            compare(got[mode], fit, d, meter[mode]);
        compare(rig.right(), fit, d, truth_itself);
        // A coherent window repeats one cycle where it slips by less than 2^-24 turn.
        const bool coherent = rig.block.coherent();
        const auto f = static_cast<double>(fit.f_hz);
        CHECK(std::abs(f - rig.window.f_hz) < (coherent ? 0x1p-24 / 0.17 : 1e-9));
        for (int mode = 0; mode < 2 && !coherent; ++mode)
            meter[mode].add("f", got[mode][Slot::f] - f);
    }
    // The meters are judged by one window; a row that averages has less noise than that.
    const auto windows = static_cast<double>(signal.integer("windows", 1, 100'000).value_or(1));
    for (const Mode mode : {Mode::clean, Mode::adc})
        test::judge(c.of, mode, meter[static_cast<int>(mode)], verdict, std::sqrt(windows));
    for (const CaseQuantity& q : c.of.quantities)
        if (truth_itself.has(q.name)) {
            CAPTURE(c.of.name);
            CAPTURE(q.name);
            CHECK(truth_itself.worst(q.name) < 1e-12);
        }
}

void judge_row(const std::string& id, std::string_view kind = "") {
    Verdict verdict;
    for (const OracleCase& c : test::oracle_cases(id, kind))
        judge(c, test::oracle_setups, nullptr, verdict);
    CHECK(verdict.judged > 0);
    CHECK(verdict.over == "");
}

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("an independent estimator, row 1: U of a sine") { judge_row("1"); }
    TEST_CASE("an independent estimator, row 2: U with harmonics") { judge_row("2"); }
    TEST_CASE("an independent estimator, row 3: I down to a thousandth") { judge_row("3"); }
    TEST_CASE("an independent estimator, row 4: P at the class points") { judge_row("4"); }
    TEST_CASE("an independent estimator, row 5: Q") { judge_row("5"); }
    TEST_CASE("an independent estimator, row 6: Q among harmonics") { judge_row("6"); }
    TEST_CASE("an independent estimator, row 7: powers of fired loads") { judge_row("7"); }
    TEST_CASE("an independent estimator, row 15: harmonics") { judge_row("15"); }
    TEST_CASE("an independent estimator, row 16: THD") { judge_row("16"); }
    TEST_CASE("an independent estimator, row 18: unbalance") { judge_row("18"); }
    TEST_CASE("an independent estimator, row 19: influence waves") { judge_row("19"); }
    TEST_CASE("an independent estimator, row 25: the test states") { judge_row("25", "readings"); }

    TEST_CASE("the estimator rejects readings that are 20 parts in a million too great") {
        const auto spoiled = [](const char* id, Spoil spoil) {
            Verdict verdict;
            for (const OracleCase& c : test::oracle_cases(id, "readings"))
                judge(c, 2, spoil, verdict);
            return verdict.over;
        };
        const auto has = [](const std::string& over, const char* what) {
            return over.find(what) != std::string::npos;
        };
        const std::string u = spoiled("1", [](Readings& r) { r[Slot::u_b] *= 1 + 20e-6; });
        CHECK(has(u, "U, clean"));
        CHECK(has(u, "U, adc"));
        const std::string f = spoiled("25", [](Readings& r) { r[Slot::f] *= 1 + 20e-6; });
        CHECK(has(f, "f, clean"));
        CHECK(has(f, "f, adc"));
        CHECK(!has(f, "harmonics U, clean"));
        const std::string harmonic =
            spoiled("25", [](Readings& r) { r[harmonic_slot(2, 1)] *= 1 + 20e-6; });
        CHECK(has(harmonic, "harmonics U, clean"));
        CHECK(!has(harmonic, "f, clean"));
    }
}
