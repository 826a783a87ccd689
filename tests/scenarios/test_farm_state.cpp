// The keys of [farm] that begin with state, and what the state of a farm hangs on.
#include "farms.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

FarmPlan farm(const std::string& keys, const std::string& meter = "",
              const std::string& load = "9 kW") {
    return parse_farm("[farm]\n" + keys + "[supply.s]\n[load.x]\np = \"" + load +
                          "\"\n[[meter]]\nname = \"m\"\nmodel = \"kpm37\"\nload = \"x\"\n" + meter,
                      "here/farm.toml", test::types());
}

std::string mistakes(const std::string& keys) {
    try {
        farm(keys);
        return "";
    } catch (const FileError& error) {
        return error.what();
    }
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("A farm is kept in a folder, which counts from the farm file's, each minute") {
        CHECK_FALSE(farm("").state);
        const auto state = farm("state = \"kept\"\n").state;
        REQUIRE(state);
        CHECK(state->folder == "here/kept");
        CHECK(state->every == 1min);
        CHECK(state->resume == StateResume::stored);
        REQUIRE(state->place);
        CHECK(state->place->line == 2);
        const auto other =
            farm("state = \"kept\"\nstate_every = \"10 s\"\nstate_resume = \"wall\"\n").state;
        REQUIRE(other);
        CHECK(other->every == 10s);
        CHECK(other->resume == StateResume::wall);
    }

    TEST_CASE("What cannot be kept is told with its cure") {
        CHECK(mistakes("state_every = \"10 s\"\n") ==
              "here/farm.toml:2:15: state_every stands without the folder; add state = \"kept\"");
        CHECK(mistakes("state_resume = \"wall\"\n") ==
              "here/farm.toml:2:16: state_resume stands without the folder; add state = \"kept\"");
        CHECK(mistakes("state = \"kept\"\nstate_every = \"10 ms\"\n") ==
              "here/farm.toml:3:15: state_every is out of range; write \"1 s\" to \"1 d\"");
        CHECK(mistakes("state = \"kept\"\nstate_resume = \"now\"\n").find("stored, wall") !=
              std::string::npos);
        CHECK(mistakes("clock = \"free\"\nstate = \"kept\"\nstate_resume = \"wall\"\n") ==
              "here/farm.toml:4:16: clock free does not follow the wall's, by which the farm is to "
              "go on; take realtime or x60, or resume as stored");
        CHECK(farm("clock = \"x60\"\nstate = \"kept\"\nstate_resume = \"wall\"\n").state);
        CHECK(mistakes("state = \"~/kept\"\n").find("here/farm.toml:2:9") != std::string::npos);
    }

    TEST_CASE("Readings hang on supplies, loads and meters, not on how they are run and reached") {
        const std::vector<WorldPart> world = farm("").world;
        REQUIRE(world.size() == 2);
        CHECK(world[1].what == "model kpm37");
        CHECK(farm("clock = \"free\"\nstate = \"kept\"\n# as it was\n").world == world);
        CHECK(farm("", "modbus_tcp = 1502\nmqtt = true\n").world == world);
        CHECK(farm("", "", "10 kW").world != world);
        CHECK(farm("", "ct = \"100/5 A\"\n").world != world);
    }
}
