#include "metering_chain.hpp"
#include "verification/paper_supply.hpp"
#include "waveforms/true_samples.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

// The truth of windows in which something changes: against sums of long doubles made from the
// descriptions alone, against closed forms, and the metering against it.

namespace {

using Kind = DisturbanceKind;
constexpr long double pi = PaperSupply::pi;

SupplySpec distorted() {
    SupplySpec spec;
    spec.magnitude = {1, 0.93, 1.04};
    spec.harmonics = {{3, 0.02, 15}, {5, 0.06, 180}, {31, 0.01, 77}};
    return spec;
}

Readings reads(const SupplyWindow& window, const LoadSpec& load, const WiringSpec& wiring = {}) {
    const WindowCurrents drawn = currents_of(load, window);
    return truth(wire_drawn(wiring, window, {&drawn, 1}), window, wiring, 0);
}

doctest::Approx sharp(double x) { return doctest::Approx(x).epsilon(1e-12); }

/// Mean product of rows less the product of their means.
long double covariance(const std::vector<long double>& x, const std::vector<long double>& y) {
    long double xy = 0, of_x = 0, of_y = 0;
    for (std::size_t n = 0; n < x.size(); ++n) {
        xy += x[n] * y[n];
        of_x += x[n];
        of_y += y[n];
    }
    const auto count = static_cast<long double>(x.size());
    return xy / count - of_x / count * (of_y / count);
}

std::vector<long double> rows_of(const SupplySpec& spec, std::size_t phase, const Window& window) {
    const PaperSupply written{spec};
    std::vector<long double> out(static_cast<std::size_t>(window.samples()));
    for (std::size_t n = 0; n < out.size(); ++n)
        out[n] = written.row(phase, window, static_cast<int>(n));
    return out;
}

/// Rows m to n - 1 of 2 sin^2((k - c) w): the sum of squares of a unit-rms sine.
double squares(double m, double n, double c) {
    const double w = 2 * std::numbers::pi / 128;
    return (n - m) - std::sin((n - m) * w) / std::sin(w) * std::cos((m + n - 1 - 2 * c) * w);
}

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("a dip of any depth, length and start angle: U, P, I and Q are the rows' to 1e-12") {
        const Window window{SimTime{200ms}, 200ms, 10};
        double worst = 0;
        for (int degrees = 0; degrees < 360; degrees += 15) {
            for (const double depth : {0.0, 0.4, 0.9}) {
                SupplySpec spec = distorted();
                const SimTime start = moment_of_angle(spec, SimTime{240ms}, 1, degrees);
                spec.disturbances = {{.kind = Kind::level,
                                      .start = start,
                                      .length = SimDuration{10'000'000LL * (1 + degrees % 37)},
                                      .phases = {true, true, degrees % 2 == 0},
                                      .factor = depth}};
                const SupplyWindow w = Supply{spec, Random{1, "supply"}}.through(window);
                LoadSpec load;
                load.kind = LoadKind::resistive;
                load.p_w = {2000, 1000, 500};
                const Readings r = reads(w, load);
                for (int p = 0; p < 3; ++p) {
                    const auto phase = static_cast<std::size_t>(p);
                    const auto u = rows_of(spec, phase, window);
                    const auto next = rows_of(spec, (phase + 1) % 3, window);
                    auto line = u;
                    std::complex<long double> lines[2]{};
                    for (std::size_t n = 0; n < u.size(); ++n) {
                        line[n] -= next[n];
                        for (const int h : {1, 5})
                            lines[h / 5] +=
                                u[n] * std::polar(std::sqrt(2.0L) / 1280, -2 * pi * h * n / 128);
                    }
                    const double square = static_cast<double>(covariance(u, u));
                    const double siemens = load.p_w[phase] / (230.0 * 230.0);
                    const auto note = [&](double got, long double right, double scale) {
                        worst = std::max(worst, std::abs(got - static_cast<double>(right)) / scale);
                    };
                    note(r[slot_at(Slot::u_a, p)], std::sqrt(square), 230);
                    note(r[slot_at(Slot::u_ab, p)], std::sqrt(covariance(line, line)), 400);
                    note(r[slot_at(Slot::i_a, p)], siemens * std::sqrt(square), siemens * 230);
                    note(r[slot_at(Slot::p_a, p)], siemens * square, siemens * 230 * 230);
                    note(r[slot_at(Slot::q_a, p)], 0, siemens * 230 * 230);
                    note(r[harmonic_slot(p, 1)], std::abs(lines[0]), 230);
                    note(r[harmonic_slot(p, 5)], std::abs(lines[1]), 230);
                }
            }
        }
        CHECK(worst < 1e-12);
    }

    TEST_CASE("a load that holds its power takes it through a dip, whatever the voltage is") {
        SupplySpec spec;
        spec.disturbances = {
            {.kind = Kind::level, .start = SimTime{43'210'987ns}, .length = 70ms, .factor = 0.6}};
        const Window window{SimTime{}, 200ms, 10};
        const SupplyWindow w = Supply{spec, Random{1, "supply"}}.through(window);
        LoadSpec load;
        load.p_w = {2300, 2300, 2300};
        const Readings r = reads(w, load);
        for (int p = 0; p < 3; ++p) { // u i is as ever; what is lost is the product of their means
            const auto u = rows_of(spec, static_cast<std::size_t>(p), window);
            SupplySpec plain = spec;
            plain.disturbances.clear();
            auto i = rows_of(plain, static_cast<std::size_t>(p), window);
            for (std::size_t n = 0; n < i.size(); ++n)
                i[n] = std::abs(u[n] - i[n]) > 1e-9L ? i[n] * (10 / 230.0L / 0.6L)
                                                     : i[n] * (10 / 230.0L);
            CHECK(r[slot_at(Slot::p_a, p)] == sharp(static_cast<double>(covariance(u, i))));
            CHECK(r[slot_at(Slot::p_a, p)] == doctest::Approx(2300).epsilon(1e-3));
        }
    }

    TEST_CASE("flicker, ramps and bursts have their closed forms") {
        const Window window{SimTime{}, 200ms, 10};
        LoadSpec heater;
        heater.kind = LoadKind::resistive;
        heater.p_w.fill(2300);

        // Two periods of the modulation: U^2 (1 + (d/2)^2 / 2), and edges on cycles: (1 + (d/2)^2).
        SupplySpec sine;
        sine.disturbances = {
            {.kind = Kind::flicker_sine, .length = for_good, .depth = 0.08, .hz = 10}};
        SupplyWindow w = Supply{sine, Random{1, "supply"}}.through(window);
        CHECK(reads(w, heater)[Slot::u_b] == sharp(230 * std::sqrt(1 + 0.04 * 0.04 / 2)));
        SupplySpec square;
        square.disturbances = {
            {.kind = Kind::flicker_square, .length = for_good, .depth = 0.08, .hz = 5}};
        w = Supply{square, Random{1, "supply"}}.through(window);
        CHECK(reads(w, heater)[Slot::u_a] == sharp(230 * std::sqrt(1 + 0.04 * 0.04)));

        // Straight from 1 to 0.5 within the window: the mean of (1 - t/2)^2 is 7/12. The slope
        // leaves 2 / (10 cycles 2 pi)^2 or so of what else closes over a whole cycle, and rows are
        // counted from their beginning: half a row of the difference of the ends' squares.
        SupplySpec ramp;
        ramp.disturbances = {
            {.kind = Kind::level, .length = for_good, .edge = 200ms, .factor = 0.5}};
        w = Supply{ramp, Random{1, "supply"}}.through(window);
        const auto u = rows_of(ramp, 0, window);
        const double square_v = std::pow(reads(w, heater)[Slot::u_a], 2);
        CHECK(square_v == sharp(static_cast<double>(covariance(u, u))));
        CHECK(square_v == doctest::Approx(230 * 230 * 7.0 / 12).epsilon(1e-3));

        // A ramp of the frequency: f is the mean.
        SupplySpec chirp;
        chirp.disturbances = {{.kind = Kind::frequency, .length = for_good, .edge = 1s, .hz = 1}};
        w = Supply{chirp, Random{1, "supply"}}.through({SimTime{400ms}, 200ms, 10});
        CHECK(reads(w, heater)[Slot::f] == sharp(50.5));

        // Two cycles on, two off: half the power, current / sqrt 2, over two windows.
        heater.burst = {2, 2};
        Supply supply{{}, Random{1, "supply"}};
        double p_w = 0, square_a = 0;
        for (int n = 0; n < 2; ++n) {
            const Readings r = reads(supply.through({SimTime{n * 200ms}, 200ms, 10}), heater);
            p_w += r[Slot::p_a] / 2;
            square_a += r[Slot::i_a] * r[Slot::i_a] / 2;
        }
        CHECK(p_w == sharp(1150));
        CHECK(std::sqrt(square_a) == sharp(10 / std::numbers::sqrt2));
    }

    TEST_CASE("Urms(1/2) of a step has its closed form, half cycle by half cycle") {
        for (int degrees = 0; degrees < 360; degrees += 20) {
            SupplySpec spec;
            const SimTime start = moment_of_angle(spec, SimTime{190ms}, 0, degrees);
            spec.disturbances = {{.start = start, .length = 73ms, .factor = 0.3}};
            Supply supply{spec, Random{1, "supply"}};
            HalfCycleTruths truths;
            for (int n = 0; n < 3; ++n)
                truths.push(supply.through({SimTime{n * 200ms}, 200ms, 10}));
            const auto row_after = [](SimTime t) { // 156.25 us a row
                return std::ceil(static_cast<double>(t.time_since_epoch().count()) / 156'250);
            };
            const double b = row_after(start);
            const double e = row_after(start + 73ms);
            for (int phase = 0; phase < 3; ++phase) {
                const double crossing = phase * 128 / 3.0; // of a lag of 120 deg a phase
                const auto& values = truths.of_phase(phase);
                REQUIRE(values.size() >= 57);
                for (std::size_t k = 0; k < values.size(); ++k) {
                    const auto a = static_cast<double>(values[k].first_row);
                    const double off = std::remainder(a - crossing, 64.0);
                    CHECK(std::abs(off) <= 0.5 + 1e-6);
                    if (k > 0)
                        CHECK(values[k].first_row - values[k - 1].first_row == 64);
                    const double from = std::clamp(b, a, a + 128);
                    const double to = std::clamp(e, a, a + 128);
                    const double square = squares(a, from, crossing) +
                                          0.09 * squares(from, to, crossing) +
                                          squares(to, a + 128, crossing);
                    // The integer step means 50 Hz to 3e-11 Hz: 1e-10 rad after 0.6 s.
                    CHECK(std::abs(values[k].rms_v / 230 - std::sqrt(square / 128)) < 1e-10);
                }
            }
        }
    }

    TEST_CASE(
        "sampling puts a step off by up to half a row, and U^2 of its window by less than 1/1280") {
        // The integral of 2 sin^2 over the part before the step, in closed form, against the rows.
        double worst = 0;
        for (int n = 0; n < 997; ++n) {
            const SimTime start{80ms + SimDuration{n * 20'061}};
            SupplySpec spec;
            spec.disturbances = {{.start = start, .length = for_good, .factor = 0.0}};
            const SupplyWindow w = Supply{spec, Random{1, "s"}}.through({SimTime{}, 200ms, 10});
            const std::vector<double> rows = voltage_samples(w, {}, 0);
            double square = 0;
            for (const double x : rows)
                square += x * x / 1280;
            const double t = seconds(start.time_since_epoch()) / 0.02; // cycles
            const double integral =
                230 * 230 * (t - std::sin(4 * std::numbers::pi * t) / (4 * std::numbers::pi)) / 10;
            worst = std::max(worst, std::abs(square - integral) / (230 * 230));
        }
        MESSAGE("U^2 of a window, rows against the integral: ", worst);
        CHECK(worst < 1.0 / 1280); // half a row of the peak's square
        CHECK(worst > 0.9 / 1280);
    }

    TEST_CASE("through every disturbance, in every wiring, a meter reads the truth to 1e-6") {
        const SimTime start{2'071'828'183ns};
        const std::vector<std::pair<const char*, Disturbance>> all{
            {"dip", {.start = start, .length = 130ms, .factor = 0.4}},
            {"swell of b",
             {.start = start, .length = 333ms, .phases = {false, true, false}, .factor = 1.2}},
            {"interruption", {.start = start, .length = 250ms, .factor = 0.0}},
            {"rapid change", {.start = start, .length = for_good, .edge = 117ms, .factor = 0.94}},
            {"sine flicker",
             {.kind = Kind::flicker_sine,
              .start = start,
              .length = for_good,
              .depth = 0.05,
              .hz = 8.8}},
            {"square flicker",
             {.kind = Kind::flicker_square,
              .start = start,
              .length = for_good,
              .depth = 0.03,
              .hz = flicker_hz(1620)}},
            {"frequency step",
             {.kind = Kind::frequency, .start = start, .length = for_good, .hz = 0.4}},
            {"frequency ramp",
             {.kind = Kind::frequency, .start = start, .length = for_good, .edge = 2s, .hz = 2}},
            {"phase jump",
             {.kind = Kind::phase_jump, .start = start, .length = for_good, .angle_deg = 20}},
            {"notches",
             {.kind = Kind::notches,
              .start = start,
              .length = 230ms,
              .depth = 0.4,
              .angle_deg = 21,
              .width_deg = 9}},
            {"oscillation",
             {.kind = Kind::oscillation,
              .start = start,
              .length = 60ms,
              .hz = 870,
              .volts = 150,
              .decay = 4ms}},
            {"impulse",
             {.kind = Kind::impulse,
              .start = start,
              .length = 20ms,
              .phases = {false, false, true},
              .volts = 300,
              .decay = 1ms,
              .front = 80us}},
        };
        double worst_u = 0, worst_i = 0, worst_power = 0, worst_harmonic = 0;
        for (const auto& one : all) {
            const std::string name = one.first;
            CAPTURE(name);
            double worst_f_hz = 0;
            int changing = 0;
            for (const Wiring mode : {Wiring::p4l, Wiring::p3l3, Wiring::p3l2}) {
                SupplySpec spec = distorted();
                spec.f_hz = 50.2;
                spec.disturbances = {one.second};
                WiringSpec wiring;
                wiring.mode = mode;
                LoadSpec drive;
                drive.kind = LoadKind::six_pulse_drive;
                drive.p_w = {3000, 2500, 2000};
                drive.pf = 0.9;
                LoadSpec heater;
                heater.kind = LoadKind::resistive;
                heater.p_w = {2000, 1000, 3000};
                heater.burst = {2, 1};
                MeteringConfig config;
                config.wiring = mode;
                config.circuits = 2;
                for (std::size_t c = 0; c < max_channels; ++c)
                    config.adc[c].full_scale = c < 3 ? 1200 : 80;
                MeteringChain chain{spec, wiring, {drive, heater}, config};
                while (chain.lock.next().start < SimTime{2900ms}) {
                    chain.step();
                    if (chain.window.window.start < SimTime{1800ms})
                        continue;
                    REQUIRE(chain.metering.clipped() == 0);
                    changing += chain.window.changes() ? 1 : 0;
                    for (int circuit = 0; circuit < 2; ++circuit) {
                        const Readings right = chain.right(circuit);
                        const Readings& got = chain.shown(circuit);
                        const auto off = [&](Slot s) { return std::abs(got[s] - right[s]); };
                        const auto raise = [](double& worst, double by) {
                            worst = std::isnan(by) ? 1e9 : std::max(worst, by);
                        };
                        for (int n = 0; n < 6; ++n)
                            raise(worst_u, off(slot_at(Slot::u_a, n)) / 230);
                        for (int n = 0; n < 3; ++n)
                            raise(worst_i, off(slot_at(Slot::i_a, n)) / 10);
                        for (int n = 0; n < 4; ++n)
                            for (const Slot s : {Slot::p_a, Slot::q_a, Slot::s_a})
                                raise(worst_power, off(slot_at(s, n)) / 2300);
                        for (int c = 0; c < 6; ++c)
                            for (int h = 1; h <= max_harmonic; ++h)
                                raise(worst_harmonic,
                                      off(harmonic_slot(c, h)) / (c < 3 ? 230 : 10));
                        raise(worst_f_hz, off(Slot::f));
                    }
                }
            }
            MESSAGE(name, ": ", changing, " windows change, f off by ", worst_f_hz, " Hz at most");
            CHECK(changing >= 3);
        }
        MESSAGE("u ", worst_u, ", i ", worst_i, ", P Q S ", worst_power, ", harmonics ",
                worst_harmonic);
        CHECK(worst_u < 1e-6);
        CHECK(worst_i < 1e-6);
        CHECK(worst_power < 1e-6);
        CHECK(worst_harmonic < 1e-6);
    }
}
