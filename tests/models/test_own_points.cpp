#include "own_model.hpp"

#include <cmath>
#include <limits>

using namespace kpmsim;
using test::OwnMeter;
using test::OwnModel;

namespace {

std::string derived(const std::string& keys) {
    return "[[derived]]\nname = \"mine\"\ntitle = \"Mine\"\n" + keys + "\n";
}

OwnModel with_derived(const std::string& keys) {
    return OwnModel{test::own_keys + test::own_tables + derived(keys),
                    test::own_map + "register = [{ at = 0, name = \"mine\" }]\n"};
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("A point is worked out of others as its key says") {
        struct Case {
            std::string keys;
            double value;
            std::string unit;
        };
        const std::vector<Case> cases{
            {"sum = [\"u_a\", \"u_b\"]", 30, "V"},
            {"difference = [\"u_a\", \"u_b\", \"u_c\"]", -25, "V"},
            {"average = [\"u_a\", \"u_b\", \"u_c\"]", 15, "V"},
            {"absolute = \"p\"", 400, "W"},
            {"positive = \"p\"", 0, "W"},
            {"positive = \"q\"", 300, "var"},
            {"greatest = [\"u_a\", \"u_c\", \"u_b\"]", 20, "V"},
            {"least = [\"u_b\", \"u_a\", \"u_c\"]", 10, "V"},
            {"angle = [\"p\", \"q\"]", 180 - std::atan(0.75) * 180 / std::acos(-1.0), "deg"},
            {"sum = [\"p\"]\nfactor = -0.001\nunit = \"kW\"", 0.4, "kW"},
            {"average = [\"u_a\", \"u_b\"]\nfactor = 4", 60, "V"},
            {"sum = [\"spare_time\", \"address\"]", 6, ""},
            {"difference = [\"e_p_import\", \"e_p_export\"]", -1.5, "kWh"},
        };
        for (const Case& each : cases) {
            CAPTURE(each.keys);
            const OwnModel model = with_derived(each.keys);
            OwnMeter own{model};
            own.state.readings[Slot::u_a] = 10;
            own.state.readings[Slot::u_b] = 20;
            own.state.readings[Slot::u_c] = 15;
            own.state.readings[Slot::p] = -400;
            own.state.readings[Slot::q] = 300;
            own.state.energy[Energy::p_import] = test::wh(500);
            own.state.energy[Energy::p_export] = test::wh(2000);
            CHECK(own.value("mine") == doctest::Approx(each.value).epsilon(1e-14));
            CHECK(model.type().points[*model.type().points.find("mine")].unit == each.unit);
        }
    }

    TEST_CASE("A derived point that says nothing, or that nobody could ask for, is refused") {
        CHECK(with_derived("sum = [\"p\"]\nfactor = 0")
                  .says("mine would always be 0; write a factor"));
        for (const char* kind : {"constant", "derived", "alarm"}) {
            const OwnModel model{test::own_keys + test::own_tables + "[[" + kind +
                                     "]]\nname = \"baud rate\"\ntitle = \"x\"\n",
                                 test::own_map};
            CHECK_MESSAGE(model.says("nobody could ask for \"baud rate\""), model.mistakes());
        }
        CHECK(OwnModel{test::own_keys + test::own_tables +
                           "[[constant]]\nname = \"\"\ntitle = \"x\"\nvalue = 1\n",
                       test::own_map}
                  .says("nobody could ask for \"\""));
        CHECK(OwnModel::with("", "register = [{ at = 0, name = \"u a\", point = \"u_a\" }]\n")
                  .says("nobody could ask for \"u a\""));
    }

    TEST_CASE("A zero of a derived point has no minus") {
        const OwnModel model = with_derived("sum = [\"p\"]\nfactor = -1");
        OwnMeter own{model};
        CHECK(own.read(0, 2) == "0000 0000");
    }

    TEST_CASE("A derived point may stand on one before it, and is each circuit's own") {
        const OwnModel model{
            test::own_keys +
                "circuits = 2\n[[derived]]\nname = \"minus\"\ntitle = \"-P\"\nsum = "
                "[\"p\"]\nfactor = -1\n[[derived]]\nname = \"export\"\ntitle = "
                "\"Export\"\npositive = \"minus\"\n" +
                test::own_tables,
            test::own_map + "register = [{ at = 0, name = \"export\", type = \"i16\" }]\n"};
        // Two circuits have addresses up to 246.
        CHECK(model.says("most = 246"));
        std::string keys = test::own_keys;
        keys.replace(keys.find("most = 247"), 10, "most = 246");
        const OwnModel two{keys +
                               "circuits = 2\n[[derived]]\nname = \"minus\"\ntitle = \"-P\"\nsum = "
                               "[\"p\"]\nfactor = -1\n[[derived]]\nname = \"export\"\ntitle = "
                               "\"Export\"\npositive = \"minus\"\n" +
                               test::own_tables,
                           test::own_map +
                               "register = [{ at = 0, name = \"export\", type = \"i16\" }]\n"};
        OwnMeter own{two};
        own.meter.image().metered[0].readings[Slot::p] = 70;
        own.meter.image().metered[1].readings[Slot::p] = -90;
        CHECK(own.value("export") == 0);
        CHECK(own.meter.circuits()[1].get("export", Access::wire)->number == 90);
    }

    TEST_CASE("What cannot be worked out is refused when it is loaded") {
        const std::vector<std::pair<std::string, std::string>> cases{
            {"sum = [\"u_a\", \"i_a\"]", "i_a is in A, not V; derive a point with a factor"},
            {"sum = [\"u_a\", \"mine\"]", "no point \"mine\""},
            {"sum = [\"u_a\"]\nabsolute = \"u_b\"", "mine has sum and absolute"},
            {"title2 = 1", "unknown key \"title2\""},
            {"", "lacks \"sum\""},
            {"sum = []", "sum of 0 points; name 1 points or more"},
            {"difference = [\"u_a\"]", "name 2 points or more"},
            {"angle = [\"p\", \"q\", \"s\"]", "angle of 3 points; name 2 points"},
            {"angle = [\"q\", \"p\"]", "no angle has parts in var and W"},
            {"absolute = [\"u_a\"]", "absolute names points; write e.g. \"e_p_import\""},
            {"sum = [\"serial\"]", "\"serial\" is no number"},
            {"sum = [\"clear_energy\"]", "\"clear_energy\" is no number"},
            {"sum = [\"u_a\"]\nunit = \"kV\"", "mine is in V, as what it is worked out of"},
            {"sum = [\"u_a\"]\nfactor = \"2\"", "factor is \"2\""},
            {"sum = \"u_a\"", "write a list"},
        };
        for (const auto& [keys, says] : cases) {
            const OwnModel model = with_derived(keys);
            CHECK_MESSAGE(model.says(says), keys << " gave: " << model.mistakes());
        }
        const OwnModel taken{test::own_keys + test::own_tables +
                                 "[[derived]]\nname = \"u_a\"\ntitle = \"x\"\nsum = [\"u_b\"]\n",
                             test::own_map};
        CHECK(taken.says("the meter has a point \"u_a\""));
    }

    TEST_CASE("Constants are numbers or texts, and registers show them") {
        const OwnModel model{
            test::own_keys + test::own_tables +
                "[[constant]]\nname = \"code\"\ntitle = \"Code\"\nvalue = 0x0020\n"
                "[[constant]]\nname = \"version\"\ntitle = \"Version\"\nvalue = \"V1.2\"\n"
                "[[constant]]\nname = \"not_there\"\ntitle = \"Not there\"\nvalue = 0xFFFF\n",
            test::own_map + R"(
register = [
    { at = 0, name = "code", type = "u16" },
    { at = 1, name = "version", type = "ascii", words = 3 },
    { at = 4, name = "reserved_1", point = "not_there", type = "u16" },
    { at = 5, name = "reserved_2", point = "not_there", type = "u16" },
]
)"};
        OwnMeter own{model};
        CHECK(own.read(0, 6) == "0020 5631 2E32 0000 FFFF FFFF");
        CHECK(own.write(0, {1}) == "read only");
        CHECK(OwnModel{test::own_keys + test::own_tables +
                           "[[constant]]\nname = \"version\"\ntitle = \"V\"\nvalue = \"V1.23\"\n",
                       test::own_map +
                           "register = [{ at = 1, name = \"version\", type = \"ascii\", "
                           "words = 2 }]\n"}
                  .says("5 characters take words = 3"));
        CHECK(OwnModel{test::own_keys + test::own_tables +
                           "[[constant]]\nname = \"x\"\ntitle = \"X\"\nvalue = true\n",
                       test::own_map}
                  .says("value is true; write a number"));
    }

    TEST_CASE("A meter without [tariff] has no points by tariff") {
        const OwnModel model =
            OwnModel::with("", "register = [{ at = 0, name = \"e_p_import_t1\" }]\n");
        CHECK(model.says("this meter has no tariffs, so no \"e_p_import_t1\"; add [tariff]"));
        const OwnModel fine =
            OwnModel::with("", "register = [{ at = 0, name = \"e_p_import\" }]\n");
        CHECK_FALSE(fine.type().points.find("e_p_total_t6"));
        CHECK(test::library().find("kpm53")->points.find("e_p_total_t6"));
        CHECK(fine.type().tariff.at(test::civil("2026-01-12T16:39:00")) == 0);
    }
}
