#include "farm_folder.hpp"
#include "play_rig.hpp"

#include <fstream>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

FarmPlan plan_of(const std::string& text) {
    static const TypeLibrary library = TypeLibrary::builtin();
    return parse_farm(text, "play.toml", library);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

constexpr std::string_view more = R"(
[bus.line1]
pty = "run/line1"
[[meter]]
name = "low"
model = "kpm37"
load = "shop"
ct = "200/5 A"
wiring = "P3L2"
ct_reversed = ["a"]
bus = "line1"
modbus_tcp = "127.0.0.1:0"
[[do]]
kind = "dip"
residual = "40 %"
at = "30 s"
for = "1 s"
)";

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("The state of another farm is refused with what its file says, and changes nothing") {
        const std::string mine = std::string{test::stage} + std::string{more};
        Farm saved{plan_of(mine), 1};
        Actions saved_actions{saved};
        saved.advance(SimTime{2s});
        saved.publish(SimTime{2s});
        const Bytes bytes = saved_actions.save();
        struct Row {
            const char* from;
            const char* to;
            const char* says; ///< empty: it is no other farm
        };
        for (const Row& row : std::initializer_list<Row>{
                 {"u = \"230 V\"", "u = \"400 V\"", "supply main: u is 400 V here, 230 V there"},
                 {"u = \"230 V\"", "u = \"230 V\"\ndc = \"1 V\"",
                  "supply main: dc is 1 V here, not written there"},
                 {"p = \"3 kW\"", "p = \"4 kW\"", "load shop: p is 4 kW here, 3 kW there"},
                 {"pf = \"0.9 ind\"\n", "", "load shop: pf is not written here, 0.9 ind there"},
                 {"200/5 A", "400/5 A", "meter low: ct is 400/5 A here, 200/5 A there"},
                 {"P3L2", "P3L3", "meter low: wiring is P3L3 here, P3L2 there"},
                 {"ct_reversed = [\"a\"]", "ct_reversed = [\"c\"]",
                  "meter low: ct_reversed[1] is c here, a there"},
                 {"count = 2", "count = 3", "meter shop-{n+1}: count is 3 here, 2 there"},
                 {"name = \"low\"", "name = \"high\"", "the list of [[meter]] is"},
                 {"40 %", "50 %", "[[do]] number 1: residual is 50 % here, 40 % there"},
                 {"seed = 7", "seed = 8", "the seed is 8 here, 7 there"},
                 {"seed = 7", "seed = 7\nfidelity = \"window\"",
                  "the fidelity is window here, sample there"},
                 {"seed = 7", "seed = 7\nclock = \"stepped\"\napi = \"127.0.0.1:0\"", ""},
                 {"u = \"230 V\"", "u = \"230V\"", ""},
                 {"run/line1", "run/line2", ""},
             }) {
            CAPTURE(row.to);
            Farm farm{plan_of(replaced(mine, row.from, row.to)), 1};
            Actions actions{farm};
            std::string why;
            const Bytes before = actions.save();
            try {
                actions.restore(bytes);
            } catch (const BadState& bad) {
                why = bad.what();
            }
            if (std::string_view{row.says}.empty()) {
                CHECK(why == "");
                CHECK(farm.now() == SimTime{2s});
                continue;
            }
            CHECK(why.find(row.says) != std::string::npos);
            CHECK(why.find("()") == std::string::npos);
            CHECK((actions.save() == before));
            farm.advance(SimTime{1s});
        }
    }

    TEST_CASE("What stands in a profile counts, not only its name") {
        const FarmFolder folder;
        const auto plan_with = [&](const char* rows) {
            std::ofstream{folder / "day.csv"} << "time,p_a,p_b,p_c\n" << rows;
            return folder.farm("[supply.main]\n[load.day]\nprofile = \"day.csv\"\n[[meter]]\n"
                               "name = \"m\"\nmodel = \"kpm37\"\nload = \"day\"\n");
        };
        const FarmPlan one = plan_with("0,1000,0,0\n60,2000,0,0\n");
        const FarmPlan same = plan_with("0,1000,0,0\n60,2000,0,0\n");
        const FarmPlan other = plan_with("0,1000,0,0\n60,2001,0,0\n");
        CHECK(difference(one.written, same.written).empty());
        CHECK(difference(one.written, other.written).starts_with("load day: profile is day.csv"));
    }
}
