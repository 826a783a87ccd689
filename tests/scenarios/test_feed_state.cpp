// A supply's feed that is put away as bytes and taken out again goes on as if nothing had been; and
// what has nothing to put away.
#include "farms.hpp"
#include "folder.hpp"

#include "recordings/csv_recording.hpp"
#include "scenarios/farm/meter_terminals.hpp"
#include "scenarios/farm/supply_source.hpp"
#include "scenarios/farm/true_energy.hpp"
#include "sim/archive.hpp"
#include "sim/difference.hpp"
#include "sim/layout.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_{seed, "dice"} {}
    std::int64_t operator()(std::int64_t below) {
        return static_cast<std::int64_t>(random_.bits(next_++) % static_cast<std::uint64_t>(below));
    }

private:
    Random random_;
    std::uint64_t next_{0};
};

/// Supplies of all kinds, and a load of each.
class Grid {
public:
    Grid() {
        Recording r;
        r.rates = {{6400, 6400 * 3}};
        for (int c = 0; c < 6; ++c) {
            RecordedChannel channel;
            channel.name = std::string{c < 3 ? "U" : "I"} + "ABC"[c % 3];
            channel.unit = c < 3 ? "V" : "A";
            for (int n = 0; n < 6400 * 3; ++n) {
                const double turns = 49.8 * n / 6400 - c % 3 / 3.0;
                channel.values.push_back((c < 3 ? 320.0 : 7.0) *
                                         std::sin(2 * std::numbers::pi * turns));
            }
            r.channels.push_back(channel);
        }
        std::vector<Mistake> mistakes;
        REQUIRE(write_csv_recording(r, folder_ / "site.csv", mistakes));
    }

    FarmPlan plan(Fidelity fidelity) const {
        FarmPlan plan = parse_farm(R"(
[farm]
seed = 3
[supply.steady]
f = "50.02 Hz"
harmonics.u = { 5 = "2 % @ 180deg" }
[supply.wandering]
drift.u = "1 %"
drift.f = "30 mHz"
drift.f_time = "20 s"
[supply.eventful]
harmonics.u = { 7 = "1 %" }
[[supply.eventful.disturbance]]
kind = "dip"
residual = "55 %"
at = "4.123 s"
for = "7 cycles"
phases = "ab"
[[supply.eventful.disturbance]]
kind = "interruption"
at = "9 s"
for = "1.5 s"
[[supply.eventful.disturbance]]
kind = "frequency"
by = "0.4 Hz"
at = "14 s"
edge = "2 s"
for = "10 s"
[[supply.eventful.disturbance]]
kind = "phase-jump"
by = "30 deg"
at = "29.05 s"
for = "5 s"
[supply.noisy]
noise = "0.3 V"
interharmonics = [{ f = "183 Hz", u = "0.5 %" }]
[supply.sixty]
f = "59.93 Hz"
[supply.played]
recording = "site.csv"
repeat = true
[load.heater]
kind = "resistive"
p = "6 kW"
[load.oven]
p = "3 kW"
burst = { on = 2, off = 3 }
[load.site]
recording = "site.csv"
[[meter]]
name = "m"
model = "kpm312"
supply = "eventful"
options = "1A2A3A4A"
loads = ["heater", "oven", "none", "none"]
[[meter]]
name = "played"
model = "kpm53"
supply = "played"
load = "site"
ct = "5/5 A"
)",
                                   folder_ / "farm.toml", test::types());
        plan.fidelity = fidelity;
        return plan;
    }

private:
    test::Folder folder_;
};

SupplySourceState taken_out(const Bytes& bytes) {
    SupplySourceState state;
    from_bytes(bytes, state, "supply");
    return state;
}

/// Whether the next windows are the same to the bit.
bool same_next(SupplySource& a, SupplySource& b, SimTime to) {
    const auto x = a.next(to);
    const auto y = b.next(to);
    REQUIRE(x.has_value() == y.has_value());
    if (!x)
        return false;
    CHECK(first_difference(x->window, y->window, "window") == "");
    CHECK(x->windows == y->windows);
    CHECK(x->repeats == y->repeats);
    CHECK(x->to_come == y->to_come);
    return true;
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("a supply's feed that was put away goes on as the one that was not") {
        const Grid grid;
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            const FarmPlan plan = grid.plan(fidelity);
            for (const SupplyPlan& supply : plan.supplies) {
                CAPTURE(supply.name);
                CAPTURE(name_of(fidelity));
                SupplySource whole{plan, supply, fidelity};
                SupplySource again{plan, supply, fidelity};
                Dice dice{11};
                int put_away = 0;
                int windows = 0;
                for (SimTime to{}; to < SimTime{40s};) {
                    to += SimDuration{dice(1'500'000'000)};
                    for (bool more = true; more; ++windows) {
                        if (dice(6) == 0) {
                            const Bytes bytes = bytes_of(again.state());
                            again = SupplySource{plan, supply, fidelity};
                            again.restore(taken_out(bytes));
                            CHECK(bytes_of(again.state()) == bytes);
                            ++put_away;
                        }
                        more = same_next(whole, again, to);
                    }
                    REQUIRE(first_difference(whole.state(), again.state()) == "");
                    REQUIRE(first_difference(whole.last(), again.last()) == "");
                }
                CHECK(put_away > 9);
                const bool jumps = fidelity == Fidelity::window &&
                                   (supply.name == "steady" || supply.name == "eventful" ||
                                    supply.name == "sixty");
                CHECK((windows < 200) == jumps);
            }
        }
    }

    TEST_CASE("a feed takes no state of another kind of supply, and none that is cut or damaged") {
        const Grid grid;
        const FarmPlan plan = grid.plan(Fidelity::window);
        const auto feed_of = [&](const std::string& name) {
            for (const SupplyPlan& supply : plan.supplies)
                if (supply.name == name)
                    return SupplySource{plan, supply, Fidelity::window};
            throw std::logic_error{name};
        };
        SupplySource played = feed_of("played");
        SupplySource eventful = feed_of("eventful");
        CHECK_THROWS_WITH_AS(played.restore(eventful.state()),
                             "saved state, supply.index(): of another supply: one of the two is a "
                             "recording",
                             BadState);
        SupplySourceState::Clock clock = eventful.state().clock;
        CHECK(clock.valid());
        clock.said = clock.repeats + 1;
        CHECK_FALSE(clock.valid());
        clock.said = 0;
        clock.repeats = INT64_MAX;
        CHECK_FALSE(clock.valid());
        clock.repeats = 0;
        clock.last.window.length = {};
        CHECK_FALSE(clock.valid());
        for (SupplySource* const feed : {&played, &eventful}) {
            while (feed->last().window.end() < SimTime{4200ms} && feed->next(SimTime{4200ms}))
                ;
            CHECK(feed->last().changes());
            SupplyWindow last = feed->last();
            CHECK(last.valid());
            last.rows.segments.back().last_row -= 1;
            CHECK_FALSE(last.valid());
            last = feed->last();
            last.rows.segments.front().last_row = 0;
            CHECK_FALSE(last.valid());
            last = feed->last();
            last.rows.level.pop_back();
            CHECK_FALSE(last.valid());
            const Bytes good = bytes_of(feed->state());
            Dice dice{4};
            int refused = 0;
            for (int trial = 0; trial < 3000; ++trial) {
                Bytes bad = good;
                const std::int64_t most =
                    dice(2) == 0 ? 200 : static_cast<std::int64_t>(bad.size());
                for (std::int64_t flips = 1 + dice(3); flips > 0; --flips)
                    bad[static_cast<std::size_t>(dice(most))] ^=
                        static_cast<std::uint8_t>(1 << dice(8));
                if (dice(4) == 0)
                    bad.resize(
                        static_cast<std::size_t>(dice(static_cast<std::int64_t>(good.size()))));
                try {
                    feed->restore(taken_out(bad));
                    if (trial % 10 == 0)
                        feed->next(feed->last().window.end() + 1s);
                } catch (const BadState&) {
                    ++refused;
                }
            }
            CHECK(refused > 600);
            CHECK(refused < 3000);
        }
    }

    TEST_CASE("what stands at a meter's terminals hangs on the supply's window alone") {
        const Grid grid;
        const FarmPlan plan = grid.plan(Fidelity::sample);
        for (const MeterPlan& meter : plan.meters) {
            CAPTURE(meter.supply);
            const auto supply =
                std::find_if(plan.supplies.begin(), plan.supplies.end(),
                             [&](const SupplyPlan& one) { return one.name == meter.supply; });
            SupplySource feed{plan, *supply, Fidelity::sample};
            std::vector<SupplyWindow> windows;
            while (const auto run = feed.next(SimTime{6s}))
                windows.push_back(run->window);
            REQUIRE(windows.size() > 25);
            const MeterTerminals in_order{plan, meter};
            const MeterTerminals backwards{plan, meter};
            const std::array<unsigned, 1> closed{};
            std::vector<TerminalSpectra> terminals;
            for (const SupplyWindow& window : windows)
                terminals.push_back(in_order.at(window, closed).terminals);
            CHECK(first_difference(terminals[3].channel, terminals[21].channel) != "");
            for (std::size_t n = windows.size(); n-- > 0;) {
                const TerminalSpectra again = backwards.at(windows[n], closed).terminals;
                CHECK(first_difference(again.channel, terminals[n].channel) == "");
                CHECK(first_difference(again.added_a, terminals[n].added_a) == "");
            }
        }
    }

    TEST_CASE("the true energies go on from their bytes") {
        TrueEnergy energy;
        Readings truth;
        truth[Slot::p] = 1 / 3.0;
        truth[Slot::q] = -1e-7;
        energy.add(truth, 200ms, 3, 3);
        TrueEnergy again;
        from_bytes(bytes_of(energy), again);
        for (TrueEnergy* const of : {&energy, &again})
            for (int n = 0; n < 1000; ++n)
                of->add(truth, 199ms, 2, true);
        CHECK(first_difference(energy, again) == "");
        CHECK(energy.registers().count == again.registers().count);
    }

    TEST_CASE("each state has a layout of its own") {
        CHECK(layout_of<SupplySourceState>() != layout_of<SupplySourceState::Clock>());
        CHECK(field::layout_text<TrueEnergy>() ==
              "{joule_: f10[" + std::to_string(energy_slots) + "] }");
    }
}
