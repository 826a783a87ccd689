#include "scenario_rig.hpp"

using namespace kpmsim;
using namespace kpmsim::test;

TEST_SUITE("scenario") {
    TEST_CASE("A number is held against amounts, expressions, the truth and the reading") {
        for (const char* good : {"what = 'main.u_a'\nis = '230 V'\nwithin = '0.1 %'",
                                 "what = 'main.u_a'\nis = '0.23 kV'\nwithin = '10 mV'",
                                 "what = 'main.p'\nis = 'truth'\nwithin = '0.1 %'",
                                 "what = 'main.p'\nis = '3 * main.p_b'\nwithin = '1 W'",
                                 "what = 'main.u_a'\nbetween = ['229 V', 231]",
                                 "what = 'main.u_a'\nabove = '229.9 V'\nbelow = '230.1 V'",
                                 "what = 'main.p'\nat_least = 5999\nat_most = '6.001 kW'",
                                 "what = 'register(main.p)'\nis = 'reading'\nwithin = '0.001 %'",
                                 "what = 'truth(main.p) - 6000'\nis = 0\nwithin = 0.001",
                                 "what = 'main.p > 5900 and main.p < 6100'"})
            CHECK_MESSAGE(result_of(good) == "passed", good);
        for (const char* bad :
             {"what = 'main.u_a'\nis = '231 V'\nwithin = '0.1 %'",
              "what = 'main.u_a'\nis = '230.5 V'",
              "what = 'main.p'\nis = '3 * main.p_b'\nwithin = 'main.p_b'",
              "what = 'main.u_a'\nbetween = ['230.5 V', 231]",
              "what = 'main.u_a'\nabove = '230.1 V'", "what = 'main.u_a'\nbelow = '229.9 V'",
              "what = 'main.p'\nat_least = '6.01 kW'", "what = 'main.p'\nat_most = '5.99 kW'",
              "what = 'main.p < 5900'"})
            if (std::string_view{bad}.find("within = 'main") != std::string_view::npos)
                CHECK(contains(mistakes_in(std::string{"[[expect]]\n"} + bad), "is no amount"));
            else
                CHECK_MESSAGE(result_of(bad) == "failed", bad);
    }

    TEST_CASE("A value that is overridden leaves the truth alone") {
        CHECK(result_of("what = 'truth(main.p)'\nis = '6 kW'\nwithin = '0.1 %'",
                        "[[do]]\nkind = 'point-stuck'\nmeter = 'main'\npoint = 'p'\nvalue = 17\n"
                        "at = '2 s'\n") == "passed");
        CHECK(result_of("what = 'main.p'\nis = 17",
                        "[[do]]\nkind = 'point-stuck'\nmeter = 'main'\npoint = 'p'\nvalue = 17\n"
                        "at = '2 s'\n") == "passed");
    }

    TEST_CASE("A sensor that is open is expected by what it reads") {
        const std::string board = "[[meter]]\nname = 'board'\nmodel = 'kpm37'\nload = 'shop'\n"
                                  "temperature = '20 degC'\n"
                                  "[[do]]\nkind = 'sensor-open'\nmeter = 'board'\nat = '2 s'\n";
        for (const char* face : {"board.temp_n", "register(board.temp_n)"})
            CHECK(result_of("what = '" + std::string{face} + "'\nbelow = -176\nat = '5 s'",
                            board) == "passed");
        CHECK(result_of("what = 'board.temp_n < -100'\nat = '1 s'", board) == "failed");
    }

    TEST_CASE("Faces wait for a packet from the start on, and find it among all of its moment") {
        for (const auto& [model, point] : {std::pair{"kpm33b", "p"}, std::pair{"kpm37", "u_a"},
                                           std::pair{"kpm37", "p"}, std::pair{"kpm312", "i_a"}}) {
            CAPTURE(model);
            const std::string radio =
                "[[meter]]\nname = 'radio'\nmodel = '" + std::string{model} + "'\n" +
                (std::string{model} == "kpm312" ? "loads = ['shop', 'shop', 'shop', 'shop']\n"
                                                : "load = 'shop'\n") +
                "mqtt = true\n";
            const std::string faces = "kind = 'faces'\nwhat = 'radio." + std::string{point} + "'\n";
            const Finding finding = finding_of(faces + "for = '6 min'", radio, "for = '6 min'");
            CHECK_MESSAGE(finding.result == Finding::Result::passed, finding.text);
            CHECK(contains(finding.seen, "packet"));
        }
        const std::string radio =
            "[[meter]]\nname = 'radio'\nmodel = 'kpm37'\nload = 'shop'\nmqtt = true\n";
        const std::string energy = "kind = 'faces'\nwhat = 'radio.e_p_import'\n"; // each 5 min
        const Finding none = finding_of(energy + "at = '1 s'\nfor = '5 s'", radio);
        CHECK(none.result == Finding::Result::failed);
        CHECK(contains(none.text, "expected a packet"));
        CHECK(finding_of(energy, radio).result == Finding::Result::not_reached);
    }

    TEST_CASE("What was stored is held against expressions in its own unit") {
        const auto stored = [](const std::string& text, const std::string& unit,
                               const std::string& is) {
            Script script = script_of("[[expect]]\nkind = 'command'\nrun = 'x'\nunit = '" + unit +
                                      "'\nis = '" + is + "'\nwithin = '0.1 %'\n");
            Conductor conductor{script, 1};
            conductor.witness().outside(
                [&](const Expectation&) -> Result<std::string, std::string> { return text; });
            conductor.run();
            return std::string{name_of(conductor.findings().front().result)};
        };
        CHECK(stored("6", "kW", "truth(main.p)") == "passed");
        CHECK(stored("6", "W", "truth(main.p)") == "failed");
        CHECK(stored("6", "kW", "6000 W") == "passed");
        CHECK(stored("0.23", "kV", "main.u_a") == "passed");
        CHECK(stored("16.6667", "Wh", "main.e_p_import") == "passed");
        CHECK(contains(mistakes_in("[[expect]]\nkind = 'command'\nrun = 'x'\nunit = 'kV'\n"
                                   "is = 'main.p'\n"),
                       "this is in W, and what it is held against in kV"));
        CHECK(contains(mistakes_in("[[expect]]\nkind = 'command'\nrun = 'x'\nunit = 'bananas'\n"
                                   "is = 3\n"),
                       "unknown unit \"bananas\""));
    }

    TEST_CASE("One mistake is told once: what hangs on it is none of its own") {
        const auto mistakes = [](const std::string& expectation) {
            return mistakes_in(
                "[[meter]]\nname = 'bare'\nmodel = 'kpm37'\nload = 'shop'\noptions = 'none'\n"
                "[[expect]]\nid = 'e'\n" +
                expectation);
        };
        const auto one = [&](const std::string& expectation, const std::string& part) {
            const std::string all = mistakes(expectation);
            CHECK_MESSAGE(contains(all, part), all);
            CHECK_MESSAGE(std::count(all.begin(), all.end(), '\n') == 1, all);
        };
        one("what = 'bare.foo == 0'\n", "has no point \"foo\"");
        one("what = 'not bare.relay_1'\n", "bare has no relays, and so no relay_1");
        one("what = 'bare.u_a'\nis = 'bare.foo'\n", ": bare (kpm37) has no point \"foo\"");
        one("what = 'bare.u_a'\nis = 'bare.relay_1'\n", "has no relays, and so no relay_1");
        one("what = 'bare.u_a'\nbelow = ['5']\n", "below is neither a number nor a text");
        one("what = 'bare.u_a'\nbetween = 3\n", "between has two ends");
        one("what = 'bare.foo'\nis = '230 V'\n", "has no point \"foo\"");
        one("what = 'bare.foo'\nis = 'truth'\n", "has no point \"foo\"");
        one("what = 'bare.foo'\nis = 230\nwithin = '1 V'\n", "has no point \"foo\"");
        one("what = 'bare.foo'\nbetween = ['207 V', '253 V']\n", "has no point \"foo\"");
        one("kind = 'command'\nrun = 'x'\nunit = 'bananas'\nis = '5 V'\n",
            "unknown unit \"bananas\"");
        const std::string both =
            mistakes("what = 'bare.foo'\n"); // a value, and held against nothing
        CHECK_MESSAGE(contains(both, "has no point \"foo\""), both);
        CHECK_MESSAGE(contains(both, "lacks \"is\""), both);
        CHECK(contains(mistakes("what = 'bare.u_a'\nis = '230 bananas'\n"), "is no amount"));
    }

    TEST_CASE("What cannot fail, or cannot hold, is a mistake") {
        const auto mistake = [](const std::string& expectation, const std::string& part) {
            const std::string mistakes = mistakes_in("[[expect]]\n" + expectation);
            CHECK_MESSAGE(contains(mistakes, part), mistakes);
        };
        mistake("what = 'main.u_a'\n", "lacks \"is\"");
        mistake("kind = 'client'\nclient = 'none'\nevent = 'request'\nis = 0\n",
                "no client is called \"none\"");
        mistake("kind = 'messages'\nmeter = 'nobody-*'\nis = 0\n", "no meter is called");
        mistake("what = 'main.u_a'\nabove = '253 V'\nbelow = '207 V'\n",
                "nothing is above 253 V and below 207 V");
        mistake("what = 'main.u_a'\nat_least = 10\nat_most = 9\n", "nothing is at least 10 V");
        mistake("what = 'main.u_a'\nabove = 10\nbelow = 10\n", "nothing is above 10 V");
        mistake("what = 'main.u_a'\nabove = 10\nalways = '1 h'\n", "always lies behind the end");
        mistake("kind = 'http'\nurl = 'https://x'\nis = 1\n", "over http:// only");
        mistake("what = 'main.u_a'\nis = 230\n[mutation]\nfails = []\nset.supply.main.u = '1 V'\n",
                "lacks \"fails\"");
        CHECK(mistakes_in("[[expect]]\nwhat = 'main.u_a'\nat_least = 10\nat_most = 10\n").empty());
        CHECK(mistakes_in("[[expect]]\nwhat = 'main.u_a > 3 and main.p > 2'\n").empty());
        CHECK(contains(mistakes_in("[[client]]\nname = 'a'\n[[client]]\nname = 'a'\n"),
                       "a is there twice"));
        CHECK(contains(mistakes_in("[[client]]\nname = 'exec'\n"), "how real clients are called"));
    }

    TEST_CASE("What happened is the same whatever the stops") {
        const Script script = script_of(
            "[[do]]\nkind = 'dip'\nresidual = '40 %'\nat = '5 s'\nfor = '1 s'\n"
            "[[meter]]\nname = 'radio'\nmodel = 'kpm37'\nload = 'shop'\nmqtt = true\n"
            "[[expect]]\nid = 'u'\nwhat = 'main.u_a'\nbelow = '100 V'\neventually = true\n",
            "for = '6 min'");
        Conductor at_once{script, 1};
        at_once.run();
        Conductor bit_by_bit{script, 1};
        while (!bit_by_bit.over())
            bit_by_bit.run_to(bit_by_bit.farm().now() + std::chrono::milliseconds{777});
        CHECK(first_difference(at_once.evidence(), bit_by_bit.evidence()) == "");
        CHECK(at_once.evidence().digest() == bit_by_bit.evidence().digest());
        const auto lines = at_once.evidence().lines();
        CHECK(std::is_sorted(
            lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.at < b.at; }));
        CHECK(std::any_of(lines.begin(), lines.end(), [&](const Evidence::Line& line) {
            return at_once.evidence().what_of(line) == "expectation u: passed";
        }));
    }

    TEST_CASE("What fails says what was seen, when and what was expected") {
        const Finding finding =
            finding_of("id = 'u'\nwhat = 'main.u_a'\nis = '200 V'\nwithin = '1 %'\nat = '5 s'");
        CHECK(finding.result == Finding::Result::failed);
        CHECK(finding.seen.substr(0, 4) == "230 ");
        CHECK(finding.expected == "200 V within 1 %");
        CHECK(finding.at == SimTime{std::chrono::seconds{5}});
        CHECK(contains(finding.text, "at 5 s (2026-01-01T00:00:05); expected 200 V within 1 %"));
        CHECK(finding.place.line > 10);
    }

    TEST_CASE("Always, never and eventually are of the time that is meant") {
        const std::string dip = "[[do]]\nid = 'dip'\nkind = 'dip'\nresidual = '40 %'\nat = '4 s'\n"
                                "for = '1 s'\n";
        const auto result = [&](const std::string& expectation) {
            return result_of("what = 'main.u_a'\nbelow = '100 V'\n" + expectation, dip);
        };
        CHECK(result("eventually = true") == "passed");
        CHECK(result("eventually = '1 s'\nafter = 'dip'") == "passed");
        CHECK(result("eventually = '3 s'") == "failed");            // it begins at 4 s
        CHECK(result("eventually = true\nat = '6 s'") == "failed"); // and is over then
        CHECK(result("always = '600 ms'\nat = '4.3 s'") == "passed");
        CHECK(result("always = '2 s'\nat = '4.3 s'") == "failed");
        CHECK(result("always = true\nafter = 'dip'\nat = '300 ms'") == "failed");
        CHECK(result("never = true") == "failed");
        CHECK(result("never = '3 s'") == "passed");
        CHECK(result("never = true\nafter = 'dip'\nat = '1.5 s'") == "passed");
        CHECK(result("at = '4.9 s'") == "passed");
        CHECK(result("at = '5.9 s'") == "failed");
    }

    TEST_CASE("What comes after something that does not happen is not reached") {
        const Verdict verdict = played(
            "[[expect]]\nid = 'never'\nwhat = 'main.u_a'\nabove = '500 V'\neventually = true\n"
            "[[expect]]\nwhat = 'main.u_a'\nis = 230\nwithin = '1 V'\nafter = 'never'\n");
        CHECK(verdict.findings[0].result == Finding::Result::failed);
        CHECK(verdict.findings[1].result == Finding::Result::not_reached);
        CHECK(contains(verdict.findings[1].text, "\"never\" did not happen"));
        CHECK(verdict.outcome() == Verdict::Outcome::failed);
    }

    TEST_CASE("An action waits for another, for an expectation, or for a condition") {
        const Verdict verdict = played(R"(
[[do]]
id = "more"
kind = "load-scale"
load = "shop"
by = "200 %"
at = "2 s"
[[expect]]
id = "seen"
what = "main.p"
above = "11 kW"
eventually = true
[[do]]
id = "dip"
kind = "dip"
residual = "50 %"
for = "1 s"
after = "seen"
at = "1 s"
[[do]]
id = "off"
kind = "load-scale"
load = "shop"
by = "0 %"
when = "main.u_a < 120"
[[expect]]
id = "dark"
what = "main.p"
below = "1 W"
after = "off"
eventually = "1 s"
[[expect]]
kind = "order"
of = ["more", "seen", "dip", "off", "dark"]
[[expect]]
kind = "order"
of = ["dip", "more"]
)");
        CHECK(verdict.findings[0].result == Finding::Result::passed);
        CHECK(verdict.findings[1].result == Finding::Result::passed);
        CHECK(verdict.findings[2].result == Finding::Result::passed);
        CHECK(verdict.findings[3].result == Finding::Result::failed);
    }

    TEST_CASE("A change is counted from a moment on, and billed against the truth") {
        const std::string change = "what = 'main.e_p_import'\nsince = '2 s'\nat = '8 s'\n";
        CHECK(result_of(change + "is = 'truth'\nwithin = '0.1 %'") == "passed");
        CHECK(result_of(change + "is = '10 Wh'\nwithin = '0.1 %'") == "passed"); // 6 kW for 6 s
        CHECK(result_of(change + "is = '13.3 Wh'\nwithin = '1 %'") == "failed"); // from the start
        CHECK(result_of(change + "is = 'truth'\nwithin = '0.1 %'",
                        "[[do]]\nkind = 'wrong-ratio'\nmeter = 'main'\nct = '50/5 A'\n") ==
              "failed");
    }

    TEST_CASE("Texts, messages and faces") {
        const std::string radio = "[[meter]]\nname = 'radio'\nmodel = 'kpm33b'\nload = 'shop'\n"
                                  "mqtt = true\nserial = '33B1225950027'\n";
        const auto result = [&](const std::string& expectation) {
            const Finding finding = finding_of(expectation, radio, "for = '3 min'");
            INFO(finding.text);
            return std::string{name_of(finding.result)};
        };
        CHECK(result("kind = 'text'\nwhat = 'radio.serial'\nis = '33B1225950027'") == "passed");
        CHECK(result("kind = 'text'\nwhat = 'radio.serial'\ncontains = '33B12'") == "passed");
        CHECK(result("kind = 'text'\nwhat = 'radio.serial'\nis = '33B1225950028'") == "failed");
        const std::string count = "kind = 'messages'\nmeter = 'rad*'\ntopic = 'MQTT_RT_DATA'\n";
        CHECK(result(count + "at = '10 s'\nfor = '2 min'\nis = 4") == "passed");
        CHECK(result(count + "at = '10 s'\nfor = '2 min'\nis = 5") == "failed");
        CHECK(result(count + "at_least = 5") == "passed");
        CHECK(result(count + "contains = 'no such thing'\nis = 0") == "passed");
        CHECK(result("kind = 'faces'\nwhat = 'radio.p'\nat = '1 min'") == "passed");
        CHECK(result("what = 'packet(radio.zyggl)'\nis = 'reading'\nwithin = '0.1 %'") == "passed");
    }

    TEST_CASE("A run is the same for any steps and threads, and its evidence tells another") {
        const std::string more =
            "[[meter]]\nname = 'radio'\nmodel = 'kpm33b'\nload = 'shop'\n"
            "mqtt = true\n[[do]]\nkind = 'dip'\nresidual = '40 %'\nat = '4 s'\n"
            "for = '1 s'\n[[expect]]\nwhat = 'main.p'\nis = 'truth'\n"
            "within = '1 %'\n";
        const Script script = script_of(more, "for = '70 s'");
        Conductor one{script, 1};
        one.run();
        Conductor other{script, 2};
        for (int n = 1; !other.over(); ++n)
            other.run_to(SimTime{std::chrono::milliseconds{n * 1370}});
        CHECK(first_difference(one.evidence(), other.evidence()) == "");
        CHECK(one.evidence().digest() == other.evidence().digest());
        Script third = script_of(more, "for = '70 s'\nseed = 2");
        Conductor another{third, 1};
        another.run();
        CHECK(one.evidence().digest() != another.evidence().digest());
        CHECK(contains(first_difference(one.evidence(), another.evidence()), "event"));
    }
}
