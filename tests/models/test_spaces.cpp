#include "own_model.hpp"

using namespace kpmsim;
using test::OwnMeter;
using test::OwnModel;

namespace {

const std::string separate = R"(
spaces = "separate"
[[block]]
at = 0x0010
space = "input"
type = "u16"
points = ["u_a", "u_b"]
[[register]]
at = 0x0014
space = "input"
name = "i_a"
[[register]]
at = 0x0011
name = "spare_time"
type = "u16"
access = "read_write"
)";

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("Input and holding registers of one address hold different things") {
        const OwnModel model = OwnModel::with("", separate);
        OwnMeter own{model};
        own.state.readings[Slot::u_a] = 231;
        own.state.readings[Slot::u_b] = 232;
        CHECK(own.input(0x0010, 2) == "00E7 00E8");
        CHECK(own.read(0x0011, 1) == "0005");
        CHECK(own.read(0x0010, 1) == "unknown");
        CHECK(own.write(0x0011, {7}) == "done");
        CHECK(own.read(0x0011, 1) == "0007");
        CHECK(own.input(0x0011, 1) == "00E8");
        CHECK(own.write(0x0010, {7}) == "unknown"); // there is an input register only
        CHECK(model.type().registers.space_of(3) == RegisterSpace::holding);
        CHECK(model.type().registers.space_of(4) == RegisterSpace::input);
        CHECK(test::library().find("kpm53")->registers.space_of(4) == RegisterSpace::holding);
    }

    TEST_CASE("A hole refuses, or reads 0 between the first and the last register") {
        const OwnModel refusing = OwnModel::with("", separate);
        const OwnModel zeros = OwnModel::with("", separate + "[holes]\ninput = \"zero\"\n");
        OwnMeter strict{refusing};
        OwnMeter own{zeros};
        own.state.readings[Slot::u_b] = 232;
        own.state.readings[Slot::i_a] = 1.5; // 3FC0 0000
        CHECK(strict.input(0x0011, 4) == "unknown");
        CHECK(strict.input(0x0012, 1) == "unknown");
        CHECK(own.input(0x0011, 4) == "00E8 0000 0000 3FC0");
        CHECK(own.input(0x0012, 2) == "0000 0000");                // a hole alone
        CHECK(own.input(0x000E, 5) == "0000 0000 0000 00E8 0000"); // from before the map
        CHECK(own.input(0x0015, 3) == "0000 0000 0000");           // from inside a value
        CHECK(own.input(0x000E, 2) == "unknown");
        CHECK(own.input(0x0016, 2) == "unknown"); // wholly behind it
        CHECK(own.input(0xFFFF, 1) == "unknown");
        CHECK(own.read(0x0010, 2) == "unknown"); // the other space's policy is its own
    }

    TEST_CASE("What is only written reads as a hole") {
        const std::string map = R"(
register = [
    { at = 1, name = "spare_time", type = "u16", access = "write" },
    { at = 2, name = "address", type = "u16" },
]
)";
        const OwnModel strict = OwnModel::with("", map);
        const OwnModel zeros = OwnModel::with("", map + "[holes]\nholding = \"zero\"\n");
        CHECK(OwnMeter{strict}.read(1, 2) == "unknown");
        CHECK(OwnMeter{zeros}.read(1, 2) == "0000 0001");
    }

    TEST_CASE("What does not fit two spaces is refused when it is loaded") {
        const auto mistakes = [](const std::string& map) {
            return OwnModel::with("", map).mistakes();
        };
        const auto has = [](const std::string& all, const std::string& part) {
            CHECK_MESSAGE(all.find(part) != std::string::npos, all);
        };
        has(mistakes("[[register]]\nat = 1\nname = \"u_a\"\nspace = \"input\"\n"),
            "registers.toml:7:9: functions 03 and 04 read the same registers of this meter; leave "
            "space out");
        has(mistakes("spaces = \"separate\"\n[[register]]\nat = 1\nname = \"baud\"\nspace = "
                     "\"input\"\naccess = \"read_write\"\n"),
            "nothing is written to input registers");
        has(mistakes("holes = { input = \"zero\" }\n"), "no input registers of its own");
        has(mistakes("holes = { holding = \"skip\" }\n"), "known: refuse, zero");
        has(mistakes("spaces = \"both\"\n"), "known: mirrored, separate");
        std::string keys = test::own_keys;
        keys.replace(keys.find("[3, 4, 6, 16]"), 13, "[3, 16]");
        has(OwnModel{keys + test::own_tables, test::own_map + separate}.mistakes(),
            "nobody can read the input registers; add 4 to functions in meter.toml");
        // The same point at two addresses of one space needs a name for each.
        has(mistakes("register = [{ at = 1, name = \"u_a\" }, { at = 9, name = \"u_a\" }]\n"),
            "\"u_a\" comes twice");
        CHECK(mistakes("register = [{ at = 1, name = \"u_a\" }, { at = 9, name = \"u_again\", "
                       "point = \"u_a\" }]\n") == "");
    }
}
