#include "measuring.hpp"

#include "scenarios/measure/wave.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <sstream>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

/// By how much a quantity may differ: 1e-6 (of U, of the largest current of the three, for powers of
/// U times that), and what one code of the current's converter makes. Both chains round to codes;
/// what that does to a steady wave is the same in every cycle, so no averaging helps.
double allowed(const QuantityInfo& q, const Readings& r, double code_a) {
    const auto [least_a, most_a] = std::minmax({r[Slot::i_a], r[Slot::i_b], r[Slot::i_c]});
    const double i_a = 1e-6 * most_a + code_a;
    const double fraction = least_a > 0 ? 1e-6 + code_a / least_a : 1e-6;
    if (q.unit == "V")
        return 1e-6 * r[Slot::u_a];
    if (q.unit == "A")
        return i_a;
    if (q.unit == "Hz")
        return 1e-6 * r[Slot::f];
    if (q.unit == "%")
        return 100 * fraction;
    if (q.unit == "deg")
        return 180 / std::numbers::pi * fraction;
    return q.unit.empty() ? fraction : r[Slot::u_a] * i_a;
}

struct Worst {
    double error{0}; ///< of what is allowed
    std::string where;
    int compared{0};
};

/// A meter in the farm against the same meter on the recording of its terminals, from window
/// `first` on.
Worst worst_difference(FarmPlan plan, const MeterPlan& meter, const std::string& path,
                       std::size_t first) {
    const MeterType& type = *meter.spec.type;
    MeasureSpec spec = with(type.name);
    spec.rating = meter.spec.ratings.empty() ? "" : meter.spec.ratings.front();
    const Measurement m =
        measured(written(wave_recording(plan, meter, 100, SimTime{}, WaveData::codes), path), spec);
    CHECK(m.windows.size() == 10);
    CHECK(m.clipped() == 0);
    const double code_a = m.ct * metering_config(meter.spec).adc[3].full_scale * 0x1p-23;
    plan.meters = {meter};
    Farm farm{plan, 1};
    const std::vector<Circuit>& circuits = farm.meters()[0].circuits();
    Worst worst;
    for (std::size_t w = 0; w < m.windows.size(); ++w) {
        for (const std::uint64_t before = circuits[0].state().window;
             circuits[0].state().window == before;) {
            farm.advance(farm.now() + 50ms);
            farm.publish(farm.now() + 50ms);
        }
        for (std::size_t circuit = 0; circuit < m.windows[w].circuits.size() && w >= first;
             ++circuit) {
            const MeterState& farms = circuits[circuit].state();
            MeterState mine;
            mine.readings = m.windows[w].circuits[circuit].readings;
            for (const Quantity q : measured_quantities(type, max_harmonic)) {
                const QuantityInfo& row = info(q);
                double error = std::abs(mine.get(q) - farms.get(q));
                if (row.unit == "deg")
                    error = std::min(error, 360 - error);
                error /= allowed(row, farms.readings, code_a);
                ++worst.compared;
                if (error > worst.error) {
                    worst.error = error;
                    worst.where = row.name + " window " + std::to_string(w) + " circuit " +
                                  std::to_string(circuit);
                }
            }
        }
    }
    return worst;
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("a meter's wave, recorded and measured again, gives the farm's readings to 1e-6") {
        const Folder folder;
        FarmPlan plan = load_farm(test::source("examples/quickstart.toml"), test::types());
        for (const bool drifts : {true, false}) {
            if (!drifts) {
                plan.supplies[0].spec.u_drift = {};
                plan.supplies[0].spec.f_drift = {};
            }
            // A clock follows a window late. The farm's knows the frequency before the recording,
            // which shows in the first two windows if the frequency moves.
            const std::size_t first = drifts ? 2 : 0;
            for (const std::string name : {"chiller", "floor-1", "workshop", "solar", "boiler"}) {
                const Worst worst = worst_difference(plan, *find_meter(plan, name),
                                                     folder / (name + ".cfg"), first);
                INFO(name, ": ", worst.where);
                CHECK(worst.error < 1);
                CHECK(worst.compared > 200);
            }
        }
    }

    TEST_CASE("any frequency is found, whatever the file says of it") {
        const Folder folder;
        for (const double f_hz : {45.0, 49.3, 50.0, 54.7, 55.3, 60.0, 61.7, 65.0}) {
            for (const char* name : {"tone.csv", "tone.cfg"}) { // a CSV says nothing, this .cfg 50
                const Measurement m = measured(
                    written(sines(f_hz, 10000, 1.0, three_phases), folder / name), with("kpm53"));
                INFO(f_hz, " Hz in ", name);
                REQUIRE(m.windows.size() >= 3);
                for (std::size_t w = 0; w < m.windows.size(); ++w) {
                    CHECK(std::abs(reading(m, w, Slot::f) - f_hz) < 1e-6);
                    CHECK(std::abs(reading(m, w, Slot::u_b) / 230 - 1) < 1e-6);
                    CHECK(std::abs(reading(m, w, Slot::p) / (3 * 230 * 5 * std::sqrt(0.75)) - 1) <
                          1e-6);
                }
            }
        }
    }

    TEST_CASE("a delta meter takes line voltages as they are, or makes them of the phases'") {
        const Folder folder;
        const double line = 230 * std::sqrt(3.0);
        MeasureSpec spec = with("kpm53");
        spec.wiring = "P3L2";
        const std::vector<Tone> currents{{"IA", "A", 5, -30}, {"IC", "A", 5, 90}};
        std::vector<Tone> by_bc{{"U12", "V", line, 30}, {"U23", "V", line, -90}};
        std::vector<Tone> by_cb{{"Uab", "V", line, 30}, {"Ucb", "V", line, 90}};
        by_bc.insert(by_bc.end(), currents.begin(), currents.end());
        by_cb.insert(by_cb.end(), currents.begin(), currents.end());
        int n = 0;
        for (const auto& tones : {three_phases, by_bc, by_cb}) {
            const Measurement m = measured(
                written(sines(50, 6400, 1.0, tones), folder / (std::to_string(n++) + ".csv")),
                spec);
            CHECK(m.wiring == "2LL2CT");
            CHECK(reading(m, 1, Slot::u_bc) == doctest::Approx(line).epsilon(1e-6));
            CHECK(reading(m, 1, Slot::i_b) == doctest::Approx(5).epsilon(1e-6));
            CHECK(reading(m, 1, Slot::p) ==
                  doctest::Approx(3 * 230 * 5 * std::sqrt(0.75)).epsilon(1e-6));
            CHECK(reading(m, 1, Slot::q) == doctest::Approx(3 * 230 * 5 * 0.5).epsilon(1e-6));
        }
    }

    TEST_CASE("readings are primary, on whichever side the recording was taken") {
        const Folder folder;
        // 10 kV line, 400 A: 57.7 V and 5 A at the terminals.
        std::vector<Tone> secondary = three_phases;
        std::vector<Tone> primary = three_phases;
        for (std::size_t c = 0; c < 6; ++c) {
            secondary[c].rms = c < 3 ? 57.7 : 5;
            primary[c].rms = c < 3 ? 5.77 : 0.4;
            primary[c].unit = c < 3 ? "kV" : "kA";
        }
        const auto marked = [](Recording r, bool is_primary) {
            for (std::size_t c = 0; c < 6; ++c) {
                r.channels[c].primary = c < 3 ? 10000 : 400;
                r.channels[c].secondary = c < 3 ? 100 : 5;
                r.channels[c].values_are_primary = is_primary;
            }
            return r;
        };
        const auto check = [](const Measurement& m) {
            CHECK(m.pt == 100);
            CHECK(m.ct == 80);
            CHECK(reading(m, 2, Slot::u_a) == doctest::Approx(5770).epsilon(1e-6));
            CHECK(reading(m, 2, Slot::i_c) == doctest::Approx(400).epsilon(1e-6));
            CHECK(m.clipped() == 0); // 5.77 kV would have
        };
        MeasureSpec spec = with("kpm53");
        check(measured(written(marked(sines(50, 6400, 1, secondary), false), folder / "s.cfg"),
                       spec));
        check(measured(written(marked(sines(50, 6400, 1, primary), true), folder / "p.cfg"), spec));
        spec.pt = 100;
        spec.ct = 80;
        check(measured(written(sines(50, 6400, 1, secondary), folder / "s.csv"), spec));
        spec.primary = true;
        check(measured(written(sines(50, 6400, 1, primary), folder / "p.csv"), spec));
    }

    TEST_CASE("what is beyond the converter's or the recorder's range is counted in its window") {
        const Folder folder;
        Recording r = sines(50, 6400, 1.0, three_phases);
        // 7 A rated 5: its converter ends at 20 A peak. A spike in the third window.
        r.channels[3].values[3 * 1280 - 100] = 31;
        Measurement m = measured(written(r, folder / "spike.cfg"), with("kpm53"));
        CHECK(m.windows[1].clipped == 0);
        CHECK(m.windows[2].clipped >= 1);
        CHECK(m.clipped() == m.windows[2].clipped);
        CHECK(m.recorder_clipped() == 0);
        CHECK(m.windows[1].circuits[0].get(quantity(Status::clip_i)) == 0);
        CHECK(m.windows[2].circuits[0].get(quantity(Status::clip_i)) == 1);
        CHECK(m.windows[2].circuits[0].get(quantity(Status::clip_u)) == 0);
        REQUIRE(m.clipped_terminals.size() == 1);
        CHECK(m.clipped_terminals[0].terminal == "ia");
        CHECK(m.clipped_terminals[0].samples == m.clipped());
        CHECK(m.clipped_terminals[0].windows == 1);
        CHECK(m.clipped_terminals[0].first.start == m.windows[2].window.start);
        CHECK(m.clipped_terminals[0].cure ==
              "choose another --rating, or, if the values are the primary side's, add --primary "
              "with --ct 400/5");

        r = sines(50, 6400, 1.0, three_phases);
        for (RecordedChannel& c : r.channels)
            to_codes(c);
        RecordedChannel& u_b = r.channels[1];
        u_b.stored_max = 1.2e9; // of 2^31
        u_b.stored_min = -u_b.stored_max;
        for (std::int32_t& code : u_b.codes) {
            code = std::min(code, static_cast<std::int32_t>(u_b.stored_max));
            code = std::max(code, static_cast<std::int32_t>(u_b.stored_min));
        }
        m = measured(written(r, folder / "flat.cfg"), with("kpm53"));
        REQUIRE(clipped_samples(u_b) > 1000);
        CHECK(m.channels[1].recorder_clipped == clipped_samples(u_b));
        std::int64_t in_windows = 0;
        for (const MeasuredWindow& w : m.windows) {
            CHECK(w.recorder_clipped > 100);
            in_windows += w.recorder_clipped;
        }
        CHECK(in_windows == m.recorder_clipped());
        CHECK(m.clipped() == 0);
    }

    TEST_CASE("a slow recording is refused, or measured up to the order it carries") {
        const Folder folder;
        const std::string path = written(sines(50, 3200, 1.0, three_phases), folder / "slow.cfg");
        MeasureSpec spec = with("kpm53");
        const std::string refused = measuring_mistakes(path, spec);
        CHECK(refused.find("too low for order 31") != std::string::npos);
        CHECK(refused.find("carries orders up to 25; measure those alone with --orders") !=
              std::string::npos);
        spec.highest_order = 25;
        const Measurement m = measured(path, spec);
        CHECK(reading(m, 1, Slot::u_a) == doctest::Approx(230).epsilon(1e-6));
        std::ostringstream csv;
        write_measurement(m, *spec.type, csv);
        CHECK(csv.str().find(",hr_u_a_25,hr_u_b_2,") != std::string::npos);
        CHECK(csv.str().find("thd") == std::string::npos);
    }

    TEST_CASE("a WAV is taken in the meter's order, or as told") {
        const Folder folder;
        const Measurement floats =
            measured(written(sines(50, 6400, 1.0, three_phases), folder / "f.wav"), with("kpm53"));
        CHECK(reading(floats, 1, Slot::i_a) == doctest::Approx(5).epsilon(1e-6));
        CHECK(floats.channels[3].terminal == "ia");
        CHECK(floats.channels[3].from == "ch4");

        Recording codes = sines(50, 6400, 1.0, three_phases);
        for (std::size_t c = 0; c < 6; ++c) {
            for (const double v : codes.channels[c].values) {
                codes.channels[c].codes.push_back(
                    static_cast<std::int32_t>(std::lround(v / (c < 3 ? 400 : 20) * 32768)));
            }
            codes.channels[c].values.clear();
        }
        const std::string path = written(codes, folder / "codes.wav");
        MeasureSpec spec = with("kpm53");
        CHECK(measuring_mistakes(path, spec) ==
              "codes.wav: holds whole numbers, and does not say what they are worth; give the "
              "volts of the largest: --full-scale-u 400\n"
              "codes.wav: holds whole numbers, and does not say what they are worth; give the "
              "amperes of the largest: --full-scale-i 50\n");
        spec.u_full_scale_v = 400;
        spec.i_full_scale_a = 20;
        spec.channels = {{"ua", "ch1"}, {"ub", "ch3"}, {"uc", "ch2"}, {"ia", "ch5"}};
        const Measurement m = measured(path, spec);
        CHECK(reading(m, 1, Slot::u_a) == doctest::Approx(230).epsilon(1e-5));
        CHECK(reading(m, 1, Slot::i_a) == doctest::Approx(5).epsilon(1e-5));
        CHECK(reading(m, 1, Slot::angle_u_b) == doctest::Approx(240).epsilon(1e-5));
        CHECK(reading(m, 1, Slot::i_b) == 0);
    }

    TEST_CASE("circuits without a recording are left out, currents without one are 0") {
        const Folder folder;
        std::vector<Tone> voltages{three_phases.begin(), three_phases.begin() + 3};
        const std::string path = written(sines(50, 6400, 1.0, voltages), folder / "u.csv");
        const Measurement m = measured(path, with("kpm312"));
        REQUIRE(m.windows[0].circuits.size() == 1);
        CHECK(reading(m, 0, Slot::i_a) == 0);
        CHECK(reading(m, 0, Slot::p) == 0);
        REQUIRE(m.channels.size() == 6);
        CHECK(m.channels[5].terminal == "ic1");
        CHECK(m.channels[5].from.empty());
    }

    TEST_CASE("what cannot be measured is told with place and cure") {
        const Folder folder;
        std::vector<Tone> tones = three_phases;
        tones[1].name = "W7";
        tones[1].unit = "";
        tones.push_back({"L1 spare", "A", 1, 0});
        const std::string path = written(sines(50, 6400, 0.5, tones), folder / "odd.cfg");
        MeasureSpec spec = with("kpm53");
        CHECK(measuring_mistakes(path, spec) ==
              "odd.cfg: ub: there is no channel \"ub\"; the recording has VA, W7, VC, IA, IB, IC, "
              "L1 spare; name it: --channels ub=NAME, or ub=none for a dead terminal\n");
        spec.channels = {{"ub", "W7"}}; // who names the terminal names the unit
        CHECK(reading(measured(path, spec), 0, Slot::u_b) == doctest::Approx(230).epsilon(1e-6));
        spec.channels = {{"ub", "none"}};
        CHECK(reading(measured(path, spec), 0, Slot::u_b) == 0);
        spec.channels = {{"ub", "IA"}, {"ic", "gone"}};
        const std::string crossed = measuring_mistakes(path, spec);
        CHECK(crossed.find("\"IA\" is in A, ub wants volts") != std::string::npos);
        CHECK(crossed.find("ic: there is no channel \"gone\"") != std::string::npos);
        spec.channels = {{"ux", "VA"}};
        CHECK(measuring_mistakes(path, spec) ==
              "--channels: there is no terminal \"ux\"; known in this "
              "wiring: ua, ub, uc, ia, ib, ic\n");
        spec = with("kpm33b");
        spec.wiring = "P9L";
        spec.rating = "77";
        const std::string unknown = measuring_mistakes(path, spec);
        CHECK(unknown.find("--wiring: a kpm33b has no wiring \"P9L\"; known: ") == 0);
        CHECK(unknown.find("--rating: a kpm33b has no rating \"77\"; known: ") !=
              std::string::npos);
        CHECK(measuring_mistakes(written(sines(50, 6400, 0.1, three_phases), folder / "short.csv"),
                                 with("kpm53"))
                  .find("no window fits in; a window takes 10 cycles") != std::string::npos);
        CHECK(measuring_mistakes(folder / "gone.cfg", with("kpm53")).find("gone.cfg: ") == 0);
    }

    TEST_CASE("what clips is brought back by the option that its message names") {
        const Folder folder;
        std::vector<Tone> tones = three_phases;
        for (std::size_t c = 0; c < 6; ++c)
            tones[c].rms *= c < 3 ? 100 / std::sqrt(3.0) : 80;
        for (const char* name : {"p.cfg", "p.csv"}) { // the .cfg says P, and 1/1
            const std::string path = written(sines(50, 6400, 0.5, tones), folder / name);
            MeasureSpec spec = with("kpm53");
            spec.pt = 100;
            Measurement m = measured(path, spec);
            REQUIRE(m.clipped_terminals.size() == 6);
            CHECK(m.clipped_terminals[0].cure ==
                  "if the values are the primary side's, add --primary");
            spec.pt = 2; // is not enough
            CHECK(measured(path, spec).clipped_terminals[0].cure ==
                  "if the values are the primary side's, add --primary with --pt 10000/100");
            spec.pt = 100;
            spec.ct = 80;
            CHECK(measured(path, spec).clipped_terminals[3].cure ==
                  "choose another --rating, or, if the values are the primary side's, add "
                  "--primary");
            spec.primary = true;
            m = measured(path, spec);
            CHECK(m.clipped() == 0);
            CHECK(reading(m, 1, Slot::u_a) == doctest::Approx(tones[0].rms).epsilon(1e-6));
            spec.pt = 1;
            spec.ct = 1;
            m = measured(path, spec);
            CHECK(m.clipped_terminals[0].cure == "choose another --pt");
            CHECK(m.clipped_terminals[3].cure == "choose another --rating or --ct");
        }
        Recording secondary = sines(50, 6400, 0.5, tones);
        for (RecordedChannel& c : secondary.channels)
            c.values_are_primary = false;
        // The .cfg says S, and 1/1: perhaps nobody told the recorder its transformers.
        MeasureSpec spec = with("kpm53");
        const std::string untold = written(secondary, folder / "s1.cfg");
        Measurement m = measured(untold, spec);
        CHECK(m.clipped_terminals[0].cure ==
              "if the values are the primary side's, add --primary with --pt 10000/100");
        CHECK(m.clipped_terminals[3].cure ==
              "choose another --rating, or, if the values are the primary side's, add --primary "
              "with --ct 400/5");
        spec.primary = true;
        spec.pt = 100;
        spec.ct = 80;
        CHECK(measured(untold, spec).clipped() == 0);
        for (std::size_t c = 3; c < 6; ++c) // 1.2 kA
            for (double& sample : secondary.channels[c].values)
                sample *= 3;
        const std::string large = written(secondary, folder / "s2.cfg");
        CHECK(measured(large, with("kpm53")).clipped_terminals[3].cure.ends_with("--ct 1000/5"));
        spec.ct = 200;
        CHECK(measured(large, spec).clipped() == 0);
        for (RecordedChannel& c : secondary.channels) {
            c.primary = 110;
            c.secondary = 100;
        }
        const std::string path = written(secondary, folder / "s.cfg");
        CHECK(measured(path, with("kpm53")).clipped_terminals[0].cure == "choose another --model");
        CHECK(measured(path, with("kpm53")).clipped_terminals[3].cure == "choose another --rating");
        CHECK(measured(path, with("kpm33b")).clipped_terminals[0].cure == "choose another --model");
    }
}
