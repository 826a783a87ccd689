#include "verification/builtin_cases.hpp"
#include "verification/verify.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace kpmsim;

namespace {

/// Runs the cases of one row; each of its quantities must be within the standard's limit and ours.
void check_row(const std::string& id) {
    static const std::vector<VerificationCase> all = load_cases(builtin_cases());
    int cases = 0;
    for (const VerificationCase& c : all) {
        if (c.id != id)
            continue;
        ++cases;
        for (const VerifiedRow& r : verify({&c, 1})) {
            CAPTURE(c.name);
            CAPTURE(r.quantity);
            CAPTURE(name_of(r.mode));
            CAPTURE(r.worst);
            CAPTURE(r.our_limit);
            CHECK(r.worst <= r.our_limit);
            if (r.standard_limit)
                CHECK(r.worst <= *r.standard_limit);
            CHECK(r.pass);
        }
    }
    CHECK(cases > 0);
}

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("row 1: rms of a sine voltage") { check_row("1"); }
    TEST_CASE("row 2: rms of a distorted voltage") { check_row("2"); }
    TEST_CASE("row 3: currents down to a thousandth of full scale") { check_row("3"); }
    TEST_CASE("row 4: P at the class points") { check_row("4"); }
    TEST_CASE("row 5: Q at the class points, off nominal frequency") { check_row("5"); }
    TEST_CASE("row 6: Q with harmonics in quadrature") { check_row("6"); }
    TEST_CASE("row 7: IEEE 1459 powers") { check_row("7"); }
    TEST_CASE("row 8: energy, ramped and changing sign") { check_row("8"); }
    TEST_CASE("row 9: pulses") { check_row("9"); }
    TEST_CASE("row 10: no load, no pulse") { check_row("10"); }
    TEST_CASE("row 11: start current") { check_row("11"); }
    TEST_CASE("row 12: four quadrants") { check_row("12"); }
    TEST_CASE("row 13: frequency over 10 s") { check_row("13"); }
    TEST_CASE("row 14: frequency that ramps and swings") { check_row("14"); }
    TEST_CASE("row 15: harmonics singly and together") { check_row("15"); }
    TEST_CASE("row 16: THD of known waves") { check_row("16"); }
    TEST_CASE("row 17: interharmonics and their groups") { check_row("17"); }
    TEST_CASE("row 18: unbalance") { check_row("18"); }
    TEST_CASE("row 19: influence waves") { check_row("19"); }
    TEST_CASE("row 20: burst firing") { check_row("20"); }
    TEST_CASE("row 21: dips") { check_row("21"); }
    TEST_CASE("row 22: swells, interruptions and rapid changes") { check_row("22"); }
    TEST_CASE("row 23: flicker tables") { check_row("23"); }
    TEST_CASE("row 24: flicker against depth") { check_row("24"); }
    TEST_CASE("row 25: class A's test states") { check_row("25"); }
    TEST_CASE("row 26: aggregation across ticks") { check_row("26"); }
    TEST_CASE("row 27: ways of wiring") { check_row("27"); }
    TEST_CASE("row 28: wiring faults") { check_row("28"); }
    TEST_CASE("row 29: demand") { check_row("29"); }
    TEST_CASE("row 30: maxima, minima and their times") { check_row("30"); }
    TEST_CASE("row 31: temperature") { check_row("31"); }
    TEST_CASE("row 32: residual current") { check_row("32"); }
    TEST_CASE("row 33: clock drift") { check_row("33"); }
    TEST_CASE("row 34: PT and CT ratios") { check_row("34"); }
    TEST_CASE("row 35: calibration") { check_row("35"); }
    TEST_CASE("row 36: DC") { check_row("36"); }
    TEST_CASE("row 37: synchrophasors") { check_row("37"); }
    TEST_CASE("row 39: COMTRADE there and back") { check_row("39"); }
    TEST_CASE("row 40: every quantity, window by window") { check_row("40"); }
    TEST_CASE("row 41: channels and clocks that are wrong on purpose") { check_row("41"); }
    TEST_CASE("row 42: starting, and dead channels") { check_row("42"); }
    TEST_CASE("row 43: beyond the converter's range") { check_row("43"); }
    TEST_CASE("row 44: windows that repeat one") { check_row("44"); }
    TEST_CASE("row 45: codes, and what noise leaves") { check_row("45"); }
    TEST_CASE("row 46: the sample clock, and f of single windows") { check_row("46"); }
    TEST_CASE("row 47: units of the accuracy classes") { check_row("47"); }
    TEST_CASE("row 48: registers and packets of every model") { check_row("48"); }
    TEST_CASE("row 49: what a meter keeps") { check_row("49"); }
    TEST_CASE("row M1: a scaled voltage") { check_row("M1"); }
    TEST_CASE("row M2: a later start") { check_row("M2"); }
    TEST_CASE("row M3: phases changed in a circle") { check_row("M3"); }
    TEST_CASE("row M4: samples cut at random") { check_row("M4"); }
    TEST_CASE("row M5: other sampling rates") { check_row("M5"); }
    TEST_CASE("row M6: time reversed") { check_row("M6"); }
    TEST_CASE("row M7: a voltage common to three wires") { check_row("M7"); }
    TEST_CASE("row M8: phases add up") { check_row("M8"); }
}
