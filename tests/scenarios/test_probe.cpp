#include "scenario_rig.hpp"

using namespace kpmsim;
using namespace kpmsim::test;

namespace {

/// The value of a probe when a scenario is over.
Verdict probed(const std::string& expectations, const std::string& more = "",
               const std::string& scenario = "for = '30 s'",
               const std::string& supply = "[supply.main]\n") {
    auto plans = parse_scenario("[scenario]\n" + scenario + "\n" + supply +
                                    "[load.shop]\np = '6 kW'\n[[meter]]\nname = 'main'\n"
                                    "model = 'kpm53'\nload = 'shop'\n[[probe]]\nname = 'pq'\n" +
                                    more + expectations,
                                "s.toml", types());
    return played(read_script(std::move(plans.front())));
}

std::string expect(const std::string& what, const std::string& is, const std::string& within) {
    return "[[expect]]\nwhat = 'pq." + what + "'\nis = '" + is + "'\nwithin = '" + within + "'\n";
}

void check(const Verdict& verdict) {
    for (const Finding& finding : verdict.findings)
        CHECK_MESSAGE(finding.result == Finding::Result::passed, finding.text);
    CHECK_FALSE(verdict.findings.empty());
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("A probe measures what the supply is") {
        check(
            probed(expect("u_a", "230 V", "0.01 %") + expect("h_u_b_5", "6 %", "0.1 %") +
                       expect("h_u_b_7", "0 %", "0.001") + expect("thd_u_c", "6 %", "0.1 %") +
                       expect("f_10s", "49.9 Hz", "1 mHz") + expect("unb_u2", "0 %", "0.001") +
                       expect("dips", "0", "0") + expect("intervals", "0", "0"),
                   "", "for = '30 s'",
                   "[supply.main]\nf = '49.9 Hz'\nu = '229.587 V'\nharmonics.u = { 5 = '6 %' }\n"));
        // u2 of a, b, c = 1, 1, 0.97 in their places: (1 - 0.97) / (1 + 1 + 0.97)
        check(probed(expect("unb_u2", "1.0101 %", "0.1 %"), "", "for = '2 s'",
                     "[supply.main]\nunbalance.magnitude = ['100 %', '100 %', '97 %']\n"));
    }

    TEST_CASE("A probe counts dips, swells and interruptions, and how long and deep they were") {
        const auto act = [](const std::string& kind, const std::string& keys) {
            return "[[do]]\nkind = '" + kind + "'\n" + keys + "\n";
        };
        check(probed(
            expect("dips", "2", "0") + // an interruption is a dip, too
                expect("interruptions", "1", "0") +
                expect("interruption_duration", "1 s", "20 ms") + expect("swells", "1", "0") +
                expect("swell_magnitude", "115 %", "0.1 %") +
                expect("swell_duration", "400 ms", "20 ms") +
                "[[expect]]\nwhat = 'pq.dip_residual'\nis = '40 %'\nwithin = '0.1 %'\nat = '8 s'\n"
                "[[expect]]\nwhat = 'pq.dip_duration'\nis = '1 s'\nwithin = '20 ms'\nat = '8 s'\n"
                "[[expect]]\nwhat = 'pq.u_half_least'\nis = '92 V'\nwithin = '0.1 %'\nat = '8 s'\n",
            act("dip", "at = '5 s'\nresidual = '40 %'\nfor = '50 cycles'\nphases = 'b'") +
                act("interruption", "at = '10 s'\nfor = '50 cycles'") +
                act("swell", "at = '20 s'\nmagnitude = '115 %'\nfor = '20 cycles'")));
    }

    TEST_CASE(
        "At a meter's terminals a probe sees currents and power, and what the leads bring there") {
        for (const char* fidelity : {"window", "sample"}) {
            auto plans = parse_scenario(
                "[scenario]\nfor = '20 s'\n[farm]\nfidelity = '" + std::string{fidelity} +
                    "'\n[supply.main]\n[load.six]\nkind = 'six-pulse-drive'\np = '30 kW'\n"
                    "[load.shop]\np = '6 kW'\npf = '0.8 ind'\n"
                    "[[meter]]\nname = 'main'\nmodel = 'kpm312'\nloads = ['six', 'shop', 'none', "
                    "'none']\n"
                    "[[probe]]\nname = 'pq'\nmeter = 'main'\ncircuit = 2\n"
                    "[[probe]]\nname = 'at-six'\nmeter = 'main'\n"
                    "[[do]]\nkind = 'ct-reversed'\nmeter = 'main'\ncircuit = 2\nphase = 'b'\nat = "
                    "'10 s'\n"
                    "[[do]]\nkind = 'u-open'\nmeter = 'main'\nphase = 'c'\nat = '15 s'\n" +
                    expect("u_a", "230 V", "0.001 %") + expect("u_c", "0 V", "1e-6") +
                    expect("i_b", "10.8696 A", "0.01 %") + expect("p_b", "-2000 W", "0.01 %") +
                    expect("p", "0 W", "0.1") + expect("thd_i_a", "0 %", "0.001") +
                    "[[expect]]\nwhat = 'pq.p'\nis = '2000 W'\nwithin = '0.01 %'\nat = '12 s'\n"
                    "[[expect]]\nwhat = 'pq.p'\nis = '6000 W'\nwithin = '0.01 %'\nat = '9 s'\n"
                    "[[expect]]\nwhat = 'at-six.h_i_a_5'\nis = '20 %'\nwithin = '10 %'\n"
                    "[[expect]]\nwhat = 'at-six.h_i_a_5 / 100 * at-six.i_a'\nis = "
                    "'truth(main.hr_i_a_5) / 100 * "
                    "truth(main.i_a)'\nwithin = '1 %'\n",
                "s.toml", types());
            check(played(read_script(std::move(plans.front()))));
        }
    }

    TEST_CASE("Ten minutes by the site's clock, in both fidelities; flicker by its table") {
        const std::string expectations =
            expect("intervals", "1", "0") + expect("u_10min_greatest", "230 V", "0.01 %") +
            expect("u_10min_in_band", "100 %", "0") + expect("pst_greatest", "0", "0.05");
        const std::string begins = "[farm]\nstart = '2026-01-01T00:05:00'\n";
        for (const char* fidelity : {"window", "sample"})
            check(probed(expectations + expect("u_10min_least", "230 V", "0.01 %"), "",
                         "for = '15.1 min'",
                         begins + "fidelity = '" + fidelity + "'\n[supply.main]\n"));
        // Half of the second interval is 4 % lower: sqrt((1 + 0.96^2) / 2).
        check(probed(expect("u_10min_least", "225.446 V", "0.02 %"),
                     "[[do]]\nkind = 'rapid-change'\nchange = '-4 %'\nat = '10 min'\n",
                     "for = '15.1 min'", begins + "fidelity = 'window'\n[supply.main]\n"));
        // IEC 61000-4-15, table 5: 39 rectangular changes a minute of 0.894 % are Pst = 1.
        check(probed(expect("pst_a", "1", "5 %"),
                     "[[do]]\nkind = 'flicker'\ndepth = '0.894 %'\nchanges_per_minute = 39\n",
                     "for = '20.1 min'"));
    }

    TEST_CASE("A probe of no supply, or with a meter's name, is refused") {
        CHECK(contains(mistakes_in("[[probe]]\nname = 'main'\nsupply = 'mian'\n"),
                       "\"main\" cannot be the name of a probe"));
        CHECK(contains(mistakes_in("[[probe]]\nname = 'pq'\nsupply = 'mian'\n"),
                       "unknown supply \"mian\"; known: main"));
        CHECK(contains(mistakes_in("[[probe]]\nname = 'pq'\n[[probe]]\nname = 'pq'\n"),
                       "pq is there twice"));
        CHECK(contains(mistakes_in("[[probe]]\nname = 'pq'\n[[expect]]\nwhat = 'pq.u_aa'\n"),
                       "pq has no value \"u_aa\"; did you mean u_a"));
    }
}

TEST_SUITE("validation") {
    TEST_CASE("Twelve short-term severities are a long-term one") {
        // One interval flickers, eleven do not: Plt = Pst / 12^(1/3).
        check(probed(
            "[[expect]]\nwhat = 'pq.plt_a'\nis = 'pq.pst_greatest / 12 ^ (1 / 3)'\nwithin = '2 %'\n"
            "[[expect]]\nwhat = 'pq.pst_greatest'\nabove = 0.9\n",
            "[[do]]\nkind = 'flicker'\ndepth = '0.894 %'\nchanges_per_minute = 39\nat = '15 min'\n"
            "for = '10 min'\n",
            "for = '125.1 min'",
            "[farm]\nstart = '2026-01-01T00:05:00'\nfidelity = 'window'\n[supply.main]\n"));
    }
}
