#include "verification/sweep.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace kpmsim;

namespace {

/// Runs a sweep; every point must be within the standard's limit and ours. Returns its quantities.
std::set<std::string> check_sweep(std::string_view name) {
    const Sweep* sweep = find_sweep(name);
    REQUIRE(sweep != nullptr);
    std::set<std::string> quantities;
    double before = 0;
    for (const SweepPoint& p : run_sweep(*sweep)) {
        CAPTURE(p.x);
        CAPTURE(p.row.quantity);
        CAPTURE(name_of(p.row.mode));
        CAPTURE(p.row.worst);
        CHECK(p.row.worst <= p.row.our_limit);
        CHECK(p.row.pass);
        CHECK(p.x >= before);
        before = p.x;
        quantities.insert(p.row.quantity);
    }
    CHECK(before == doctest::Approx(sweep->x.back()));
    return quantities;
}

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("U, I, P, Q and f keep their bounds from 42.5 to 69 Hz") {
        CHECK(check_sweep("frequency") ==
              std::set<std::string>{"U of Un", "I of In", "P", "Q", "f"});
    }
    TEST_CASE("I and P keep their bounds from a thousandth of the rated current on") {
        CHECK(check_sweep("current") == std::set<std::string>{"I", "P"});
    }
    TEST_CASE("harmonics keep their bounds whichever order is there") {
        CHECK(check_sweep("order") == std::set<std::string>{"harmonics U", "harmonics I"});
    }
    TEST_CASE("there is no other sweep") { CHECK(find_sweep("phase") == nullptr); }
}
