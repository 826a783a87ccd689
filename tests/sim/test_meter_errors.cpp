#include "samples.hpp"
#include "sim/calibration.hpp"
#include "sim/meter_clock.hpp"
#include "sim/meter_errors.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

using namespace kpmsim;
using test::Block;
using test::Tone;
using test::Tones;

namespace {

constexpr double degree = std::numbers::pi / 180;
constexpr double full_u = 600, full_i = 20, rated_a = 5;

MeteringConfig converter(Wiring wiring = Wiring::p4l) {
    MeteringConfig config;
    config.wiring = wiring;
    for (std::size_t c = 0; c < 6; ++c)
        config.adc[c].full_scale = c < 3 ? full_u : full_i;
    config.rated_a[0] = rated_a;
    return config;
}

using Channels = std::array<Tones, 6>; ///< V and A

/// One window of these at a meter's terminals; a channel's phase error turns its sines, as the
/// sampling does.
Readings metered(const MeteringConfig& config, const Channels& channels,
                 const MeteringSettings& settings = {}) {
    Metering meter{config, settings, Random{1, "meter"}};
    const Window window = test::window_at(50);
    Block b{window, 6, window.samples()};
    for (std::size_t c = 0; c < 6; ++c) {
        Tones tones = channels[c];
        for (Tone& tone : tones) {
            tone.rms /= config.adc[c].full_scale;
            tone.angle -= tone.order * config.adc[c].phase_error_rad;
        }
        b.fill(static_cast<int>(c), tones, 50);
    }
    meter.push(b.block, {});
    return meter.state(0).readings;
}

/// U, I, P, Q of balanced sines, the mean of 400 s as a bench takes it. Each window begins elsewhere
/// in the cycle: else its 128 codes would be rounded the same way in all, and stay 3e-8 wrong.
Readings calibration_bench(const MeteringConfig& config, double u, double i, double lag_deg) {
    constexpr int windows = 2000;
    Metering meter{config, {}, Random{1, "meter"}};
    Block b{test::window_at(50), 6, samples_per_cycle};
    std::array<double, samples_per_cycle> sine{}, cosine{};
    for (std::size_t n = 0; n < sine.size(); ++n) {
        sine[n] = std::sin(2 * std::numbers::pi * static_cast<double>(n) / samples_per_cycle);
        cosine[n] = std::cos(2 * std::numbers::pi * static_cast<double>(n) / samples_per_cycle);
    }
    Readings mean;
    test::Dice dice{1};
    for (int w = 0; w < windows; ++w) {
        const double start = dice(0, 2 * std::numbers::pi);
        for (int c = 0; c < 6; ++c) {
            const AdcChannel& adc = config.adc[static_cast<std::size_t>(c)];
            const double angle =
                start + (-120.0 * (c % 3) - (c < 3 ? 0 : lag_deg)) * degree - adc.phase_error_rad;
            const double peak = std::numbers::sqrt2 * (c < 3 ? u : i) / adc.full_scale;
            const double in_phase = peak * std::cos(angle);
            const double quadrature = peak * std::sin(angle);
            for (std::size_t n = 0; n < sine.size(); ++n)
                b.block.channel(c)[n] = in_phase * sine[n] + quadrature * cosine[n];
        }
        meter.push(b.block, {});
        b.block.window.start = b.block.window.end();
        const Readings& now = meter.state(0).readings;
        for (int n = 0; n <= static_cast<int>(Slot::q_c); ++n)
            mean.value[static_cast<std::size_t>(n)] +=
                now.value[static_cast<std::size_t>(n)] / windows;
    }
    return mean;
}

double rms_of(const Tones& tones) {
    double square = 0;
    for (const Tone& tone : tones)
        square += tone.rms * tone.rms;
    return std::sqrt(square);
}

/// A curve as bad as an old transformer's.
LevelErrors curve(test::Dice& dice) {
    LevelErrors e;
    e.compression = dice(0, 0.002);
    for (std::size_t n = 0; n < ct_levels.size(); ++n) {
        e.ct_ratio[n] = dice(-0.03, 0.01);
        e.ct_phase_rad[n] = -dice(0, 0.05); // leads, as a transformer's secondary does
    }
    return e;
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE(
        "between its points a transformer's errors are straight lines, beyond them they stay") {
        LevelErrors e;
        e.ct_ratio = {-0.0075, -0.0035, -0.002, -0.001, -0.0005};
        e.ct_phase_rad = {-5e-3, -4e-3, -3e-3, -2e-3, -1e-3};
        for (std::size_t n = 0; n < ct_levels.size(); ++n) {
            CHECK(e.at(ct_levels[n]).gain == e.ct_ratio[n]);
            CHECK(e.at(ct_levels[n]).phase_rad == e.ct_phase_rad[n]);
        }
        CHECK(e.at(0.03).gain == doctest::Approx(-0.0055).epsilon(1e-12));
        CHECK(e.at(0.6).phase_rad == doctest::Approx(-2.5e-3).epsilon(1e-12));
        CHECK(e.at(0).gain == -0.0075);
        CHECK(e.at(7).gain == -0.0005);

        LevelErrors pressed;
        pressed.compression = 0.001;
        CHECK(pressed.at(1).gain == -0.001);
        CHECK(pressed.at(0.5).gain == -0.00025);
        CHECK(pressed.at(0.5).phase_rad == 0);
    }

    TEST_CASE("errors add up, drift with the air around and can be scaled") {
        MeteringConfig config = converter();
        config.adc[4].gain_error = 0.001;
        config.adc[4].noise_rms = 3e-6;
        MeterErrors errors;
        errors.channel[4] = {0.002, 0.003, 1e-4, 4e-6, 1e-5, {}};
        errors.channel[4].level.ct_ratio[2] = -0.004;
        errors.crystal = 5e-6;
        errors.crystal_per_k2 = -0.03e-6;
        add_errors(scaled(errors, 2), reference_c + 10, config);
        CHECK(config.adc[4].gain_error == doctest::Approx(0.001 + 0.004 + 2e-4).epsilon(1e-12));
        CHECK(config.adc[4].phase_error_rad == 0.006);
        CHECK(config.adc[4].offset == 2e-4);
        CHECK(config.adc[4].noise_rms == doctest::Approx(std::sqrt(9.0 + 64.0) * 1e-6));
        CHECK(config.level[4].ct_ratio[2] == -0.008);
        CHECK(config.clock_error == doctest::Approx(1e-5 - 6e-6).epsilon(1e-12));
        CHECK(config.adc[3].gain_error == 0);
    }

    TEST_CASE("half a second a day is 5.79 ppm, and slips by whole seconds") { // row 33
        CivilTime midnight;
        REQUIRE(parse_iso("2026-01-01T00:00:00", midnight));
        const double error = 0.5 / 86400;
        CHECK(std::abs(error - 5.79e-6) < 0.005e-6);
        const MeterClock fast{60, error, midnight};
        const MeterClock slow{60, -error, midnight};
        for (int day = 0; day <= 3650; ++day) {
            const CivilTime site = midnight + std::chrono::hours{24 * day};
            // At noon of an odd day the half second has not come to a whole one.
            const CivilTime noon = site + std::chrono::hours{12};
            CHECK(std::abs(fast.offset_at(noon) - (60 + day / 2)) == 0);
            CHECK(std::abs(slow.offset_at(noon) - (60 - day / 2)) == 0);
        }
        CHECK(fast.offset_at(midnight - std::chrono::hours{1000}) == 60); // not set yet
        CHECK(fast.shown(midnight) == midnight + std::chrono::seconds{60});
    }
}

TEST_SUITE("validation") {

    TEST_CASE("a current's level errors read as if its current were so, harmonics and all") {
        test::Dice dice{5};
        double worst = 0;
        for (int trial = 0; trial < 30; ++trial) {
            const Wiring wiring = trial % 3 == 0   ? Wiring::p4l
                                  : trial % 3 == 1 ? Wiring::p3l3
                                                   : Wiring::p3l2;
            const bool star = wiring == Wiring::p4l;
            MeteringConfig real = converter(wiring);
            Channels at_terminals, as_if;
            const double level = std::pow(10, dice(-2.3, 0.15)) * rated_a;
            for (std::size_t c = 0; c < 6; ++c) {
                const bool current = c >= 3;
                const bool absent = (!star && c == 1) || (wiring == Wiring::p3l2 && c == 4);
                const double u_angle = star ? -120.0 * static_cast<double>(c % 3)
                                            : (c % 3 == 0 ? 30.0 : 90.0); // Uab, Ucb
                const double rms = absent ? 0 : current ? level * dice(0.8, 1) : dice(200, 240);
                const double lag = current ? dice(-70, 70) : 0;
                const double angle = current ? -120.0 * static_cast<double>(c - 3) - lag : u_angle;
                at_terminals[c] = {{1, rms, angle * degree}};
                for (int order = 2; order <= 31; ++order)
                    at_terminals[c].push_back({static_cast<double>(order),
                                               rms * dice(0, 0.3) / order,
                                               dice(0, 2 * std::numbers::pi)});
                as_if[c] = at_terminals[c];
                if (!current || absent)
                    continue;
                real.level[c] = curve(dice);
                const LevelError error = real.level[c].at(rms_of(at_terminals[c]) / rated_a);
                for (Tone& tone : as_if[c]) {
                    tone.rms *= 1 + error.gain;
                    tone.angle -= error.phase_rad / tone.order;
                }
            }
            MeteringSettings settings;
            settings.ct[0] = 1 + trial % 2 * 39; // the level is the terminals', not the primary's
            const Readings shown = metered(real, at_terminals, settings);
            const Readings right = metered(converter(wiring), as_if, settings);
            const double ct = settings.ct[0];
            const double most_a = std::max(level, rated_a) * ct; // half a code is of full scale
            const double s = 3 * 240 * most_a;
            for (int n = 0; n < static_cast<int>(reading_slots); ++n) {
                const auto slot = static_cast<Slot>(n);
                const bool power = slot >= Slot::p_a && slot <= Slot::s;
                const bool of_current = (slot >= Slot::i_a && slot <= Slot::i_c) ||
                                        (slot >= Slot::i_zero && slot <= Slot::i_neg) ||
                                        slot >= harmonic_slot(3, 1);
                const bool of_voltage = slot <= Slot::u_ca || slot >= Slot::h_first;
                const double whole = slot >= Slot::pf_a && slot <= Slot::pf ? 1 : 100;
                const double unit = power        ? s
                                    : of_current ? most_a
                                    : of_voltage ? 240
                                                 : whole * most_a / (level * ct);
                if (slot >= Slot::angle_u_a && slot <= Slot::thd_i_c)
                    continue; // they follow from the ones compared
                worst = std::max(worst, std::abs(shown[slot] - right[slot]) / unit);
            }
            CHECK(std::abs(shown[Slot::p] -
                           metered(converter(wiring), at_terminals, settings)[Slot::p]) >
                  1e-5 * 3 * 240 * level * ct); // there was an error to get right
        }
        MESSAGE("worst ", worst);
        CHECK(worst < 3e-7);
    }

    TEST_CASE("a fast crystal lowers f, raises the energies, and leaves the rest to the bit") {
        const double e = 0.5 / 86400;
        MeteringConfig fast = converter();
        fast.clock_error = e;
        Metering a{converter(), {}, Random{1, "m"}};
        Metering b{fast, {}, Random{1, "m"}};
        Block block{test::window_at(50.02), 6, 128};
        for (int c = 0; c < 6; ++c)
            block.fill(c, {{1, c < 3 ? 0.4 : 0.2, -2.0943951023931953 * (c % 3)}}, 50.02);
        // Four simulated years from the start: the clock's time is worked out, not added up.
        block.block.window.start = SimTime{std::chrono::hours{24 * 365 * 4}};
        constexpr int windows = 5000;
        for (int w = 0; w < windows; ++w) {
            a.push(block.block, {CivilTime{std::chrono::seconds{w / 5}}, 0});
            b.push(block.block, {CivilTime{std::chrono::seconds{w / 5}}, 0});
            block.block.window.start = block.block.window.end();
        }
        Readings right = a.state(0).readings;
        const Readings shown = b.state(0).readings;
        CHECK(std::abs(shown[Slot::f] - right[Slot::f] / (1 + e)) < 2e-7);
        CHECK(std::abs(shown[Slot::f] - right[Slot::f]) > 2e-4);
        right[Slot::f] = shown[Slot::f];
        CHECK(right.value == shown.value);
        for (const Energy one : {Energy::p_import, Energy::s, Energy::p_import_a})
            CHECK(std::abs(b.state(0).energy.kilo(one) / a.state(0).energy.kilo(one) - 1 - e) <
                  1e-10);
        CHECK(b.state(0).demand[Demand::p] ==
              doctest::Approx(a.state(0).demand[Demand::p]).epsilon(1e-12));
    }

    TEST_CASE("two points, PF 1 and PF 0.5, are enough to calibrate gain and phase") { // row 35
        test::Dice dice{35};
        double worst = 0;
        for (int trial = 0; trial < 5; ++trial) {
            MeteringConfig config = converter();
            for (std::size_t c = 0; c < 6; ++c) {
                config.adc[c].gain_error = dice(-0.03, 0.03);
                config.adc[c].phase_error_rad = dice(-2, 2) * degree;
                config.adc[c].offset = dice(-0.01, 0.01);
            }
            const double u = 380, i = 12;
            const Readings at_1 = calibration_bench(config, u, i, 0);
            const Readings at_half = calibration_bench(config, u, i, 60);
            std::array<double, 3> gain_u{}, gain_i{}, lag{};
            for (int c = 0; c < 3; ++c) {
                const auto n = static_cast<std::size_t>(c);
                const auto point = [&](const Readings& at, double pf) {
                    return CalibrationPoint{u,
                                            i,
                                            u * i * pf,
                                            at[slot_at(Slot::u_a, c)],
                                            at[slot_at(Slot::i_a, c)],
                                            at[slot_at(Slot::p_a, c)]};
                };
                const Trim trim = calibrate(point(at_1, 1), point(at_half, 0.5));
                gain_u[n] = 1 / trim.gain_u;
                gain_i[n] = 1 / trim.gain_i;
                lag[n] = trim.lag_rad;
                const double set =
                    config.adc[n + 3].phase_error_rad - config.adc[n].phase_error_rad;
                worst = std::max(worst, std::abs(lag[n] - set));
                worst = std::max(worst, std::abs(gain_u[n] - 1 - config.adc[n].gain_error));
                worst = std::max(worst, std::abs(gain_i[n] - 1 - config.adc[n + 3].gain_error));
            }
            // Corrected, any other point is right.
            const double angle = dice(-80, 80);
            const Readings other = calibration_bench(config, u * 0.7, i * 0.8, angle);
            for (int c = 0; c < 3; ++c) {
                const auto n = static_cast<std::size_t>(c);
                const double p = other[slot_at(Slot::p_a, c)] / (gain_u[n] * gain_i[n]);
                const double q = other[slot_at(Slot::q_a, c)] / (gain_u[n] * gain_i[n]);
                const double corrected = p * std::cos(lag[n]) + q * std::sin(lag[n]);
                const double s = u * 0.7 * i * 0.8;
                worst = std::max(worst, std::abs(corrected / s - std::cos(angle * degree)));
            }
        }
        MESSAGE("worst ", worst);
        CHECK(worst < 1e-9);
    }
}
