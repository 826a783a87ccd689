// Why the control API does not write a point, in words.
#include "modbus_rig.hpp"

#include "servers/api/refused.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

namespace {

MeterSpec spec_of(const std::string& model) {
    MeterSpec spec;
    spec.name = "m";
    spec.type = &rig::builtin(model);
    return spec;
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("a relay that alarms move is no matter of asking again") {
        MeterSpec spec = spec_of("kpm53");
        spec.settings = {{"relay_alarm", {}, 1}};
        const Meter meter{spec};
        const MeterType& type = meter.type();
        const auto problem = api::refused_now(meter, {{type.relay_points[0], 0, 1}});
        REQUIRE(problem);
        CHECK(problem->status == 409);
        CHECK(problem->place == "body/values/relay_1");
        CHECK(problem->what == "relay_1 is moved by alarms, not by commands");
        CHECK(problem->cure == "take its bit out of relay_alarm first");
        CHECK_FALSE(api::refused_now(meter, {{type.relay_points[1], 0, 1}}));
    }

    TEST_CASE("a point of what is not fitted is not there") {
        MeterSpec spec = spec_of("kpm37");
        CHECK_FALSE(api::no_such_point(spec, "relay_pulse", "path"));
        spec.relays_fitted = false;
        const auto problem = api::no_such_point(spec, "relay_pulse", "path");
        REQUIRE(problem);
        CHECK(problem->status == 404);
        CHECK(problem->what == "m has no relays, and so no relay_pulse");
        // What is near is named where it is fitted.
        CHECK(api::no_such_point(spec, "relay_puls", "path")->cure.find("relay_") ==
              std::string::npos);
        CHECK(api::no_such_point(spec_of("kpm37"), "relay_puls", "path")->cure ==
              "did you mean relay_pulse?");
        CHECK_FALSE(api::no_such_point(spec, "input_1", "path"));
    }
}
