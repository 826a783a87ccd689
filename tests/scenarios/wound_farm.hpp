#pragma once

#include "farms.hpp"
#include "folder.hpp"

#include "models/faces/registers.hpp"
#include "scenarios/farm/farm.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

/// A farm of all models that is wound through time with commands at fixed moments, and everything
/// that clients can see of it.
namespace kpmsim::test {

using namespace std::chrono_literals;

/// A command at a fixed moment.
struct Told {
    SimTime at{};
    std::size_t meter{0};
    std::string point;
    double value{0};
    int circuit{0};
};

/// Everything that clients can see of a farm.
struct Seen {
    std::vector<std::vector<std::uint16_t>> registers; ///< per unit
    std::vector<std::string> messages;
    std::vector<CivilTime> clocks;
    std::vector<EnergyRegisters> truths;
};

inline std::vector<std::uint16_t> all_registers(const Circuit& circuit) {
    std::vector<std::uint16_t> all;
    for (const RegisterRow& row : circuit.type().registers.rows) {
        std::vector<std::uint16_t> words(row.words);
        if (read_registers(circuit, row.address, words))
            all.insert(all.end(), words.begin(), words.end());
    }
    return all;
}

inline void take(Farm& farm, Seen& seen) {
    for (const Message& message : farm.take_messages())
        seen.messages.push_back(std::to_string(message.at.time_since_epoch().count()) + " " +
                                std::to_string(message.meter) + " " + message.topic + " " +
                                message.payload);
}

inline void look(Farm& farm, Seen& seen) {
    take(farm, seen);
    for (std::size_t m = 0; m < farm.meters().size(); ++m) {
        seen.clocks.push_back(farm.meters()[m].rtc());
        for (const Circuit& circuit : farm.meters()[m].circuits()) {
            seen.registers.push_back(all_registers(circuit));
            seen.truths.push_back(farm.truth(m, circuit.index()).energy);
        }
    }
}

inline PointId point_of(Farm& farm, const Told& told) {
    const auto id = farm.meters()[told.meter].type().points.find(told.point);
    REQUIRE_MESSAGE(id, told.point);
    return *id;
}

/// One step; the commands are known from the beginning.
inline Seen in_one_step(const FarmPlan& plan, SimTime end, const std::vector<Told>& commands) {
    Farm farm{plan, 1};
    for (const Told& each : commands)
        REQUIRE(
            farm.schedule(each.meter, each.at, {{point_of(farm, each), each.circuit, each.value}}));
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
            Meter& meter = farm.meters()[each.meter];
            REQUIRE(meter.set({{point_of(farm, each), each.circuit, each.value}}, Access::keys));
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

inline void check_same(const Seen& a, const Seen& b) {
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
inline const std::string day_profile = "time,p_a,p_b,p_c\n0,100,200,150\n421.5,400,10,90\n"
                                       "1300,30,250,5\n2100,0,0,0\n2900,200,200,200\n";

inline FarmPlan four_models(const std::string& start, Fidelity fidelity, bool noise) {
    const Folder folder;
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
                               folder / "f.toml", types());
    plan.fidelity = fidelity;
    // Where a power comes and goes, noise makes it change its sign, and every window is drawn: slow.
    if (noise)
        plan.meters[2].u_errors.noise_rms = plan.meters[2].i_errors.noise_rms = 1e-5;
    return plan;
}

inline std::vector<Told> commands_within(SimDuration length) {
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

} // namespace kpmsim::test
