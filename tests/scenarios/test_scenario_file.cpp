#include "folder.hpp"
#include "scenario_rig.hpp"

#include "scenarios/file/scenario_tree.hpp"

#include <fstream>

using namespace kpmsim;
using namespace kpmsim::test;

TEST_SUITE("unit") {
    TEST_CASE("Every mistake of a scenario is told at once, with its place") {
        const std::string told = mistakes_in(R"(
[[do]]
id = "dip"
kind = "dipp"
[[do]]
kind = "dip"
residual = "40 %"
for = "1 s"
after = "dop"
[[expect]]
what = "main.u_aa"
[[expect]]
what = "main.u_a"
is = "12 kW"
[[expect]]
what = "main.demand_p"
is = "truth"
[[expect]]
kind = "vlaue"
[[expect]]
what = "mian.u_a"
within = "1 %"
always = true
never = true
[[expect]]
what = "main.u_a"
at = "20 s"
colour = "red"
[mutation]
fails = "dip"
set.expect.x.is = 3
)");
        for (const char* part :
             {"s.toml:15:8: ", "dip?", "after names \"dop\"", "did you mean dip",
              "did you mean u_a", "\"12 kW\" is no amount in V", "the truth knows no demand_p",
              "did you mean value?", "did you mean main?", "within is how far from something",
              "always and never exclude each other", "at lies behind the end", "\"colour\"",
              "cannot alter \"expect\"", "\"dip\", which is no expectation"})
            CHECK_MESSAGE(contains(told, part), part << " in\n" << told);
    }

    TEST_CASE("Ids are one each, and nothing comes after itself") {
        CHECK(contains(mistakes_in("[[expect]]\nid = 'a'\nwhat = 'main.p'\n[[expect]]\nid = 'a'\n"
                                   "what = 'main.p'\n"),
                       "\"a\" is there twice"));
        CHECK(contains(mistakes_in("[[expect]]\nid = 'a'\nwhat = 'main.p'\nafter = 'b'\n"
                                   "[[expect]]\nid = 'b'\nwhat = 'main.p'\nafter = 'a'\n"),
                       "\"a\" comes after itself"));
        CHECK(contains(mistakes_in("", "seed = 3"), "lacks its length; add for"));
    }

    TEST_CASE("Parameters are filled in, and a matrix makes a case of each combination") {
        const auto plans = parse_scenario(
            "[scenario]\nname = 'dip'\nfor = '${2 * length} s'\nparameters = { length = 5 }\n"
            "matrix = { p = ['1 kW', '2 kW'], seed = [3, 4, 5] }\n[supply.main]\n[load.x]\n"
            "p = '${p}'\n[[meter]]\nname = 'm-${seed}'\nmodel = 'kpm53'\nload = 'x'\n"
            "[[expect]]\nwhat = 'm-${seed}.p'\nis = '${p}'\nwithin = '1 %'\n",
            "s.toml", types());
        REQUIRE(plans.size() == 6);
        CHECK(plans[0].name == "dip[p=1 kW,seed=3]");
        CHECK(plans[5].name == "dip[p=2 kW,seed=5]");
        CHECK(plans[5].farm.meters[0].spec.name == "m-5");
        CHECK(plans[5].length == std::chrono::seconds{10});
        CHECK(played(read_script(plans[5])).outcome() == Verdict::Outcome::passed);
        ScenarioChoices choices;
        choices.set = {{"p", "3 kW"}, {"length", "1"}};
        const auto chosen = parse_scenario(
            "[scenario]\nfor = '${length} s'\nparameters = { length = 5 }\n"
            "matrix = { p = ['1 kW', '2 kW'] }\n[supply.main]\n[load.x]\np = '${p}'\n[[meter]]\n"
            "name = 'm'\nmodel = 'kpm53'\nload = 'x'\n",
            "s.toml", types(), choices);
        REQUIRE(chosen.size() == 1);
        CHECK(chosen[0].length == std::chrono::seconds{1});
        CHECK(chosen[0].name == "s");
    }

    TEST_CASE("A matrix of a million, and a parameter that is not there, are refused") {
        std::string digits;
        for (int n = 0; n < 100; ++n)
            digits += std::to_string(n) + ',';
        const auto fault = [&](const std::string& scenario) {
            try {
                parse_scenario("[scenario]\nfor = '1 s'\n" + scenario + std::string{small_scenario},
                               "s.toml", types());
            } catch (const FileError& error) {
                return to_text(error.mistakes().front());
            }
            return std::string{};
        };
        CHECK(fault("matrix = { a = [" + digits + "], b = [" + digits + "], c = [" + digits +
                    "] }\n") == "s.toml:3:10: the matrix has 1000000 cases; 1000 are the most; "
                                "leave values out, or write several scenarios");
        CHECK(contains(fault("matrix = { a = 3 }\n"), "a is no list of values"));
        CHECK(contains(mistakes_in("[[expect]]\nwhat = '${metre}.p'\n",
                                   "for = '1 s'\nparameters = { meter = 'main' }"),
                       "\"${metre}\" cannot be worked out; did you mean meter?"));
    }

    TEST_CASE("Files include others: lists are joined, the including file goes first") {
        const Folder folder;
        const auto write = [&](const std::string& name, const std::string& text) {
            std::ofstream{(folder / name)} << text;
            return (folder / name);
        };
        write("farm.toml", std::string{small_scenario});
        write("dips.toml", "[[do]]\nkind = 'dip'\nresidual = '40 %'\nfor = '1 s'\nat = '2 s'\n");
        const auto path =
            write("s.toml", "[scenario]\nfor = '5 s'\nfarm = 'farm.toml'\n"
                            "include = ['dips.toml', 'dips.toml']\n"
                            "[load.shop]\np = '3 kW'\n"
                            "[[do]]\nkind = 'dip'\nresidual = '50 %'\nfor = '1 s'\n"
                            "[[expect]]\nwhat = 'main.p'\nis = 3000\nwithin = '1 %'\n");
        const auto plans = load_scenario(path, types());
        REQUIRE(plans.size() == 1);
        CHECK(plans[0].farm.actions.size() == 2);
        CHECK(played(read_script(plans[0])).outcome() == Verdict::Outcome::passed);

        const auto fault = [&](const std::string& at) {
            try {
                load_scenario(at, types());
            } catch (const FileError& error) {
                return to_text(error.mistakes().front());
            }
            return std::string{};
        };
        const auto self = write("self.toml", "[scenario]\ninclude = 'self.toml'\n");
        CHECK(fault(self) == self + ":2:11: " + self +
                                 " includes itself; put what both need into a file of its own");
        const auto a = write("a.toml", "[scenario]\ninclude = 'b.toml'\n");
        const auto b = write("b.toml", "[scenario]\ninclude = 'a.toml'\n");
        CHECK(contains(fault(a), b + ":2:11: " + a + " is what includes this file"));
        const auto lost = write("lost.toml", "[scenario]\nfarm = 'none.toml'\n");
        CHECK(contains(fault(lost), lost + ":2:8: \"none.toml\""));
        CHECK(contains(fault("shelf:voltage-dib"), "did you mean voltage-dip?"));
    }

    TEST_CASE("A mutation alters a cause and is seen where it says") {
        const auto plans = parse_scenario(
            "[scenario]\nfor = '5 s'" + std::string{small_scenario} +
                "[[do]]\nid = 'dip'\nkind = 'dip'\nresidual = '40 %'\nfor = '2 s'\nat = '1 s'\n"
                "[[expect]]\nid = 'low'\nwhat = 'main.u_a'\nis = '92 V'\nwithin = '1 %'\nat = '2 "
                "s'\n"
                "[[expect]]\nid = 'p'\nwhat = 'main.p'\nis = '6 kW'\nwithin = '1 %'\n"
                "[[expect]]\nid = 'behind'\nwhat = 'main.f'\nis = 50\nwithin = '1 %'\nafter = "
                "'dip'\n"
                "[[mutation]]\nname = 'shallow'\nset.do.dip.residual = '50 %'\nfails = 'low'\n"
                "[[mutation]]\nname = 'less'\nset.load.shop.p = '5 kW'\nfails = 'p'\n"
                "[[mutation]]\nname = 'none'\nwithout = 'dip'\nfails = ['low', 'behind']\n"
                "[[mutation]]\nname = 'wrong'\nset.meter.main.ct_reversed = ['a']\nfails = 'low'\n"
                "[[mutation]]\nname = 'unseen'\nset.farm.seed = 9\nfails = 'p'\n",
            "s.toml", types());
        const ScenarioPlan& plan = plans.front();
        REQUIRE(plan.mutations.size() == 5);
        const auto outcome = [&](std::size_t n) {
            const MutationPlan& mutation = plan.mutations[n];
            return verdict_on_mutation(mutation,
                                       played(read_script(mutated(plan, mutation, types()))));
        };
        CHECK(outcome(0).outcome() == Verdict::Outcome::passed);
        CHECK(outcome(0).name == "s ~ shallow");
        CHECK(outcome(1).outcome() == Verdict::Outcome::passed);
        CHECK(outcome(2).outcome() == Verdict::Outcome::passed);
        CHECK(outcome(3).count(Finding::Result::failed) == 2); // not where it says, and elsewhere
        CHECK(outcome(4).count(Finding::Result::failed) == 1);
    }
}
