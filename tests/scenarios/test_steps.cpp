#include "farms.hpp"
#include "folder.hpp"

#include "models/faces/registers.hpp"
#include "scenarios/farm.hpp"
#include "sim/random.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace kpmsim;
using namespace std::chrono_literals;

// How time is cut into steps, by how many threads, and who tells a command when, changes nothing:
// each run is compared with one single step, to the bit.

namespace {

FarmPlan plan_of(const std::string& text) { return parse_farm(text, "f.toml", test::types()); }

/// A command at a fixed moment.
struct Told {
    SimTime at{};
    std::size_t meter{0};
    std::string point;
    double value{0};
    int loop{0};
};

/// Everything that clients can see of a farm.
struct Seen {
    std::vector<std::vector<std::uint16_t>> registers; ///< per unit
    std::vector<std::string> messages;
    std::vector<CivilTime> clocks;
    std::vector<EnergyRegisters> truths;
};

std::vector<std::uint16_t> all_registers(const Device& device) {
    std::vector<std::uint16_t> all;
    for (const RegisterRow& row : device.type().registers.rows) {
        std::vector<std::uint16_t> words(row.words);
        if (read_registers(device, row.address, words))
            all.insert(all.end(), words.begin(), words.end());
    }
    return all;
}

void take(Farm& farm, Seen& seen) {
    for (const Message& message : farm.take_messages())
        seen.messages.push_back(std::to_string(message.at.time_since_epoch().count()) + " " +
                                std::to_string(message.meter) + " " + message.topic + " " +
                                message.payload);
}

void look(Farm& farm, Seen& seen) {
    take(farm, seen);
    for (std::size_t m = 0; m < farm.instruments().size(); ++m) {
        seen.clocks.push_back(farm.instruments()[m].rtc());
        for (const Device& device : farm.instruments()[m].loops()) {
            seen.registers.push_back(all_registers(device));
            seen.truths.push_back(farm.truth(m, device.loop()).energy);
        }
    }
}

PointId point_of(Farm& farm, const Told& told) {
    const auto id = farm.instruments()[told.meter].type().points.find(told.point);
    REQUIRE_MESSAGE(id, told.point);
    return *id;
}

/// One step; the commands are known from the beginning.
Seen in_one_step(const FarmPlan& plan, SimTime end, const std::vector<Told>& commands) {
    Farm farm{plan, 1};
    for (const Told& each : commands)
        REQUIRE(
            farm.schedule(each.meter, each.at, {{point_of(farm, each), each.loop, each.value}}));
    farm.advance(end);
    farm.publish(end);
    Seen seen;
    look(farm, seen);
    return seen;
}

/// Steps of the lengths that `next` gives, and cut at the commands, which clients write then.
template <class Next>
Seen in_steps(const FarmPlan& plan, SimTime end, const std::vector<Told>& commands, int threads,
              Next next) {
    Farm farm{plan, threads};
    Seen seen;
    std::size_t told = 0;
    for (SimTime at{}; at < end;) {
        for (; told < commands.size() && commands[told].at == at; ++told) {
            const Told& each = commands[told];
            Instrument& meter = farm.instruments()[each.meter];
            REQUIRE(meter.set({{point_of(farm, each), each.loop, each.value}}, Access::wire));
        }
        SimTime to = std::min(end, at + next());
        if (told < commands.size())
            to = std::min(to, commands[told].at);
        farm.advance(to);
        farm.publish(to);
        take(farm, seen);
        at = to;
    }
    look(farm, seen);
    return seen;
}

void check_same(const Seen& a, const Seen& b) {
    REQUIRE(a.registers.size() == b.registers.size());
    for (std::size_t unit = 0; unit < a.registers.size(); ++unit)
        for (std::size_t n = 0; n < a.registers[unit].size(); ++n)
            REQUIRE_MESSAGE(a.registers[unit][n] == b.registers[unit][n],
                            "word " << n << " of unit " << unit);
    REQUIRE(a.messages.size() == b.messages.size());
    for (std::size_t n = 0; n < a.messages.size(); ++n)
        REQUIRE(a.messages[n] == b.messages[n]);
    CHECK(a.clocks == b.clocks);
    for (std::size_t n = 0; n < a.truths.size(); ++n)
        CHECK(a.truths[n].count == b.truths[n].count);
}

/// A load in steps of some ten minutes, over and over; no converter clips, or its windows would all be
/// sampled.
const std::string day_profile = "time,p_a,p_b,p_c\n0,100,200,150\n421.5,400,10,90\n"
                                "1300,30,250,5\n2100,0,0,0\n2900,200,200,200\n";

FarmPlan four_models(const std::string& start, Fidelity fidelity, bool noise) {
    const test::Folder folder;
    std::ofstream{folder / "day.csv"} << day_profile;
    FarmPlan plan = parse_farm("farm.start = \"" + start + R"("
[supply.s]
[load.day]
profile = "day.csv"
profile_shape = "steps"
[load.x]
p = "0.6 kW"
pf = "0.9 ind"
[[meter]]
name = "a"
model = "kpm33b"
load = "day"
mqtt = "embedded"
[[meter]]
name = "b"
model = "kpm312"
loads = ["x", "day", "none", "x"]
mqtt = "embedded"
[[meter]]
name = "c"
model = "kpm37"
load = "x"
mqtt = "embedded"
clock_offset = "-251 s"
[[meter]]
name = "d"
model = "kpm53"
load = "day"
clock_drift = "0.4 s"
)",
                               folder / "f.toml", test::types());
    plan.fidelity = fidelity;
    // Where a power comes and goes, noise makes it change its sign, and every window is drawn: slow.
    if (noise)
        plan.meters[2].u_errors.noise_rms = plan.meters[2].i_errors.noise_rms = 1e-5;
    return plan;
}

std::vector<Told> commands_within(SimDuration length) {
    const auto at = [&](double part) {
        const auto ms = static_cast<std::int64_t>(part * seconds(length) * 1000);
        return SimTime{std::chrono::milliseconds{ms}};
    };
    std::vector<Told> all{{at(0.05), 0, "demand_minutes", 3},
                          {at(0.11), 1, "ct", 4, 1},
                          {at(0.13), 3, "pt", 20},
                          {at(0.2), 2, "relay_1", 1},
                          {at(0.31), 0, "second_interval_s", 60},
                          {at(0.32), 0, "minute_interval_min", 10},
                          {at(0.4), 0, "settlement_day", 2},
                          {at(0.51), 1, "ct", 1, 1},
                          {at(0.62), 2, "clear_energy", 1},
                          {at(0.63), 2, "clear_demand_maxima", 1},
                          {at(0.8), 1, "clock", 1'772'000'000}};
    return all;
}

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE("A setting that is written for half a minute counts the same however time is cut") {
        const FarmPlan plan = plan_of("[supply.s]\nu = \"230 V\"\n[load.x]\np = \"10 kW\"\n"
                                      "[[meter]]\nname = \"m\"\nmodel = \"kpm37\"\nload = \"x\"\n");
        std::vector<std::string> energies;
        for (const SimDuration step : {SimDuration{200ms}, SimDuration{1s}, SimDuration{60s}}) {
            Farm farm{plan, 1};
            const auto id = farm.instruments()[0].type().points.find("ct");
            REQUIRE(farm.schedule(0, SimTime{10s}, {{*id, 0, 2.0}}));
            REQUIRE(farm.schedule(0, SimTime{40s}, {{*id, 0, 1.0}}));
            for (SimTime at{}; at < SimTime{60s}; at += step) {
                farm.advance(at + step);
                farm.publish(at + step);
            }
            const EnergyCount e = farm.instruments()[0].image().metered[0].energy[Energy::p_import];
            // 10 kW for 30 s and 20 kW for 30 s: 250 Wh.
            CHECK(e.kwh() == doctest::Approx(0.25).epsilon(1e-3));
            energies.push_back(std::to_string(e.wh) + " " + std::to_string(e.uj));
        }
        CHECK(energies[0] == energies[1]);
        CHECK(energies[0] == energies[2]);
    }

    TEST_CASE(
        "Who writes reads his value at once, also while the clock stands; the metering follows "
        "from the next window on") {
        const FarmPlan plan = plan_of("[supply.s]\n[load.x]\np = \"10 kW\"\n"
                                      "[[meter]]\nname = \"m\"\nmodel = \"kpm37\"\nload = \"x\"\n");
        Farm farm{plan, 1};
        farm.advance(SimTime{1s});
        farm.publish(SimTime{1s});
        Device& device = farm.instruments()[0].loops()[0];
        const double before = device.state().readings[Slot::p];
        REQUIRE(device.set("ct", 2.0, Access::wire));
        CHECK(device.get("ct", Access::wire)->number == 2.0);
        CHECK(device.state().readings[Slot::p] == before);
        farm.publish(SimTime{1s}); // time stands
        CHECK(device.get("ct", Access::wire)->number == 2.0);
        CHECK(device.state().readings[Slot::p] == before);
        farm.promise(SimTime{2s});
        REQUIRE(device.set("demand_minutes", 7, Access::wire)); // while the metering is on its way
        farm.advance(SimTime{2s});
        farm.publish(SimTime{2s});
        CHECK(device.get("ct", Access::wire)->number == 2.0);
        CHECK(device.get("demand_minutes", Access::wire)->number == 7.0);
        CHECK(device.state().readings[Slot::p] == doctest::Approx(2 * before).epsilon(1e-3));
        CHECK(device.set("ct", 0.0, Access::wire).error() == Refusal::out_of_range);
        CHECK(device.set("u_a", 1.0, Access::wire).error() == Refusal::read_only);
        CHECK(device.set("nothing", 1.0, Access::wire).error() == Refusal::unknown);
        CHECK(device.get("ct", Access::wire)->number == 2.0);
    }

    TEST_CASE("Cleared energies read zero at once and count from the next window on") {
        const FarmPlan plan =
            plan_of("[supply.s]\n[load.x]\np = \"10 kW\"\n"
                    "[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\nload = \"x\"\n");
        Farm farm{plan, 1};
        farm.advance(SimTime{10s});
        farm.publish(SimTime{10s});
        Device& device = farm.instruments()[0].loops()[0];
        REQUIRE(device.state().energy.kilo(Energy::p_import) > 0.02);
        REQUIRE(device.set("clear_energy", 1, Access::wire));
        CHECK(device.state().energy.kilo(Energy::p_import) == 0);
        farm.publish(SimTime{10s});
        CHECK(device.state().energy.kilo(Energy::p_import) == 0);
        farm.advance(SimTime{46s});
        farm.publish(SimTime{46s});
        CHECK(device.state().energy.kilo(Energy::p_import) == doctest::Approx(0.1).epsilon(0.01));
    }

    TEST_CASE("An hour over a settlement moment is the same in steps of a window, with commands in "
              "between, in both fidelities") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            const SimDuration length = 1h;
            const FarmPlan plan = four_models("2026-01-31T23:50:00", fidelity, false);
            const std::vector<Told> commands = commands_within(length);
            const Seen once = in_one_step(plan, SimTime{length}, commands);
            CHECK(once.messages.size() > 500);
            check_same(once, in_steps(plan, SimTime{length}, commands, 2,
                                      [] { return SimDuration{200ms}; }));
            const Random random{11, "steps"};
            std::uint64_t n = 0;
            check_same(once, in_steps(plan, SimTime{length}, commands, 1, [&] {
                           return SimDuration{
                               1ns + std::chrono::nanoseconds{
                                         static_cast<std::int64_t>(random.uniform(n++) * 9e10)}};
                       }));
        }
    }

    TEST_CASE("A day, and a month with noise, are the same in steps of any length") {
        const FarmPlan day = four_models("2026-01-31T12:00:00", Fidelity::window, false);
        const std::vector<Told> commands = commands_within(24h);
        const Seen once = in_one_step(day, SimTime{24h}, commands);
        for (const SimDuration step : {SimDuration{1s}, SimDuration{60s}})
            check_same(once, in_steps(day, SimTime{24h}, commands, 2, [&] { return step; }));

        FarmPlan month = four_models("2026-01-20T00:00:00", Fidelity::window, true);
        for (MeterPlan& meter : month.meters) { // a month of half minutes would be too many
            meter.instrument.settings.push_back({"second_interval_s", {}, 3600});
            meter.instrument.settings.push_back({"minute_interval_min", {}, 60});
        }
        std::vector<Told> seldom = commands_within(30 * 24h);
        std::erase_if(seldom,
                      [](const Told& t) { return t.point.find("interval") != std::string::npos; });
        const SimTime end{30 * 24h};
        const Seen whole = in_one_step(month, end, seldom);
        check_same(whole, in_steps(month, end, seldom, 2, [] { return SimDuration{10min}; }));
        const Random random{12, "steps"};
        std::uint64_t n = 0;
        check_same(whole, in_steps(month, end, seldom, 1, [&] {
                       return SimDuration{std::chrono::nanoseconds{
                           static_cast<std::int64_t>(random.uniform(n++) * 3e13) + 1}};
                   }));
    }
}
