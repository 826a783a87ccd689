#include "tests/short_life.hpp"
#include "wound_farm.hpp"

#include "files/json_node.hpp"
#include "scenarios/play/actions.hpp"
#include "sim/random.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

using namespace kpmsim;
using namespace std::chrono_literals;
using test::check_same;
using test::commands_within;
using test::four_models;
using test::in_one_step;
using test::in_steps;
using test::life;
using test::Seen;
using test::Told;

// How time is cut into steps, by how many threads, and who tells a command when, changes nothing:
// each run is compared with one single step, to the bit.

namespace {

FarmPlan plan_of(const std::string& text) { return parse_farm(text, "f.toml", test::types()); }

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE("A setting that is written for half a minute counts the same however time is cut") {
        const FarmPlan plan = plan_of("[supply.s]\nu = \"230 V\"\n[load.x]\np = \"10 kW\"\n"
                                      "[[meter]]\nname = \"m\"\nmodel = \"kpm37\"\nload = \"x\"\n");
        std::vector<std::string> energies;
        for (const SimDuration step : {SimDuration{200ms}, SimDuration{1s}, SimDuration{60s}}) {
            Farm farm{plan, 1};
            const auto id = farm.meters()[0].type().points.find("ct");
            REQUIRE(farm.schedule(0, SimTime{10s}, {{*id, 0, 2.0}}));
            REQUIRE(farm.schedule(0, SimTime{40s}, {{*id, 0, 1.0}}));
            for (SimTime at{}; at < SimTime{60s}; at += step) {
                farm.advance(at + step);
                farm.publish(at + step);
            }
            const EnergyCount e = farm.meters()[0].image().metered[0].energy[Energy::p_import];
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
        Circuit& circuit = farm.meters()[0].circuits()[0];
        const double before = circuit.state().readings[Slot::p];
        REQUIRE(circuit.set("ct", 2.0, Access::wire));
        CHECK(circuit.get("ct", Access::wire)->number == 2.0);
        CHECK(circuit.state().readings[Slot::p] == before);
        farm.publish(SimTime{1s}); // time stands
        CHECK(circuit.get("ct", Access::wire)->number == 2.0);
        CHECK(circuit.state().readings[Slot::p] == before);
        farm.promise(SimTime{2s});
        REQUIRE(circuit.set("demand_minutes", 7, Access::wire)); // while the metering is on its way
        farm.advance(SimTime{2s});
        farm.publish(SimTime{2s});
        CHECK(circuit.get("ct", Access::wire)->number == 2.0);
        CHECK(circuit.get("demand_minutes", Access::wire)->number == 7.0);
        CHECK(circuit.state().readings[Slot::p] == doctest::Approx(2 * before).epsilon(1e-3));
        CHECK(circuit.set("ct", 0.0, Access::wire).error() == Refusal::out_of_range);
        CHECK(circuit.set("u_a", 1.0, Access::wire).error() == Refusal::read_only);
        CHECK(circuit.set("nothing", 1.0, Access::wire).error() == Refusal::unknown);
        CHECK(circuit.get("ct", Access::wire)->number == 2.0);
    }

    TEST_CASE("Cleared energies read zero at once and count from the next window on") {
        const FarmPlan plan =
            plan_of("[supply.s]\n[load.x]\np = \"10 kW\"\n"
                    "[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\nload = \"x\"\n");
        Farm farm{plan, 1};
        farm.advance(SimTime{10s});
        farm.publish(SimTime{10s});
        Circuit& circuit = farm.meters()[0].circuits()[0];
        REQUIRE(circuit.state().energy.kilo(Energy::p_import) > 0.02);
        REQUIRE(circuit.set("clear_energy", 1, Access::wire));
        CHECK(circuit.state().energy.kilo(Energy::p_import) == 0);
        farm.publish(SimTime{10s});
        CHECK(circuit.state().energy.kilo(Energy::p_import) == 0);
        farm.advance(SimTime{46s});
        farm.publish(SimTime{46s});
        CHECK(circuit.state().energy.kilo(Energy::p_import) == doctest::Approx(0.1).epsilon(0.01));
    }

    TEST_CASE("An hour over a settlement moment is the same in steps of a window, with commands in "
              "between, in both fidelities") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            const SimDuration length = life(60min, 12min);
            const FarmPlan plan = four_models("2026-01-31T23:50:00", fidelity, false);
            const std::vector<Told> commands = commands_within(length);
            const Seen once = in_one_step(plan, SimTime{length}, commands);
            CHECK(once.messages.size() > static_cast<std::size_t>(length / 7200ms));
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
        const SimDuration a_day = life(24h, 2h);
        const FarmPlan day = four_models(life("2026-01-31T12:00:00", "2026-01-31T23:00:00"),
                                         Fidelity::window, false);
        const std::vector<Told> commands = commands_within(a_day);
        const Seen once = in_one_step(day, SimTime{a_day}, commands);
        for (const SimDuration step : {SimDuration{1s}, SimDuration{60s}})
            check_same(once, in_steps(day, SimTime{a_day}, commands, 2, [&] { return step; }));

        const SimDuration a_month = life(30 * 24h, 2 * 24h);
        FarmPlan month =
            four_models(life("2026-01-20T00:00:00", "2026-01-31T00:00:00"), Fidelity::window, true);
        for (MeterPlan& meter : month.meters) { // a month of half minutes would be too many
            meter.spec.settings.push_back({"second_interval_s", {}, 3600});
            meter.spec.settings.push_back({"minute_interval_min", {}, 60});
        }
        std::vector<Told> seldom = commands_within(a_month);
        std::erase_if(seldom,
                      [](const Told& t) { return t.point.find("interval") != std::string::npos; });
        const SimTime end{a_month};
        const Seen whole = in_one_step(month, end, seldom);
        check_same(whole, in_steps(month, end, seldom, 2, [] { return SimDuration{10min}; }));
        const Random random{12, "steps"};
        std::uint64_t n = 0;
        check_same(whole, in_steps(month, end, seldom, 1, [&] {
                       return SimDuration{std::chrono::nanoseconds{
                           static_cast<std::int64_t>(random.uniform(n++) * 3e13) + 1}};
                   }));
    }

    TEST_CASE(
        "Radios that spread their uploads send the same messages later, each meter's in order") {
        FarmPlan plan = four_models("2026-01-31T23:40:00", Fidelity::window, true);
        const auto sent = [&](SimDuration jitter) {
            plan.mqtt.jitter = jitter;
            Farm farm{plan, 1};
            farm.advance(SimTime{30min});
            farm.publish(SimTime{30min});
            return farm.take_messages();
        };
        // by what is in it: nothing comes twice
        std::map<std::string, SimTime> due;
        for (const Message& each : sent({}))
            due[each.topic + each.payload] = each.at;
        const SimDuration most = 7300ms;
        const auto spread = sent(most);
        REQUIRE(spread.size() > 500);
        std::map<std::pair<std::size_t, SimTime>, SimDuration> lag; // of a meter, by moment
        SimDuration greatest{};
        SimDuration sum{};
        for (std::size_t n = 0; n < spread.size(); ++n) {
            const auto found = due.find(spread[n].topic + spread[n].payload);
            REQUIRE(found != due.end());
            const SimDuration later = spread[n].at - found->second;
            CHECK(later >= SimDuration{0});
            CHECK(later < most);
            greatest = std::max(greatest, later);
            sum += later;
            // one radio: all that is due at one moment goes together
            CHECK(lag.try_emplace({spread[n].meter, found->second}, later).first->second == later);
            if (n > 0)
                CHECK(spread[n - 1].at <= spread[n].at);
        }
        CHECK(greatest > most * 9 / 10);
        const auto mean = sum / static_cast<std::int64_t>(spread.size());
        CHECK(mean > most * 4 / 10);
        CHECK(mean < most * 6 / 10);
    }

    TEST_CASE("What a radio was to send yet when its meter lost the supply is not sent later") {
        const FarmPlan plan =
            parse_farm("[farm]\nmqtt_jitter = \"20 s\"\n[supply.main]\n[load.x]\np = \"3 kW\"\n"
                       "[[meter]]\nname = \"m\"\nmodel = \"kpm37\"\nload = \"x\"\n"
                       "mqtt = \"embedded\"\n",
                       "f.toml", test::types());
        const SimTime cut{30s + 200ms};
        const auto sent = [&](bool loses_supply) {
            Farm farm{plan, 1};
            Actions actions{farm};
            std::vector<Mistake> mistakes;
            if (loses_supply)
                actions.start(parse_json("{\"kind\": \"power-off\", \"meter\": \"m\", \"at\": "
                                         "\"30.2 s\", \"for\": \"2 s\"}",
                                         "action", mistakes),
                              mistakes);
            CHECK(mistakes.empty());
            farm.advance(SimTime{55s});
            farm.publish(SimTime{55s});
            const std::vector<Message> all = farm.take_messages();
            return std::pair{std::count_if(all.begin(), all.end(),
                                           [&](const Message& each) { return each.at <= cut; }),
                             std::count_if(all.begin(), all.end(),
                                           [&](const Message& each) { return each.at > cut; })};
        };
        const auto whole = sent(false);
        CHECK(whole.first > 0);
        CHECK(whole.second > 0);
        const auto lost = sent(true);
        CHECK(lost.first == whole.first);
        CHECK(lost.second == 0);
    }

    TEST_CASE("Uploads that are spread by more than their interval keep their order") {
        FarmPlan plan = four_models("2026-01-31T23:40:00", Fidelity::window, false);
        plan.mqtt.jitter = 5min;
        Farm farm{plan, 1};
        farm.advance(SimTime{60min});
        farm.publish(SimTime{60min});
        std::map<std::string, std::string> last; // stamp, by meter, circuit and topic
        for (const Message& each : farm.take_messages()) {
            const std::string stamp = each.payload.substr(each.payload.find("\"time\""), 23);
            std::string& before =
                last[std::to_string(each.meter) + each.topic + std::to_string(each.circuit)];
            CHECK(before <= stamp);
            before = stamp;
        }
        CHECK(last.size() >= 4);
    }

    TEST_CASE("Spread uploads are the same however time is cut, by any number of threads") {
        FarmPlan plan = four_models("2026-01-31T23:50:00", Fidelity::window, true);
        plan.mqtt.jitter = 40s; // beyond the shortest interval
        const SimTime end{25min};
        const Seen whole = in_one_step(plan, end, {});
        const Random lengths{3, "steps"};
        std::uint64_t n = 0;
        check_same(whole, in_steps(
                              plan, end, {}, 2,
                              [&] {
                                  return SimDuration{
                                      1 + static_cast<std::int64_t>(lengths.bits(n++) %
                                                                    std::uint64_t{60'000'000'000})};
                              }));
        check_same(whole, in_steps(plan, end, {}, 1, [] { return SimDuration{1s}; }));
    }
}
