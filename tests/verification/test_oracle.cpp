#include "oracle.hpp"

#include "files/toml.hpp"
#include "verification/builtin_cases.hpp"
#include "verification/case.hpp"
#include "verification/source.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <string>

using namespace kpmsim;
using kpmsim::test::Fit;

namespace {

using Complex = std::complex<long double>;
using Orders = std::vector<Complex>;

constexpr int setups = 20;

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
        const Orders& u = fit.phasors[static_cast<std::size_t>(n)];
        const Orders& i = fit.phasors[static_cast<std::size_t>(n) + 3];
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
    errors.add("u2", got[Slot::unb_u2] / 100 - component(fit, 240) / component(fit, 120));
    errors.add("u0", got[Slot::unb_u0] / 100 - component(fit, 0) / component(fit, 120));
}

/// How far a row's readings are from the oracle, and the oracle from the analytic truth.
void judge(const std::string& id) {
    int judged = 0;
    for (const EmbeddedFile& file : builtin_cases()) {
        const std::vector<VerificationCase> one = load_cases({&file, 1});
        if (one[0].id != id)
            continue;
        std::vector<Mistake> mistakes;
        const TomlNode root = parse_toml(std::string{file.text}, "case.toml", mistakes);
        TomlTable signal{*root.find("signal"), "signal", mistakes};
        Source source;
        take(signal, source);
        if (signal.node("currents") != nullptr)
            continue; // currents by phase, which only row 7's own kind draws
        if (source.phases_out.value[0] > 0)
            continue; // the oracle looks for the frequency in phase a
        // The meters are judged by one window; a row that averages has less noise than that.
        const auto windows = static_cast<double>(signal.integer("windows", 1, 100'000).value_or(1));
        const auto one_window = [&](const CaseQuantity& q, Mode mode) {
            return q.limit(mode)->limit * (mode == Mode::adc ? std::sqrt(windows) : 1);
        };
        Errors meter[2]; // clean, adc
        Errors truth_itself;
        for (int n = 0; n < setups; ++n) {
            Draw draw{one[0].name, n};
            const Drawn d = draw_source(source, draw);
            const Rig rig = settled(d, {}, Mode::clean, draw);
            const Fit fit = fit_of(rig);
            compare(rig.shown(), fit, d, meter[0]);
            compare(rig.right(), fit, d, truth_itself);
            // The other meter has its own noise on the same samples.
            compare(settled(d, {}, Mode::adc, draw).shown(), fit, d, meter[1]);
            // A coherent window repeats one cycle where it slips by less than 2^-24 turn.
            const double least_hz = rig.block.coherent() ? 0x1p-24 / 0.17 : 1e-9;
            CHECK(std::abs(static_cast<double>(fit.f_hz) - rig.window.f_hz) < least_hz);
        }
        CAPTURE(one[0].name);
        for (const CaseQuantity& q : one[0].quantities)
            for (const Mode mode : {Mode::clean, Mode::adc})
                if (q.limit(mode) && meter[static_cast<int>(mode)].has(q.name)) {
                    CAPTURE(q.name);
                    CAPTURE(name_of(mode));
                    CHECK(meter[static_cast<int>(mode)].worst(q.name) <= one_window(q, mode));
                    CHECK(truth_itself.worst(q.name) < 1e-12);
                    ++judged;
                }
    }
    CHECK(judged > 0);
}

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("an independent estimator, row 1: U of a sine") { judge("1"); }
    TEST_CASE("an independent estimator, row 2: U with harmonics") { judge("2"); }
    TEST_CASE("an independent estimator, row 3: I down to a thousandth") { judge("3"); }
    TEST_CASE("an independent estimator, row 4: P at the class points") { judge("4"); }
    TEST_CASE("an independent estimator, row 5: Q") { judge("5"); }
    TEST_CASE("an independent estimator, row 6: Q among harmonics") { judge("6"); }
    TEST_CASE("an independent estimator, row 7: powers of fired loads") { judge("7"); }
    TEST_CASE("an independent estimator, row 15: harmonics") { judge("15"); }
    TEST_CASE("an independent estimator, row 16: THD") { judge("16"); }
    TEST_CASE("an independent estimator, row 18: unbalance") { judge("18"); }
    TEST_CASE("an independent estimator, row 19: influence waves") { judge("19"); }
}

TEST_SUITE("unit") {
    TEST_CASE("the oracle finds frequency and phasors of a wave that it is told nothing about") {
        std::vector<double> x;
        for (int n = 0; n < 1500; ++n) {
            const double t = (n - 749.5) / 7000;
            const double w = 2 * std::numbers::pi * 53.217;
            x.push_back(0.01 + std::sin(w * t + 0.4) + 0.2 * std::sin(17 * w * t - 1));
        }
        const Fit fit = test::fit_sines({x}, 7000);
        CHECK(std::abs(static_cast<double>(fit.f_hz) - 53.217) < 1e-12);
        CHECK(std::abs(static_cast<double>(std::abs(fit.phasors[0][1])) - std::sqrt(0.5)) < 1e-13);
        CHECK(std::abs(static_cast<double>(std::arg(fit.phasors[0][1])) - 0.4) < 1e-13);
        CHECK(std::abs(static_cast<double>(std::abs(fit.phasors[0][17])) - 0.2 * std::sqrt(0.5)) <
              1e-13);
    }
}
