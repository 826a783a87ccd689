// Disturbances and test waves as a farm file writes them.
#include "farms.hpp"

#include "waveforms/disturbance.hpp"
#include "waveforms/influence.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

std::string farm_of(const std::string& supply, const std::string& load = "p = \"3 kW\"\n") {
    return "[supply.main]\n" + supply + "[load.x]\n" + load +
           "[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\nload = \"x\"\n";
}

std::string disturbance(const std::string& keys) { return "[[supply.main.disturbance]]\n" + keys; }

/// The mistakes of one disturbance, without the lines that tell where.
std::string mistakes_of_one(const std::string& keys) {
    return test::mistakes_of(farm_of(disturbance(keys)));
}

std::vector<Disturbance> settled_of(const std::string& supply) {
    const FarmPlan plan = parse_farm(farm_of(supply), "f.toml", test::types());
    return scheduled(plan.supplies[0], plan.start).disturbances;
}

Disturbance one(const std::string& keys) {
    const auto all = settled_of(disturbance(keys));
    REQUIRE(all.size() == 1);
    return all[0];
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("each kind of disturbance becomes what it says") {
        const Disturbance dip =
            one("kind = \"dip\"\nat = \"12.5 s\"\nresidual = \"40 %\"\nfor = \"10 cycles\"\n"
                "phases = \"ac\"\nedge = \"5 ms\"\n");
        CHECK(dip.kind == DisturbanceKind::level);
        CHECK(dip.factor == 0.4);
        CHECK(dip.start == SimTime{12500ms});
        CHECK(dip.length == 200ms);
        CHECK(dip.edge == 5ms);
        CHECK(dip.phases == std::array{true, false, true});
        CHECK(
            one("kind = \"dip\"\nat = \"0 s\"\ndepth = \"75 %\"\nfor = \"0.5 cycles\"\n").factor ==
            0.25);
        CHECK(one("kind = \"dip\"\nat = \"0 s\"\ndepth = \"75 %\"\nfor = \"1 cycle\"\n").length ==
              20ms);
        CHECK(one("kind = \"interruption\"\nat = \"0 s\"\nfor = \"2 s\"\n").factor == 0.0);
        CHECK(
            one("kind = \"swell\"\nat = \"0 s\"\nmagnitude = \"120 %\"\nfor = \"1 s\"\n").factor ==
            1.2);
        const Disturbance change =
            one("kind = \"rapid-change\"\nat = \"0 s\"\nchange = \"-4 %\"\n");
        CHECK(change.factor == 0.96);
        CHECK(change.length == for_good);
        const Disturbance flicker = one("kind = \"flicker\"\nat = \"0 s\"\ndepth = \"0.894 %\"\n"
                                        "changes_per_minute = 39\n");
        CHECK(flicker.kind == DisturbanceKind::flicker_square);
        CHECK(flicker.hz == 39.0 / 120.0);
        CHECK(one("kind = \"flicker\"\nat = \"0 s\"\ndepth = \"1 %\"\nf = \"8.8 Hz\"\n"
                  "shape = \"sine\"\n")
                  .kind == DisturbanceKind::flicker_sine);
        const Disturbance ramp = one(
            "kind = \"frequency\"\nat = \"1 s\"\nby = \"-1 Hz\"\nedge = \"2 s\"\nfor = \"4 s\"\n");
        CHECK(ramp.kind == DisturbanceKind::frequency);
        CHECK(ramp.hz == -1.0);
        CHECK(ramp.edge == 2s);
        CHECK(one("kind = \"phase-jump\"\nat = \"0 s\"\nby = \"-30 deg\"\n").angle_deg == -30.0);
        const Disturbance notches = one("kind = \"notches\"\nat = \"0 s\"\ndepth = \"40 %\"\n"
                                        "width = \"5 deg\"\nfirst = \"30 deg\"\n");
        CHECK(notches.per_cycle == 6);
        CHECK(notches.width_deg == 5.0);
        CHECK(notches.angle_deg == 30.0);
        const Disturbance ring =
            one("kind = \"oscillatory-transient\"\nat = \"0 s\"\nu = \"150 V\"\n"
                "f = \"700 Hz\"\ndecay = \"4 ms\"\n");
        CHECK(ring.kind == DisturbanceKind::oscillation);
        CHECK(ring.volts == 150.0);
        CHECK(ring.length == 160ms);
        const Disturbance impulse =
            one("kind = \"impulsive-transient\"\nat = \"0 s\"\nu = \"2 kV\"\n"
                "front = \"1.2 us\"\ndecay = \"50 us\"\nphases = \"b\"\n");
        CHECK(impulse.kind == DisturbanceKind::impulse);
        CHECK(impulse.front == 1200ns);
        CHECK(impulse.decay == 50us);
    }

    TEST_CASE("repeated dips each begin at their angle of the first of their phases") {
        const auto all = settled_of(
            "f = \"49.9 Hz\"\n" + disturbance("kind = \"dip\"\nat = \"1 s\"\nresidual = \"0 %\"\n"
                                              "for = \"1 cycle\"\nphases = \"b\"\n"
                                              "angle = \"45 deg\"\nevery = \"1 s\"\ntimes = 3\n"));
        REQUIRE(all.size() == 3);
        for (std::size_t n = 0; n < 3; ++n) {
            const double at_s = seconds(all[n].start.time_since_epoch());
            CHECK(at_s >= 1.0 + static_cast<double>(n));
            CHECK(at_s < 1.0 + static_cast<double>(n) + 1 / 49.9);
            const double turns = 49.9 * at_s - 1.0 / 3.0 - 45.0 / 360.0;
            CHECK(std::abs(turns - std::round(turns)) < 1e-6);
        }
    }

    TEST_CASE("a time of the site holds for whichever start the farm is given") {
        const FarmPlan plan =
            parse_farm("[farm]\nstart = \"2026-01-12T08:00:00\"\n" +
                           farm_of(disturbance("kind = \"interruption\"\nfor = \"2 s\"\n"
                                               "at = \"2026-01-12T08:00:36\"\n") +
                                   disturbance("kind = \"interruption\"\nfor = \"2 s\"\n"
                                               "at = 2026-01-12T08:00:40\n")),
                       "f.toml", test::types());
        const auto at = [&](CivilTime start, std::size_t n) {
            return scheduled(plan.supplies[0], start).disturbances[n].start;
        };
        CHECK(at(plan.start, 0) == SimTime{36s});
        CHECK(at(plan.start, 1) == SimTime{40s});
        CHECK(at(plan.start + 37s, 0) == SimTime{-1s});
    }

    TEST_CASE("every mistake of a disturbance is told at once, with its cure") {
        CHECK(mistakes_of_one("at = \"1 s\"\n") ==
              "f.toml:2:1: this disturbance of supply main lacks \"kind\"; add kind = \"dip\"; "
              "known: dip, swell, interruption, rapid-change, flicker, frequency, phase-jump, "
              "notches, oscillatory-transient, impulsive-transient");
        CHECK(mistakes_of_one("kind = \"sag\"\nat = \"1 s\"\nwidht = 3\n") ==
              "f.toml:3:8: unknown kind \"sag\"; known: dip, swell, interruption, rapid-change, "
              "flicker, frequency, phase-jump, notches, oscillatory-transient, "
              "impulsive-transient\n"
              "f.toml:5:1: unknown key \"widht\" in this disturbance of supply main; did you mean "
              "width?");
        CHECK(
            mistakes_of_one("kind = \"dip\"\nat = \"soon\"\nresidual = \"140 %\"\n"
                            "depth = \"10 %\"\nfor = \"ten cycles\"\nphases = \"aa\"\n"
                            "angle = \"90\"\nwidth = \"3 deg\"\nevery = \"10 s\"\n") ==
            "f.toml:2:1: this disturbance of supply main lacks \"times\"; add times = 3: how often "
            "it happens in all\n"
            "f.toml:4:6: at \"soon\" is no time; write \"12.5 s\" after the farm's start, or a "
            "time of the site such as \"2026-01-01T08:30:00\"\n"
            "f.toml:5:12: residual is out of range; a dip's residual voltage goes from 0 % to "
            "100 %\n"
            "f.toml:6:9: residual and depth say the same thing twice; keep one: residual = \"40 "
            "%\" is what is left, depth = \"60 %\" what is missing\n"
            "f.toml:7:7: for \"ten cycles\" cannot be read; write a time such as \"200 ms\", "
            "\"15m\" or \"10 cycles\"\n"
            "f.toml:8:10: phases \"aa\" cannot be read; write \"a\", \"bc\" or \"abc\", each "
            "phase once\n"
            "f.toml:9:9: angle: \"90\" lacks its unit; write an angle such as \"120 deg\"\n"
            "f.toml:10:1: unknown key \"width\" in this disturbance of supply main; known: kind, "
            "residual, depth, for, edge, phases, at, angle, times, every");
        CHECK(mistakes_of_one("kind = \"dip\"\n") ==
              "f.toml:2:1: this disturbance of supply main lacks \"residual\"; add it or depth: "
              "residual = \"40 %\" is what is left, depth = \"60 %\" what is missing\n"
              "f.toml:2:1: this disturbance of supply main lacks \"for\"; add for = \"10 cycles\"\n"
              "f.toml:2:1: this disturbance of supply main lacks \"at\"; add at = \"12.5 s\"");
        CHECK(mistakes_of_one("kind = \"dip\"\ndepth = \"5 %\"\nat = \"-1 s\"\nfor = \"0 s\"\n") ==
              "f.toml:5:6: at is out of range; it counts from the farm's start, up to 47 years\n"
              "f.toml:6:7: for is out of range; write more than \"0 s\", up to 47 years");
        CHECK(
            mistakes_of_one("kind = \"swell\"\nmagnitude = \"90 %\"\nat = \"1 s\"\nfor = \"1 s\"\n"
                            "edge = \"2 s\"\nevery = \"1 s\"\ntimes = 1001\n") ==
            "f.toml:4:13: magnitude is out of range; a swell's magnitude goes from 100 % to 200 "
            "%\n"
            "f.toml:7:8: edge is out of range; an edge is no longer than an hour, nor than for\n"
            "f.toml:8:9: the next one begins before this one is over; write every longer than "
            "for and edge together\n"
            "f.toml:9:9: times is 1001; write a whole number from 2 to 1000");
        CHECK(
            mistakes_of_one(
                "kind = \"rapid-change\"\nat = \"1 s\"\nevery = \"5 s\"\ntimes = 2\n") ==
            "f.toml:2:1: this disturbance of supply main lacks \"change\"; add change = \"-5 %\"\n"
            "f.toml:5:9: what stays for good cannot happen again; add for");
        CHECK(mistakes_of_one("kind = \"flicker\"\nat = \"1 s\"\n") ==
              "f.toml:2:1: this disturbance of supply main lacks \"depth\"; add depth = \"0.9 %\"\n"
              "f.toml:2:1: this disturbance of supply main lacks \"changes_per_minute\"; add it or "
              "f: changes_per_minute = 39 counts two a period, as the flicker tables do; f = \"8.8 "
              "Hz\" is the period's");
        CHECK(mistakes_of_one("kind = \"frequency\"\nby = \"21 Hz\"\nat = \"1 s\"\n"
                              "phases = \"a\"\n") ==
              "f.toml:4:6: by is out of range; a supply's frequency goes from 40 Hz to 70 Hz, with "
              "what is added\n"
              "f.toml:6:10: the frequency is that of all phases; leave phases out");
        CHECK(mistakes_of_one("kind = \"phase-jump\"\nby = \"200 deg\"\nat = \"1 s\"\n") ==
              "f.toml:4:6: by is out of range; a phase jump goes from -180 deg to 180 deg");
        CHECK(mistakes_of_one("kind = \"notches\"\ndepth = \"30 %\"\nwidth = \"70 deg\"\n"
                              "first = \"400 deg\"\nper_cycle = 0\nat = \"1 s\"\n") ==
              "f.toml:5:9: width is out of range; a notch's width goes from 0.01 deg to 60 deg, "
              "where the next one begins\n"
              "f.toml:6:9: first is out of range; the angle of the first notch goes from -360 deg "
              "to 360 deg\n"
              "f.toml:7:13: per_cycle is 0; write a whole number from 1 to 24");
        CHECK(
            mistakes_of_one("kind = \"oscillatory-transient\"\nat = \"1 s\"\nf = \"5 Hz\"\n"
                            "front = \"1 us\"\n") ==
            "f.toml:2:1: this disturbance of supply main lacks \"u\"; add u = \"150 V\"\n"
            "f.toml:2:1: this disturbance of supply main lacks \"decay\"; add decay = \"5 ms\"\n"
            "f.toml:5:5: f is out of range; a transient's frequency goes from 10 Hz to 3000 Hz, "
            "below half of what the meters sample with\n"
            "f.toml:6:1: unknown key \"front\" in this disturbance of supply main; known: kind, u, "
            "decay, f, for, phases, at, angle, times, every");
        CHECK(mistakes_of_one("kind = \"impulsive-transient\"\nat = \"1 s\"\nu = \"1 kV\"\n"
                              "front = \"1 ms\"\ndecay = \"1 ms\"\n") ==
              "f.toml:6:9: front is not shorter than decay; an impulse rises faster than it falls");
        CHECK(mistakes_of_one("kind = \"interruption\"\nat = \"2025-12-31T23:59:57\"\n"
                              "for = \"2 s\"\n") ==
              "f.toml:4:6: this is over before the farm starts, at 2026-01-01T00:00:00; write a "
              "later time, or the farm's start");
        CHECK(test::mistakes_of(
                  farm_of("drift.f = \"10 mHz\"\n" +
                          disturbance("kind = \"interruption\"\nat = \"1 s\"\nfor = \"2 s\"\n"
                                      "angle = \"0 deg\"\n"))) ==
              "f.toml:7:9: the frequency of this supply wanders, and nobody knows its angles in "
              "advance; leave angle out, or the supply's drift.f");
        CHECK(test::mistakes_of(farm_of("disturbance = [3]\n")) ==
              "f.toml:2:16: a disturbance is not a table; write [[supply.main.disturbance]] with "
              "its keys below");
    }

    TEST_CASE("a load can be a wave of the influence tests, and fire in bursts") {
        const FarmPlan plan = parse_farm(
            farm_of("wave = \"quadriform\"\n",
                    "wave = \"phase-fired-90\"\ni = \"5 A\"\nburst = { on = 2, off = 3 }\n"),
            "f.toml", test::types());
        const LoadSpec& load = plan.loads[0].spec;
        CHECK(load.kind == LoadKind::test_wave);
        CHECK(load.wave == find_wave("phase-fired-90"));
        CHECK(load.i_a == std::array<double, 3>{5, 5, 5});
        CHECK(load.burst.on == 2);
        CHECK(load.burst.off == 3);
        CHECK(plan.supplies[0].spec.harmonics.size() == find_wave("quadriform")->voltage.size());

        CHECK(test::mistakes_of(farm_of("wave = \"quadri\"\n", "p = \"3 kW\"\nwave = \"peaked\"\n"
                                                               "burst = { on = 0, of = 2 }\n")) ==
              "f.toml:2:8: unknown wave \"quadri\"; known: quadriform, peaked, fifth-harmonic, "
              "phase-fired-90, phase-fired-135, half-wave, square\n"
              "f.toml:3:1: load x lacks \"i\"; add i = \"16 A\"\n"
              "f.toml:4:5: a test-wave load takes no p; write i = \"16 A\", or another kind\n"
              "f.toml:6:9: burst of load x lacks \"off\"; add off = 2: whole cycles\n"
              "f.toml:6:16: on is 0; write a whole number from 1 to 1000000\n"
              "f.toml:6:19: unknown key \"of\" in burst of load x; did you mean on or off?");
        CHECK(
            test::mistakes_of(farm_of("", "kind = \"test-wave\"\ni = \"3 A\"\npf = \"0.5 ind\"\n"
                                          "harmonics.i = { 3 = \"2 %\" }\n")) ==
            "f.toml:2:1: load x lacks \"wave\"; add wave = \"phase-fired-90\"; known: quadriform, "
            "peaked, fifth-harmonic, phase-fired-90, phase-fired-135, half-wave, square\n"
            "f.toml:5:6: a test-wave load takes no pf; its wave stands at the voltage's zero "
            "crossing\n"
            "f.toml:6:1: a test-wave load takes no harmonics; its wave has them all");
        CHECK(
            test::mistakes_of(farm_of("", "kind = \"motor\"\np = \"3 kW\"\nwave = \"peaked\"\n")) ==
            "f.toml:5:8: a motor load takes no wave; write kind = \"test-wave\", or leave wave "
            "out");
    }
}

TEST_SUITE("scenario") {
    TEST_CASE("the example's disturbances show in the readings, which follow the truth") {
        const FarmPlan plan = load_farm(test::source("examples/disturbances.toml"), test::types());
        Farm farm{plan, 2};
        double lowest_v = 1e9;
        double highest_v = 0;
        double lowest_hz = 1e9;
        double lowest_of_a_v = 1e9;
        for (SimTime now{}; now < SimTime{60s};) {
            now += 100ms;
            farm.advance(now);
            farm.publish(now);
            const Readings& oven = farm.meters()[0].circuits()[0].state().readings;
            const Readings truth = farm.truth(0, 0).readings;
            for (const Slot slot : {Slot::u_a, Slot::u_b, Slot::i_a, Slot::i_b, Slot::p})
                CHECK(std::abs(oven[slot] - truth[slot]) <= 2e-6 * std::abs(truth[slot]) + 1e-3);
            lowest_v = std::min(lowest_v, oven[Slot::u_b]);
            highest_v = std::max(highest_v, oven[Slot::u_b]);
            lowest_of_a_v =
                now < SimTime{32s} ? std::min(lowest_of_a_v, oven[Slot::u_a]) : lowest_of_a_v;
            if (oven[Slot::f] > 0) // 0 while there is no voltage
                lowest_hz = std::min(lowest_hz, oven[Slot::f]);
        }
        CHECK(lowest_v < 0.1);
        CHECK(highest_v == doctest::Approx(1.2 * 230).epsilon(1e-6));
        // Ten cycles from 90 degrees on lie in two windows: 3/4 of the dip's squares in one at least.
        CHECK(lowest_of_a_v < 230 * std::sqrt(0.6));
        CHECK(lowest_hz == doctest::Approx(49).epsilon(1e-6));

        // In the lab, the exact figures of the waves: IEC 62053's 1.04 for the 5th harmonic.
        const Readings& fifth = farm.meters()[2].circuits()[0].state().readings;
        CHECK(fifth[Slot::p_a] == doctest::Approx(1.04 * 230 * 5).epsilon(1e-6));
        CHECK(fifth[Slot::thd_u_a] == doctest::Approx(10).epsilon(1e-6));
        const Readings& dimmer = farm.meters()[2].circuits()[1].state().readings;
        const WaveFigures exact =
            figures_of(find_wave("fifth-harmonic")->u, find_wave("phase-fired-135")->i);
        CHECK(dimmer[Slot::p_a] == doctest::Approx(230 * 5 * exact.p).epsilon(1e-6));
    }
}
