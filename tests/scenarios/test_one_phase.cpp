// Meters of one voltage and one current, on each phase of a supply.
#include "one_phase.hpp"

#include "scenarios/farm/terminal_channels.hpp"
#include "scenarios/measure/record.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

const std::string uneven = R"(
[supply.main]
u = "230 V"
f = "50.02 Hz"
unbalance.magnitude = ["100 %", "97 %", "104 %"]
harmonics.u = { 5 = "2 % @ 180deg" }
[load.flat]
p = "2.4 kW"
pf = "0.9 ind"
harmonics.i = { 3 = "20 %" }
[load.lamp]
i = "4 A"
)";

std::string single(const std::string& name, const std::string& keys) {
    return "[[meter]]\nname = \"" + name + "\"\nmodel = \"single\"\n" + keys + "\n";
}

FarmPlan three_singles(const TypeLibrary& types, const std::string& keys = "") {
    return parse_farm(uneven + single("a", "load = \"flat\"\n" + keys) +
                          single("b", "load = \"flat\"\nphase = \"b\"\n" + keys) +
                          single("c", "load = \"lamp\"\nphase = \"c\"\n" + keys),
                      "f.toml", types);
}

void go(Farm& farm, SimDuration to) {
    farm.advance(SimTime{to});
    farm.publish(SimTime{to});
}

double kwh(const MeterState& state) { return state.energy.kilo(Energy::p_import); }

std::string mistakes(const std::function<void()>& load) {
    try {
        load();
        return "";
    } catch (const FileError& error) {
        return error.what();
    }
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("a one-phase meter sees the phase that it hangs on, and all of its load there") {
        const Folder folder;
        const TypeLibrary types = single_types(folder);
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            FarmPlan plan = three_singles(types);
            plan.fidelity = fidelity;
            Farm farm{plan, 1};
            go(farm, 30min);
            const std::array u_v{230.0, 0.97 * 230, 1.04 * 230};
            for (std::size_t m = 0; m < 3; ++m) {
                const MeterState& shown = farm.meters()[m].circuits()[0].state();
                const MeterState truth = farm.truth(m, 0);
                const double u = u_v[m] * std::sqrt(1 + 0.02 * 0.02);
                const double p_w = m < 2 ? 2400 : 4 * u_v[m];
                CHECK(shown.readings[Slot::u_a] == doctest::Approx(u).epsilon(1e-6));
                CHECK(shown.readings[Slot::p] == doctest::Approx(p_w).epsilon(1e-6));
                CHECK(shown.readings[Slot::p] == shown.readings[Slot::p_a]);
                CHECK(shown.readings[Slot::s] ==
                      doctest::Approx(u * shown.readings[Slot::i_a]).epsilon(1e-6));
                CHECK(shown.readings[Slot::f] == doctest::Approx(50.02).epsilon(1e-8));
                CHECK(kwh(shown) == doctest::Approx(p_w / 2000).epsilon(2e-4)); // a window is open
                CHECK(shown.energy[Energy::p_import].wh == shown.energy[Energy::p_import_a].wh);
                CHECK(truth.readings[Slot::p] == doctest::Approx(p_w).epsilon(1e-12));
                CHECK(kwh(truth) == doctest::Approx(kwh(shown)).epsilon(1e-6));
                for (const Slot none : {Slot::u_b, Slot::u_ab, Slot::i_c, Slot::unb_u, Slot::u_pos,
                                        Slot::thd_u_b, Slot::i_n, harmonic_slot(4, 3)}) {
                    CHECK(std::isnan(truth.readings[none]));
                    CHECK(shown.readings[none] == 0);
                }
            }
            const Readings& flat = farm.meters()[0].circuits()[0].state().readings;
            CHECK(flat[Slot::thd_i_a] == doctest::Approx(20).epsilon(1e-4));
            CHECK(flat[Slot::angle_i_a] == doctest::Approx(25.8419).epsilon(1e-5)); // arccos 0.9
        }
    }

    TEST_CASE(
        "one-phase meters are the same however time is cut, by any number of threads, and when "
        "they are saved and restored") {
        const Folder folder;
        const TypeLibrary types = single_types(folder, "neutral_current = true");
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            FarmPlan plan = three_singles(types, "accuracy = \"class\"");
            plan.fidelity = fidelity;
            Farm once{plan, 2};
            go(once, 10min);
            Farm cut{plan, 1};
            for (SimDuration at{}; at < 10min; at += 20s)
                go(cut, at + 20s);
            CHECK(same_states(once, cut));
            Farm half{plan, 1};
            go(half, 251s);
            Farm rest{plan, 2};
            rest.restore(half.save());
            go(rest, 10min);
            CHECK(same_states(once, rest));
            // Of its class, and with its noise.
            const double p_w = once.meters()[1].circuits()[0].state().readings[Slot::p];
            CHECK(p_w != doctest::Approx(2400).epsilon(1e-6));
            CHECK(p_w == doctest::Approx(2400).epsilon(0.005));
        }
    }

    TEST_CASE("where the neutral's current is measured, it is what comes back of the phase's") {
        const Folder folder;
        const TypeLibrary types = single_types(folder, "neutral_current = true");
        const MeterType& type = *types.find("single");
        CHECK(type.points.find("i_n").has_value());
        CHECK_FALSE(types.find("kpm37")->points.find("i_n").has_value());
        Farm farm{three_singles(types), 1};
        go(farm, 2s);
        const Readings& shown = farm.meters()[1].circuits()[0].state().readings;
        CHECK(shown[Slot::i_n] == doctest::Approx(shown[Slot::i_a]).epsilon(1e-9));
        CHECK(farm.truth(1, 0).readings[Slot::i_n] ==
              doctest::Approx(farm.truth(1, 0).readings[Slot::i_a]).epsilon(1e-12));
        const ChannelList channels = metering_config(farm.meters()[0].spec()).channels();
        std::string names;
        for (const TerminalChannel& c : terminal_channels(Wiring::one_phase, channels))
            names += c.name + c.unit() + std::to_string(c.index) + ' ';
        CHECK(names == "uaV0 iaA1 inA2 ");
    }

    TEST_CASE("what a one-phase meter has not got is neither recorded nor asked for") {
        const Folder folder;
        const TypeLibrary types = single_types(folder);
        Farm farm{three_singles(types), 1};
        go(farm, 2s);
        Recorder{folder / "out"}.finish(farm);
        std::ostringstream truth;
        truth << std::ifstream{folder / "out/truth.csv"}.rdbuf();
        CHECK(truth.str().find("b,1,u_a,") != std::string::npos);
        for (const char* none :
             {",u_b,", ",u_ab,", ",unb_u,", ",e_p_import_c,", ",i_n,", ",h_u_b_5,"})
            CHECK(truth.str().find(none) == std::string::npos);
        Circuit& circuit = farm.meters()[0].circuits()[0];
        CHECK(circuit.get("u_a", Access::wire)->number > 0);
        CHECK(circuit.get("u_b", Access::wire).error() == Refusal::unknown);
        const auto& points = circuit.type().points;
        for (const char* there : {"u_a", "p_a", "p", "pf_a", "h_u_a_5", "e_p_import_a"})
            CHECK(has_value(circuit.meter().view(), *points.find(there), 0));
    }

    TEST_CASE("mistakes about one phase are told with place and cure") {
        const Folder folder;
        const auto of_map = [&](const std::string& point) {
            return mistakes([&] {
                single_types(folder, "",
                             "reference = \"none\"\nsource = \"ours\"\n[[block]]\nat = 0\n"
                             "type = \"f32\"\npoints = [\"u_a\", \"" +
                                 point + "\"]\n");
            });
        };
        for (const char* none : {"u_b", "u_ab", "unb_u", "i_zero", "e_p_import_b", "demand_i_c",
                                 "hr_i_b_3", "h_u_c_1", "thd_u_b", "angle_u_c"})
            CHECK(of_map(none).find("single/registers.toml:6:18: this meter has no " +
                                    std::string{none} + "; leave it out: one phase") !=
                  std::string::npos);
        CHECK(of_map("i_n").find("write neutral_current = true") != std::string::npos);
        CHECK(of_map("u_aa").find("this meter has no point \"u_aa\"; nearest: u_a") !=
              std::string::npos);
        const TypeLibrary types = single_types(folder);
        const auto of_farm = [&](const std::string& meter) {
            return mistakes([&] { parse_farm(uneven + meter, "f.toml", types); });
        };
        CHECK(of_farm(single("x", "i_phase = \"acb\"")) ==
              "f.toml:16:11: i_phase orders three phases, and this meter has one; write phase = "
              "\"b\": the phase that it hangs on");
        CHECK(of_farm(single("x", "u_open = [\"b\"]")).find("u_open names no phase") !=
              std::string::npos);
        CHECK(of_farm("[[meter]]\nname = \"x\"\nmodel = \"kpm37\"\nphase = \"b\"\n") ==
              "f.toml:16:9: a kpm37 in this wiring hangs on all phases; leave phase out: it is for "
              "one-phase meters (wiring 1P2W)");
    }
}
