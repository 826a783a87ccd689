// Meters that see the sum of what others draw.
#include "one_phase.hpp"
#include "tests/short_life.hpp"

#include "sim/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

/// Loads of every kind of window: steps, bursts, rows of a table, on a grid with a dip.
const std::string site = R"(
[farm]
start = "2026-01-31T23:58:00"
[supply.main]
f = "50.01 Hz"
unbalance.magnitude = ["100 %", "98 %", "101 %"]
harmonics.u = { 5 = "2 %" }
[[supply.main.disturbance]]
kind = "dip"
at = "200.03 s"
for = "70 ms"
residual = "60 %"
[load.steps]
profile = "steps.csv"
profile_shape = "steps"
[load.burst]
kind = "resistive"
p = "2 kW"
burst = { on = 3, off = 5 }
[load.led]
kind = "led"
p = "0.9 kW"
[load.roof]
kind = "pv-inverter"
p = "1.2 kW"
)";

const std::string shops = R"(
[[meter]]
name = "shop-1"
model = "kpm33b"
load = "steps"
[[meter]]
name = "shop-2"
model = "kpm37"
load = "burst"
[[meter]]
name = "shop-3"
model = "single"
load = "led"
phase = "b"
[[meter]]
name = "shop-4"
model = "kpm312"
options = "1A2A3A4A"
loads = ["led", "roof", "none", "steps"]
[[meter]]
name = "shop-5"
model = "single"
load = "roof"
phase = "c"
)";

const std::string main_meter = R"(
[[meter]]
name = "main"
model = "kpm53"
ct = "100/5 A"
sum_of = ["shop-*"]
losses = "2 %"
)";

class Sites {
public:
    Sites() : types_{single_types(folder_)} {
        std::ofstream{folder_ / "steps.csv"}
            << "time,p_a,p_b,p_c\n0,900,300,100\n61,100,500,700\n150,0,1300,20\n222,800,80,8\n";
    }
    FarmPlan plan(const std::string& meters, Fidelity fidelity = Fidelity::sample) const {
        FarmPlan plan = parse_farm(site + meters, folder_ / "f.toml", types_);
        plan.fidelity = fidelity;
        return plan;
    }
    std::string mistakes(const std::string& meters) const {
        try {
            plan(meters);
            return "";
        } catch (const FileError& error) {
            std::string out = error.what();
            return out.substr(out.rfind("f.toml"));
        }
    }

private:
    Folder folder_;
    TypeLibrary types_;
};

void go(Farm& farm, SimDuration to) {
    farm.advance(SimTime{to});
    farm.publish(SimTime{to});
}

std::size_t place(const Farm& farm, const std::string& name) {
    const auto& meters = farm.plan().meters;
    const auto at = std::find_if(meters.begin(), meters.end(),
                                 [&](const MeterPlan& m) { return m.spec.name == name; });
    REQUIRE(at != meters.end());
    return static_cast<std::size_t>(at - meters.begin());
}

/// What all shops draw in truth; `phase` 3 = all.
double shops_draw(const Farm& farm, int phase) {
    double sum = 0;
    for (std::size_t m = 0; m < farm.plan().meters.size(); ++m) {
        const MeterPlan& meter = farm.plan().meters[m];
        if (!meter.spec.name.starts_with("shop"))
            continue;
        for (int circuit = 0; circuit < meter.spec.type->circuits; ++circuit) {
            const Readings truth = farm.truth(m, circuit).readings;
            const bool one = meter.wiring.mode == Wiring::one_phase;
            if (one && phase < 3)
                sum += meter.wiring.u_phase[0] == phase ? truth[Slot::p] : 0;
            else
                sum += truth[slot_at(Slot::p_a, phase)];
        }
    }
    return sum;
}

double net_kwh(const EnergyRegisters& e) {
    return e.kilo(Energy::p_import) - e.kilo(Energy::p_export);
}

double shops_net_kwh(Farm& farm, bool of_truth) {
    double sum = 0;
    for (std::size_t m = 0; m < farm.meters().size(); ++m)
        if (farm.plan().meters[m].spec.name.starts_with("shop"))
            for (const Circuit& circuit : farm.meters()[m].circuits())
                sum += net_kwh(of_truth ? farm.truth(m, circuit.index()).energy
                                        : circuit.state().energy);
    return sum;
}

/// Switches shop-1's relay at moments within windows.
void switch_shop_1(Farm& farm, const std::vector<SimDuration>& at) {
    const std::size_t shop = place(farm, "shop-1");
    const auto relay = farm.meters()[shop].type().points.find("relay_1");
    REQUIRE(relay.has_value());
    double value = 0;
    for (const SimDuration each : at) {
        REQUIRE(farm.schedule(shop, SimTime{each}, {{*relay, 0, value}}));
        value = 1 - value;
    }
}

const std::vector<SimDuration> switched{20s + 70ms, 40s, 100s + 1ns, 199s + 900ms, 230s};

/// Beyond the third minute there is a dip in the supply.
constexpr SimDuration length = life<SimDuration>(4min, 45s);

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("feeders add up to the main meter, losses on top, in every window") {
        const Sites sites;
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Farm farm{sites.plan(shops + main_meter, fidelity), 2};
            switch_shop_1(farm, switched);
            const std::size_t at = place(farm, "main");
            double worst = 0;
            for (SimDuration t = 1s; t <= length; t += 1s) {
                go(farm, t);
                const Readings truth = farm.truth(at, 0).readings;
                for (int phase = 0; phase <= 3; ++phase)
                    worst = std::max(worst, std::abs(truth[slot_at(Slot::p_a, phase)] -
                                                     1.02 * shops_draw(farm, phase)));
            }
            CHECK(worst <
                  5e-5); // W of some 5 kW: 1e-8, where one is of rows and the other of phasors
            const MeterState& shown = farm.meters()[at].circuits()[0].state();
            CHECK(net_kwh(farm.truth(at, 0).energy) ==
                  doctest::Approx(1.02 * shops_net_kwh(farm, true)).epsilon(1e-11));
            CHECK(net_kwh(shown.energy) ==
                  doctest::Approx(1.02 * shops_net_kwh(farm, false)).epsilon(1e-5));
            CHECK(shown.readings[Slot::p] ==
                  doctest::Approx(farm.truth(at, 0).readings[Slot::p]).epsilon(1e-5));
        }
    }

    TEST_CASE("a relay that opens takes its share from the main meter in the same window") {
        const Sites sites;
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            Farm farm{sites.plan("[[meter]]\nname = \"main\"\nmodel = \"kpm37\"\nsum_of = "
                                 "[\"shop-?\"]\n[[meter]]\nname = \"shop-1\"\nmodel = \"kpm33b\"\n"
                                 "load = \"led\"\n[[meter]]\nname = \"shop-2\"\nmodel = "
                                 "\"kpm37\"\nload = \"roof\"\n",
                                 fidelity),
                      1};
            switch_shop_1(farm, {10s, 20s});
            const auto p_of_main = [&] {
                return farm.meters()[0].circuits()[0].state().readings[Slot::p];
            };
            go(farm, 9s + 900ms);
            CHECK(p_of_main() == doctest::Approx(-300).epsilon(1e-4));
            go(farm, 10s + 500ms);
            CHECK(p_of_main() == doctest::Approx(-1200).epsilon(1e-4));
            go(farm, 19s + 900ms);
            CHECK(p_of_main() == doctest::Approx(-1200).epsilon(1e-4));
            go(farm, 20s + 500ms);
            CHECK(p_of_main() == doctest::Approx(-300).epsilon(1e-4));
        }
    }

    TEST_CASE("what a shop draws around a lost star point is what its main meter sees of it") {
        const Sites sites;
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            Farm farm{sites.plan("[[meter]]\nname = \"main\"\nmodel = \"kpm37\"\nsum_of = "
                                 "[\"shop-?\"]\n[[meter]]\nname = \"shop-1\"\nmodel = \"kpm37\"\n"
                                 "load = \"steps\"\n[[meter]]\nname = \"shop-2\"\nmodel = "
                                 "\"kpm37\"\nload = \"led\"\n",
                                 fidelity),
                      1};
            const auto sees_the_sum = [&] {
                for (const Slot p : {Slot::p_a, Slot::p_b, Slot::p_c, Slot::p})
                    CHECK(farm.meters()[0].circuits()[0].state().readings[p] ==
                          doctest::Approx(farm.truth(0, 0).readings[p]).epsilon(1e-4));
            };
            const auto i_zero = [&](std::size_t meter) {
                return farm.truth(meter, 0).readings[Slot::i_zero];
            };
            go(farm, 9s + 900ms);
            CHECK(i_zero(0) > i_zero(2) + 0.8);
            WiringChange lost;
            lost.action = 1;
            lost.kind = WiringChangeKind::neutral_lost;
            lost.from = SimTime{10s};
            farm.change(1, lost);
            go(farm, 15s);
            CHECK(i_zero(1) < 1e-6);
            CHECK(std::abs(i_zero(0) - i_zero(2)) < 1e-6); // the other shop's alone
            sees_the_sum();
            farm.end(1, SimTime{20s});
            go(farm, 25s);
            CHECK(i_zero(0) > i_zero(2) + 0.8);
            sees_the_sum();
        }
    }

    TEST_CASE("sums are the same however time is cut, by any number of threads, and when they are "
              "saved and restored") {
        const Sites sites;
        const std::string floor = "[[meter]]\nname = \"all\"\nmodel = \"kpm37\"\nsum_of = "
                                  "[\"main\"]\nlosses = \"1 %\"\naccuracy = \"class\"\n";
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            const FarmPlan plan = sites.plan(floor + shops + main_meter, fidelity);
            Farm once{plan, 1};
            switch_shop_1(once, switched);
            go(once, length);
            Farm cut{plan, 3};
            switch_shop_1(cut, switched);
            const Random random{7, "steps"};
            std::uint64_t n = 0;
            for (SimDuration t{}; t < length;)
                go(cut, t = std::min<SimDuration>(
                            length, t + 1ms +
                                        std::chrono::milliseconds{static_cast<std::int64_t>(
                                            random.uniform(n++) * 9000)}));
            CHECK(same_states(once, cut));
            auto saved = std::make_unique<Farm>(plan, 2);
            switch_shop_1(*saved, switched);
            for (const SimDuration moment :
                 {20s + 0ms, 20s + 100ms, 20s + 200ms, 100s + 200ms, 200s + 0ms, 230s + 10ms}) {
                if (moment > length)
                    break;
                go(*saved, moment);
                const Bytes bytes = saved->save();
                saved = std::make_unique<Farm>(plan, 1);
                saved->restore(bytes);
                CHECK((saved->save() == bytes));
            }
            go(*saved, length);
            CHECK(same_states(once, *saved));
            CHECK(once.truth(0, 0).readings[Slot::p] ==
                  doctest::Approx(1.01 * once.truth(6, 0).readings[Slot::p]).epsilon(1e-12));
        }
    }

    TEST_CASE("where the main meter stands in the file changes nothing") {
        const Sites sites;
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            Farm last{sites.plan(shops + main_meter, fidelity), 2};
            Farm first{sites.plan(main_meter + shops, fidelity), 2};
            for (Farm* farm : {&last, &first}) {
                switch_shop_1(*farm, switched);
                go(*farm, length);
            }
            const MeterState& a = last.meters()[5].circuits()[0].state();
            const MeterState& b = first.meters()[0].circuits()[0].state();
            CHECK(a.readings.value == b.readings.value);
            CHECK(a.energy.count == b.energy.count);
        }
    }

    TEST_CASE("each meter of a count may have its own behind it") {
        const Sites sites;
        const FarmPlan plan =
            sites.plan("[[meter]]\nname = \"floor-{n+1}\"\nmodel = \"kpm37\"\ncount = 2\nsum_of = "
                       "[\"f{n+1}-*\"]\n[[meter]]\nname = \"f1-{n}\"\nmodel = \"kpm37\"\ncount = "
                       "2\n[[meter]]\nname = \"f2-x\"\nmodel = \"kpm37\"\n");
        REQUIRE(plan.meters[0].sum.has_value());
        CHECK(plan.meters[0].sum->terms.size() == 2);
        CHECK(plan.meters[1].sum->terms.size() == 1);
    }

    TEST_CASE("the example's feeders add up") {
        const FarmPlan plan = load_farm(source("examples/feeders.toml"), types());
        Farm farm{plan, 1};
        go(farm, 1min);
        const auto p = [&](const char* name) {
            return farm.truth(place(farm, name), 0).readings[Slot::p];
        };
        CHECK(p("main") == doctest::Approx(1.01 * (p("floor") + p("lift"))).epsilon(1e-12));
        CHECK(p("floor") ==
              doctest::Approx(p("shop-0") + p("shop-1") + p("shop-2")).epsilon(1e-12));
        CHECK(p("floor") > 8000);
    }

    TEST_CASE("the relay of a KPM33B is in its current path, whatever the file says") {
        const std::string meter = "[supply.s]\n[load.x]\np = \"10 kW\"\n[[meter]]\nname = \"m\"\n"
                                  "model = \"kpm33b\"\nload = \"x\"\n";
        Farm farm{parse_farm(meter, "f.toml", types()), 1};
        Circuit& circuit = farm.meters()[0].circuits()[0];
        go(farm, 1s);
        CHECK(circuit.state().readings[Slot::p] == doctest::Approx(10e3).epsilon(1e-4));
        REQUIRE(circuit.set("relay_1", 0, Access::wire));
        go(farm, 2s);
        CHECK(circuit.state().readings[Slot::i_a] == 0);
        CHECK(farm.truth(0, 0).readings[Slot::p] == 0);
        CHECK(
            mistakes_of(meter + "relay_switches = false\n") ==
            "f.toml:8:18: the relay of a kpm33b is in its current path; leave relay_switches out");
    }

    TEST_CASE("mistakes about sums are told with place and cure") {
        const Sites sites;
        const auto sum = [](const std::string& name, const std::string& keys) {
            return "[[meter]]\nname = \"" + name + "\"\nmodel = \"kpm37\"\n" + keys + "\n";
        };
        CHECK(sites.mistakes(sum("main", "sum_of = [\"shp-*\"]") + sum("shop-1", "")) ==
              "f.toml:29:10: no meter is named \"shp-*\"; write names of meters, or patterns such "
              "as \"shop-*\"");
        CHECK(sites.mistakes(sum("main", "sum_of = [\"*\"]") + sum("shop-1", ""))
                  .find("\"*\" is main itself, too; name the meters behind it only") !=
              std::string::npos);
        CHECK(sites
                  .mistakes(sum("main", "supply = \"main\"\nsum_of = [\"shop-*\"]") +
                            sum("shop-1", "supply = \"other\"") + "[supply.other]\n")
                  .find("main is on supply main, and shop-1 on other; sum meters of one supply") !=
              std::string::npos);
        CHECK(sites
                  .mistakes(sum("main", "sum_of = [\"shop-1\"]") +
                            sum("shop-1", "sum_of = [\"main\"]"))
                  .find("main sums shop-1, which sums main; leave one of them out") !=
              std::string::npos);
        CHECK(sites
                  .mistakes(sum("main", "sum_of = [\"floor\", \"shop-1\"]") +
                            sum("floor", "sum_of = [\"shop-*\"]") + sum("shop-1", ""))
                  .find("main counts shop-1 twice: by floor and by itself") != std::string::npos);
        CHECK(sites
                  .mistakes(sum("main", "sum_of = [\"shop-1\"]\nlosses = \"60 %\"") +
                            sum("shop-1", ""))
                  .find("f.toml:30:10: losses") != std::string::npos);
        CHECK(sites.mistakes(sum("main", "losses = \"1 %\"")).find("this meter has none") !=
              std::string::npos);
        CHECK(sites.mistakes(sum("main", "sum_of = []")).find("sum_of names no meter") !=
              std::string::npos);
        CHECK(
            sites.mistakes(sum("main", "sum_of = [\"shop-1\"]\nload = \"led\"") + sum("shop-1", ""))
                .find("has no load of its own") != std::string::npos);
        CHECK(sites
                  .mistakes(sum("main", "sum_of = [\"shop-1\"]\nrelay_switches = true") +
                            sum("shop-1", ""))
                  .find("not behind its relay") != std::string::npos);
    }
}
