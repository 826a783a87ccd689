#include "farms.hpp"
#include "models/faces/registers.hpp"

#include "scenarios/farm/supply_source.hpp"
#include "waveforms/true_samples.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

/// A farm with everything that a window may hang on: all models and wirings, profiles in steps and
/// in lines, exports, errors of every kind but noise, clocks that run wrong, tariffs that change,
/// and a grid to which things happen.
class Site {
public:
    Site() {
        std::string pattern = (std::filesystem::temp_directory_path() / "kpmsim-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        std::ofstream steps{folder_ / "steps.csv"};
        steps << "time,p_a,p_b,p_c,pf\n";
        for (int minute = 0; minute <= 12; ++minute)
            steps << 60 * minute << ',' << 2000 + 370 * (minute * 7 % 5) << ','
                  << 900 * (minute % 3) << ',' << -1200 + 800 * (minute % 4) << ",0.9\n";
        std::ofstream line{folder_ / "line.csv"};
        line << "time,p_a,p_b,p_c\n0,1000,1000,1000\n90,1000,1000,1000\n100,4000,4000,4000\n"
                "400,4000,4000,4000\n401,100,100,100\n900,100,100,100\n";
    }
    ~Site() { std::filesystem::remove_all(folder_); }
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;

    FarmPlan plan(Fidelity fidelity, const std::string& errors, const std::string& events) const {
        const std::string text = R"(
[farm]
start = "2026-03-31T06:56:30"
[supply.main]
u = "231 V"
f = "50.02 Hz"
unbalance.magnitude = ["100 %", "99 %", "101 %"]
harmonics.u = { 3 = "0.6 %", 5 = "2 % @ 180deg", 7 = "1 %", 37 = "0.3 %" }
dc = "0.4 V"
)" + events + R"(
[load.steps]
profile = "steps.csv"
profile_shape = "steps"
vary = "20 %"
harmonics.i = { 3 = "20 %", 5 = "10 %", 41 = "1 %" }
[load.line]
profile = "line.csv"
profile_end = "hold"
[load.roof]
kind = "pv-inverter"
p = "20 kW"
[load.drive]
kind = "six-pulse-drive"
p = "15 kW"
[load.heater]
kind = "resistive"
p = "6 kW"
[load.motor]
kind = "motor"
p = "4 kW"
[[meter]]
name = "four"
model = "kpm312"
options = "1B2B3B4B"
loads = ["steps", "none", "roof", "line"]
)" + errors + R"(
[[meter]]
name = "star"
model = "kpm37"
load = "steps"
ct = "100/5 A"
clock_offset = "17 s"
clock_drift = "3 s"
)" + errors + R"(
[[meter]]
name = "two"
model = "kpm53"
wiring = "2LL2CT"
load = "drive"
ct = "100/5 A"
)" + errors + R"(
[[meter]]
name = "three"
model = "kpm37"
wiring = "P3L3"
load = "motor"
ct = "50/5 A"
ct_reversed = ["a"]
)" + errors + R"(
[[meter]]
name = "direct"
model = "kpm33b"
load = "heater"
)" + errors;
        FarmPlan plan = parse_farm(text, (folder_ / "f.toml").string(), test::types());
        plan.fidelity = fidelity;
        return plan;
    }

private:
    std::filesystem::path folder_;
};

const char* const real_errors =
    "ambient = \"41 degC\"\n"
    "adc.u = { gain_error = \"0.2 %\", phase_error = \"0.02 deg\", offset = \"0.01 %\" }\n"
    "adc.i = { gain_error = \"-0.3 %\", phase_error = \"0.05 deg\", offset = \"-0.02 %\", "
    "temperature_coefficient = \"0.002 %\", compression = \"0.1 %\" }\n";

const char* const grid_events = R"(
[[supply.main.disturbance]]
kind = "dip"
residual = "70 %"
at = "132.123 s"
for = "5 cycles"
[[supply.main.disturbance]]
kind = "interruption"
at = "205.5 s"
for = "3 s"
[[supply.main.disturbance]]
kind = "swell"
magnitude = "115 %"
phases = "b"
at = "300 s"
for = "40 s"
edge = "1 s"
[[supply.main.disturbance]]
kind = "frequency"
by = "0.3 Hz"
at = "431 s"
edge = "2 s"
for = "30 s"
)";

void run(Farm& farm, SimTime to) {
    farm.advance(to);
    farm.publish(to);
}

/// What a deviation is held against: 230 V and the rated current. A ratio is worth as many digits as
/// what it is of.
class FullQuantities {
public:
    explicit FullQuantities(const Circuit& circuit) {
        const auto n = static_cast<std::size_t>(circuit.index());
        rated_a_ = metering_config(circuit.meter().spec()).rated_a[n] *
                   metering_settings(circuit.meter().spec(), circuit.meter().image().memory).ct[n];
        const Readings& r = circuit.state().readings;
        share_ = std::min(1.0, std::max({r[Slot::i_a], r[Slot::i_b], r[Slot::i_c]}) / rated_a_);
    }
    double of(const QuantityInfo& q) const {
        const std::string unit = q.unit;
        if (unit == "V")
            return 230;
        if (unit == "A")
            return rated_a_;
        if (unit == "W" || unit == "var" || unit == "VA")
            return va();
        return unit == "Hz" ? 50 : (unit == "%" ? 100 : unit == "deg" ? 360 : 1) / share_;
    }
    double va() const { return 3 * 230 * rated_a_; }

private:
    double rated_a_;
    double share_;
};

struct Deviation {
    double readings{0}; ///< of the full quantity
    double energies{0}; ///< of the full quantity's energy in that time

    void take(const Deviation& more) {
        readings = std::max(readings, more.readings);
        energies = std::max(energies, more.energies);
    }
};

/// The greatest of all that two farms show.
Deviation deviation(Farm& a, Farm& b) {
    Deviation worst;
    const double hours = seconds(a.now().time_since_epoch()) / 3600;
    for (std::size_t m = 0; m < a.meters().size(); ++m) {
        for (const Circuit& circuit : a.meters()[m].circuits()) {
            const auto n = static_cast<std::size_t>(circuit.index());
            const FullQuantities full{circuit};
            const MeterState& x = circuit.state();
            const MeterState& y = b.meters()[m].circuits()[n].state();
            REQUIRE(x.at == y.at);
            REQUIRE(x.window == y.window);
            REQUIRE(x.clip == y.clip);
            for (std::size_t i = 0; i < catalogue().size(); ++i) {
                const Quantity q{static_cast<std::uint16_t>(i)};
                const QuantityInfo& row = info(q);
                double off = std::abs(x.get(q) - y.get(q));
                if (std::string{row.unit} == "deg")
                    off = std::min(off, 360 - off);
                if (row.kind == QuantityKind::reading ||
                    (row.kind == QuantityKind::demand && std::string{row.unit} != "s"))
                    worst.readings = std::max(worst.readings, off / full.of(row));
                if (row.kind == QuantityKind::energy)
                    worst.energies = std::max(worst.energies, 1000 * off / (full.va() * hours));
            }
        }
    }
    return worst;
}

const SimTime end{11min};

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("windows read what samples read, within 1e-6, and count the same within 1e-8") {
        const Site site;
        Farm samples{site.plan(Fidelity::sample, real_errors, grid_events), 1};
        Farm windows{site.plan(Fidelity::window, real_errors, grid_events), 1};
        Deviation worst;
        for (SimTime to{7300ms}; to < end; to += 7300ms) {
            run(samples, to);
            run(windows, to);
            Deviation now = deviation(samples, windows);
            if (to < SimTime{1min}) // a window's rounding counts for much; it is another in each
                now.energies = 0;
            worst.take(now);
            for (std::size_t m = 0; m < samples.meters().size(); ++m) {
                const MeterState x = samples.truth(m, 0);
                const MeterState y = windows.truth(m, 0);
                CHECK(x.at == y.at);
                CHECK(x.energy.kilo(Energy::s) ==
                      doctest::Approx(y.energy.kilo(Energy::s)).epsilon(1e-12));
            }
        }
        MESSAGE("readings " << worst.readings << ", energies " << worst.energies);
        CHECK(worst.readings < 1e-6);
        CHECK(worst.energies < 1e-8);
    }

    TEST_CASE("at 50 Hz windows have the codes of the last sampled one") {
        const Site site;
        FarmPlan plan = site.plan(Fidelity::sample, real_errors, "");
        plan.supplies.front().spec.f_hz = 50;
        Farm samples{plan, 1};
        plan.fidelity = Fidelity::window;
        Farm windows{plan, 1};
        Deviation worst;
        for (SimTime to{13s}; to < end; to += 13s) {
            run(samples, to);
            run(windows, to);
            worst.take(deviation(samples, windows));
        }
        MESSAGE("readings " << worst.readings << ", energies " << worst.energies);
        CHECK(worst.readings < 1e-7);
        CHECK(worst.energies < 3e-9);
    }

    TEST_CASE("threads and the cutting of time do not change a bit between samples either") {
        const Site site;
        for (const char* const noise : {"", "adc.noise = \"0.0006 %\"\n"}) {
            CAPTURE(noise);
            const FarmPlan plan = site.plan(Fidelity::window, noise, grid_events);
            Farm one{plan, 1};
            Farm two{plan, 2};
            Farm seven{plan, 7};
            one.advance(end);
            for (SimTime to{}; to < end;) {
                to = std::min(to + 1700ms, end);
                two.advance(to);
            }
            for (SimTime to{}; to < end;) {
                to += 1s;
                run(seven, to);
            }
            one.publish(end);
            two.publish(end);
            CHECK(test::same_states(one, two));
            CHECK(test::same_states(one, seven));
            FarmPlan other = plan;
            other.seed += 1;
            Farm another{other, 1};
            run(another, end);
            CHECK_FALSE(test::same_states(one, another));
        }
    }

    TEST_CASE("what is shown between two steps is counted up to then, and is never taken back") {
        const Site site;
        const FarmPlan plan =
            site.plan(Fidelity::window, "adc.noise = \"0.0006 %\"\n", grid_events);
        Farm often{plan, 1};
        std::vector<EnergyRegisters> last(often.meters().size());
        for (SimTime to{}; to < end;) {
            to += 600ms;
            run(often, to);
            Farm* const farm = &often;
            for (std::size_t m = 0; m < last.size(); ++m) {
                const MeterState& now = farm->meters()[m].circuits()[0].state();
                CHECK(now.at > to - 201ms);
                CHECK(now.at <= to);
                for (std::size_t e = 0; e < energy_slots; ++e) {
                    const EnergyCount& a = last[m].count[e];
                    const EnergyCount& b = now.energy.count[e];
                    REQUIRE((b.wh > a.wh || (b.wh == a.wh && b.uj >= a.uj)));
                }
                last[m] = now.energy;
            }
        }
    }

    TEST_CASE("settings and commands cut a run short") {
        const Site site;
        const auto with_changes = [&](Fidelity fidelity) {
            FarmPlan plan = site.plan(fidelity, "", "");
            plan.supplies.front().spec.f_hz = 50;
            auto farm = std::make_unique<Farm>(plan, 1);
            run(*farm, SimTime{31s});
            CHECK(farm->meters()[1].circuits()[0].set("ct", 10.0, Access::wire));
            const std::uint16_t clear = 0x5578;
            CHECK(write_registers(farm->meters()[4].circuits()[0], 0x000C, {&clear, 1}));
            run(*farm, SimTime{32s});
            run(*farm, SimTime{71s});
            return farm;
        };
        const auto samples = with_changes(Fidelity::sample);
        const auto windows = with_changes(Fidelity::window);
        const Deviation worst = deviation(*samples, *windows);
        MESSAGE("readings " << worst.readings << ", energies " << worst.energies);
        CHECK(worst.readings < 1e-6);
        CHECK(worst.energies < 1e-8);
        CHECK(windows->meters()[4].circuits()[0].state().energy.kilo(Energy::p_import) ==
              doctest::Approx(6.0 * 40 / 3600).epsilon(0.02));
    }

    TEST_CASE("voltage events begin and end at the same half cycle, in windows that are sampled") {
        const Site site;
        struct Event {
            int phase;
            std::int64_t first_row, last_row;
            double extreme;
        };
        struct Seen {
            std::vector<Event> events;
            std::int64_t sampled{0}, repeated{0};
        };
        const auto events = [&](Fidelity fidelity) {
            const FarmPlan plan = site.plan(fidelity, "", grid_events);
            SupplySource feed{plan, plan.supplies.front(), fidelity};
            HalfCycleTruths half_cycles;
            std::vector<bool> repeats; // by window
            Seen seen;
            while (const auto windows = feed.next(end)) {
                for (std::int64_t n = 0; n < windows->windows; ++n) {
                    half_cycles.push(later(windows->window, n));
                    repeats.push_back(windows->repeats);
                }
                (windows->repeats ? seen.repeated : seen.sampled) += windows->windows;
            }
            for (int phase = 0; phase < 3; ++phase) {
                const double reference = half_cycles.of_phase(phase).front().rms_v;
                bool inside = false;
                for (const HalfCycleTruth& half : half_cycles.of_phase(phase)) {
                    const double u = half.rms_v / reference;
                    const bool out = u < 0.9 || u > 1.1;
                    if (out && !inside)
                        seen.events.push_back({phase, half.first_row, 0, u});
                    if (inside && !out)
                        seen.events.back().last_row = half.first_row;
                    if (out != inside) // its cycle lies in these windows
                        CHECK_FALSE((repeats[static_cast<std::size_t>(half.first_row / 1280)] &&
                                     repeats[static_cast<std::size_t>(half.first_row / 1280 + 1)]));
                    inside = out;
                }
            }
            return seen;
        };
        const Seen samples = events(Fidelity::sample);
        const Seen windows = events(Fidelity::window);
        CHECK(samples.repeated == 0);
        CHECK(windows.repeated > 10 * windows.sampled); // the swell's edges, the frequency's
        CHECK(windows.repeated + windows.sampled == samples.sampled);
        REQUIRE(samples.events.size() == 7); // three phases twice, and the swell
        REQUIRE(windows.events.size() == samples.events.size());
        for (std::size_t n = 0; n < samples.events.size(); ++n) {
            CHECK(windows.events[n].phase == samples.events[n].phase);
            CHECK(windows.events[n].first_row == samples.events[n].first_row);
            CHECK(windows.events[n].last_row == samples.events[n].last_row);
            CHECK(windows.events[n].extreme ==
                  doctest::Approx(samples.events[n].extreme).epsilon(1e-9));
        }
    }
}
