// The window before a farm's start: it may be shown, and is counted nowhere.
#include "farms.hpp"
#include "folder.hpp"

#include "models/faces/register_words.hpp"
#include "models/faces/registers.hpp"
#include "scenarios/farm/clip_watch.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace kpmsim;
using test::Folder;
using namespace std::chrono_literals;

namespace {

constexpr std::array fidelities{Fidelity::sample, Fidelity::window};

/// What a meter holds after it went on in steps of a second.
const MeterState& after(Farm& farm, SimDuration time) {
    for (SimTime to = farm.now(); to < SimTime{time};) {
        to += 1s;
        farm.advance(to);
        farm.publish(to);
    }
    return farm.meters()[0].circuits()[0].state();
}

double seconds_of(const CivilTime& t) { return static_cast<double>(t.time_since_epoch().count()); }

double row_value(const Circuit& circuit, const std::string& name) {
    const RegisterRow* row = circuit.type().registers.find(name);
    REQUIRE(row != nullptr);
    std::array<std::uint16_t, 4> words{};
    const auto value = std::span{words}.first(row->words);
    REQUIRE(read_registers(circuit, row->address, value));
    return decode(*row, circuit.type().registers.word_order, value);
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("a profile begins at its time 0, and nothing of its end is counted before") {
        const Folder folder;
        std::ofstream{folder / "p.csv"}
            << "time,p_a,p_b,p_c\n0,500,500,500\n599,4000,4000,4000\n600,500,500,500\n";
        for (const char* const f : {"50 Hz", "50.02 Hz", "60 Hz", "47.3 Hz"}) {
            FarmPlan plan = parse_farm("[supply.main]\nf = \"" + std::string{f} +
                                           "\"\n[load.x]\nprofile = \"p.csv\"\n"
                                           "profile_shape = \"steps\"\n[[meter]]\nname = \"m\"\n"
                                           "model = \"kpm53\"\nload = \"x\"\n",
                                       folder / "f.toml", test::types());
            for (const char* const start :
                 {"2026-01-01T00:00:00", "2026-01-12T12:00:30", "2026-01-12T23:59:59",
                  "2026-01-31T23:59:58", "2026-02-01T00:00:00"}) {
                REQUIRE(parse_iso(start, plan.start));
                for (const Fidelity fidelity : fidelities) {
                    CAPTURE(std::string{f});
                    CAPTURE(std::string{start});
                    CAPTURE(std::string{name_of(fidelity)});
                    plan.fidelity = fidelity;
                    Farm farm{plan, 1};
                    const Circuit& circuit = farm.meters()[0].circuits()[0];
                    CHECK(circuit.state().readings[Slot::i_a] ==
                          doctest::Approx(500.0 / 230).epsilon(1e-5));
                    CHECK(circuit.state().window == 0);
                    CHECK(circuit.state().energy.count == EnergyRegisters{}.count);
                    CHECK(farm.truth(0, 0).energy.count == EnergyRegisters{}.count);
                    CHECK(farm.truth(0, 0).readings[Slot::p] == doctest::Approx(1500));

                    const MeterState& state = after(farm, 65s);
                    CHECK(state.demand[Demand::p] == doctest::Approx(1500).epsilon(1e-6));
                    CHECK(state.demand[Demand::p_max] == doctest::Approx(1500).epsilon(1e-6));
                    CHECK(state.demand[Demand::s_a] == doctest::Approx(500).epsilon(1e-6));
                    const CivilTime minute =
                        std::chrono::floor<std::chrono::minutes>(plan.start) + 1min;
                    const bool month_ends = plan.start + 2s == minute;
                    CHECK(state.demand[Demand::p_max_time] ==
                          seconds_of(month_ends ? minute + 1min : minute));
                    // A window that is begun before the start or not over by the end is not in it.
                    const double joule = state.energy.kilo(Energy::p_import) * 3.6e6;
                    CHECK(joule <= 1500 * 65 * (1 + 1e-6));
                    CHECK(joule > 1500 * (65 - 0.44));
                    CHECK(farm.truth(0, 0).energy.kilo(Energy::p_import) * 3.6e6 ==
                          doctest::Approx(joule).epsilon(1e-6));
                    CHECK(row_value(circuit, "e_p_total_month_1") * 3.6e6 ==
                          (month_ends ? doctest::Approx(1500 * 2).epsilon(0.15)
                                      : doctest::Approx(0)));
                }
            }
        }
    }

    TEST_CASE("what a supply was before the start is in no demand") {
        // A resistance that takes 1380 W at 230 V takes 3105 W at 345 V.
        for (const Fidelity fidelity : fidelities) {
            FarmPlan plan =
                parse_farm("[supply.main]\n[[supply.main.disturbance]]\nkind = \"swell\"\n"
                           "magnitude = \"150 %\"\nat = \"0 s\"\nfor = \"1 h\"\n[load.x]\n"
                           "kind = \"resistive\"\np = \"1380 W\"\n[[meter]]\nname = \"m\"\n"
                           "model = \"kpm53\"\nload = \"x\"\n",
                           "f.toml", test::types());
            plan.fidelity = fidelity;
            Farm farm{plan, 1};
            CHECK(farm.meters()[0].circuits()[0].state().readings[Slot::p] ==
                  doctest::Approx(1380).epsilon(1e-5)); // shown
            const MeterState& state = after(farm, 61s);
            CHECK(state.demand[Demand::p] == doctest::Approx(3105).epsilon(1e-6));
            CHECK(state.demand[Demand::p_max] == doctest::Approx(3105).epsilon(1e-6));
        }
    }

    TEST_CASE("what clipped before the start shows, and neither a count nor the log has it") {
        FarmPlan plan =
            parse_farm("farm.start = \"2026-01-01T00:00:00\"\n[supply.main]\nu = \"400 V\"\n"
                       "[[supply.main.disturbance]]\nkind = \"swell\"\nmagnitude = \"120 %\"\n"
                       "at = \"2025-12-31T23:59:00\"\nfor = \"60.00001 s\"\n"
                       "[[meter]]\nname = \"m\"\nmodel = \"kpm312\"\n",
                       "f.toml", test::types());
        Farm farm{plan, 1};
        const ClipStatus& clip = farm.meters()[0].circuits()[0].state().clip;
        ClipWatch watch;
        CHECK(clip.u == 7);
        CHECK(clip.windows == 0);
        CHECK(farm.clipped(0) == 0);
        CHECK(watch.look(farm).begun.empty());
        after(farm, 2s);
        CHECK(clip.u == 0);
        CHECK(clip.windows == 0);
        CHECK(clip.channel_windows == ClipStatus{}.channel_windows);
        CHECK(farm.clipped(0) == 0);
        const ClipWatch::Remarks remarks = watch.look(farm);
        CHECK(remarks.begun.empty());
        CHECK(remarks.over.empty());
    }

    TEST_CASE("a farm's first minute is the one in which it starts, however little is left of it") {
        FarmPlan plan = parse_farm("farm.start = \"2026-01-12T12:00:59\"\n[supply.main]\n[load.x]\n"
                                   "p = \"3 kW\"\n[[meter]]\nname = \"m\"\nmodel = \"kpm53\"\n"
                                   "load = \"x\"\n",
                                   "f.toml", test::types());
        for (const Fidelity fidelity : fidelities) {
            plan.fidelity = fidelity;
            Farm farm{plan, 1};
            const MeterState& state = after(farm, 1s);
            CHECK(state.demand[Demand::p] == doctest::Approx(3000).epsilon(1e-6));
            CHECK(state.demand[Demand::p_max_time] == seconds_of(plan.start + 1s));
        }
    }
}
