#include "folder.hpp"
#include "scenario_rig.hpp"

#include "scenarios/verdict/reports.hpp"

#include <cstdlib>
#include <fstream>

using namespace kpmsim;
using namespace kpmsim::test;

namespace {

Verdict some_verdict() {
    return played("[[expect]]\nid = 'good'\nwhat = 'main.u_a'\nis = 230\nwithin = '1 V'\n"
                  "[[expect]]\nid = 'bad'\ntitle = 'more than \"<300>\" & so'\nwhat = 'main.u_a'\n"
                  "above = '300 V'\n[[expect]]\nwhat = 'main.p'\nis = 1\nafter = 'bad'\n",
                  "for = '2 s'\nseed = 77");
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("JUnit XML is what its schema says, with the seed in properties and messages") {
        const std::vector<Verdict> verdicts{some_verdict(), some_verdict()};
        const std::string xml = junit_xml(verdicts);
        CHECK(contains(xml, "<testsuites name=\"kpmsim\" tests=\"6\" failures=\"4\" errors=\"0\""));
        CHECK(contains(xml, "<property name=\"seed\" value=\"77\"/>"));
        CHECK(contains(xml, "(seed 77)\" type=\"value\">s.toml:"));
        CHECK(contains(xml, "&quot;&lt;300&gt;&quot; &amp; so"));
        CHECK(contains(xml, "type=\"not reached\""));
        CHECK(contains(xml, "kpmsim run s.toml --seed 77"));
        const Folder folder;
        std::ofstream{folder / "out.xml"} << xml;
        const std::string command = "xmllint --noout --schema " +
                                    source("tests/scenarios/junit.xsd") + ' ' +
                                    (folder / "out.xml") + " 2>" + (folder / "err");
        CHECK(std::system(command.c_str()) == 0);
    }

    TEST_CASE("An outcome is that of the worst; without a look there is none") {
        CHECK(some_verdict().outcome() == Verdict::Outcome::failed);
        CHECK(played("").outcome() == Verdict::Outcome::nothing_ran);
        CHECK(played("[[expect]]\nwhat = 'main.u_a'\nis = 230\nwithin = 1\n").outcome() ==
              Verdict::Outcome::passed);
    }

    TEST_CASE("JSON and the console tell what failed, where, and how to do it again") {
        const std::vector<Verdict> verdicts{some_verdict()};
        const std::string json = verdicts_json(verdicts);
        CHECK(contains(json, "\"seed\": 77"));
        CHECK(contains(json, "\"result\": \"not reached\""));
        const std::string text = console_text(verdicts.front(), false);
        CHECK(contains(text, "FAILED  s (3 expectations, 00:00:02 in 0.00 s, seed 77)"));
        CHECK(contains(text, "no: bad: more than"));
        CHECK_FALSE(contains(text, "good"));
        CHECK(contains(text, "again: kpmsim run s.toml --seed 77\n"));
        CHECK(contains(console_text(verdicts.front(), true), "ok: good: main.u_a: 230"));
        CHECK(contains(console_sum(verdicts, 1.5), "1 scenario: 0 passed, 1 failed; 3 expect"));
        Verdict of_case = verdicts.front();
        of_case.name = "s[p=1 kW,n=3]";
        CHECK(command_again(of_case) == "kpmsim run s.toml --seed 77 --set 'p=1 kW' --set 'n=3'");
        CHECK(clock_text(std::chrono::milliseconds{90'061'500}) == "1 d 01:01:01.500");
    }
}
