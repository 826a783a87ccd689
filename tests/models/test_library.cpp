#include "models_folder.hpp"

#include <array>

using namespace kpmsim;
using test::ModelsFolder;

namespace {

std::string line_of(const std::string& all, const std::string& part) {
    const auto at = all.find(part);
    if (at == std::string::npos)
        return "";
    const auto from = all.rfind('\n', at) + 1;
    return all.substr(from, all.find('\n', at) - from);
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("A folder adds a meter and replaces one of the same name") {
        ModelsFolder folder;
        folder.copy("kpm37", "kpm39");
        folder.copy("kpm53", "kpm53");
        folder.change("kpm53/registers.toml", "word_order = \"abcd\"", "word_order = \"cdab\"",
                      "kpm53/registers.toml");
        folder.change("kpm53/meter.toml", "functions = [1, 2, 3, 5, 16]",
                      "functions = [1, 2, 3, 4, 5, 6, 16]", "kpm53/meter.toml");
        REQUIRE(folder.mistakes() == "");
        const TypeLibrary types = TypeLibrary::with_folder(folder.path());
        CHECK(types.names() ==
              std::vector<std::string>{"kpm312", "kpm33b", "kpm37", "kpm39", "kpm53"});
        CHECK(types.find("kpm39")->registers.rows.size() ==
              types.find("kpm37")->registers.rows.size());
        CHECK(types.find("kpm53")->registers.word_order == WordOrder::cdab);

        MeterSpec spec;
        spec.type = types.find("kpm53");
        spec.serial = "5301024C90001";
        Meter meter{spec};
        meter.image().metered[0].readings[Slot::u_a] = 229.097;
        std::vector<std::uint16_t> words(2);
        REQUIRE(read_registers(meter.circuits()[0], 0x0030, words));
        CHECK(words == std::vector<std::uint16_t>{0x18D5, 0x4365});
        CHECK(answers_function(meter.type(), 4));
    }

    TEST_CASE("Every mistake of every file is told at once, with place and cure") {
        ModelsFolder folder;
        folder.copy("kpm33b", "broken");
        folder.copy("kpm53", "other");
        folder.change("kpm33b/meter.toml", "nominal_v = 220", "nominal = 220", "broken/meter.toml");
        folder.change("kpm33b/registers.toml", "\"u_a\", \"u_b\"", "\"u_a\", \"u_bb\"",
                      "broken/registers.toml");
        folder.change("kpm33b/mqtt.toml", "zyggl = { point = \"p\"", "zyggl = { point = \"pp\"",
                      "broken/mqtt.toml");
        folder.change("kpm53/registers.toml", "at = 0x0068", "at = 0x0062", "other/registers.toml");
        const std::string all = folder.mistakes();
        CAPTURE(all);
        CHECK(line_of(all, "unknown key \"nominal\"").find("nominal_v") != std::string::npos);
        CHECK(line_of(all, "unknown key \"nominal\"").find("broken/meter.toml:") !=
              std::string::npos);
        CHECK(line_of(all, "lacks \"nominal_v\"") != "");
        CHECK(line_of(all, "no point \"u_bb\"").find("u_b") != std::string::npos);
        CHECK(line_of(all, "no point \"u_bb\"").find("broken/registers.toml:") !=
              std::string::npos);
        CHECK(line_of(all, "no point \"pp\"").find("broken/mqtt.toml:") != std::string::npos);
        CHECK(line_of(all, "\"e_p_import_a\" at 0062H overlaps \"f\", which ends at 0063H")
                  .find("other/registers.toml:") != std::string::npos);
    }

    TEST_CASE("A row that could not be served is refused when it is loaded") {
        const std::vector<std::array<std::string, 3>> cases{
            {"name = \"pt\", type", "name = \"ptt\", type", "has no point \"ptt\"; nearest: pt"},
            {"name = \"pt\", type = \"u16\"", "name = \"pt\", type = \"u17\"", "unknown type"},
            {"type = \"ascii\", words = 7", "type = \"ascii\", words = 6", "words = 7"},
            {"type = \"clock\", access", "type = \"u16\", access", "type = \"clock\""},
            {"0x557A = \"clear_demand_maxima\"", "0x557A = \"reboot\"", "no point \"reboot\""},
            {"name = \"wiring\", type = \"u16\"", "name = \"pt\", type = \"u16\"", "comes twice"},
            {"at = 0x0300", "at = 0xFF00", "ends beyond"},
            {"\"hr_u_a_{2..31}\"", "\"hr_u_a_{2..32}\"", "hr_u_a_32"},
            {"months = 3", "months = 14", "from 1 to 13"},
            {"points = [\"e_p_total\", \"e_q_total\"]", "points = [\"u_a\"]",
             "only energies have a history"},
            {"word_order = \"abcd\"", "word_order = \"badc\"", "known: abcd, cdab"}};
        for (const std::array<std::string, 3>& each : cases) {
            ModelsFolder folder;
            folder.copy("kpm53", "mine");
            folder.change("kpm53/registers.toml", each[0], each[1], "mine/registers.toml");
            const std::string all = folder.mistakes();
            CHECK_MESSAGE(all.find(each[2]) != std::string::npos, each[1] << " gave: " << all);
        }
    }

    TEST_CASE("A menu, a rating or a packet that cannot be is refused when it is loaded") {
        struct Case {
            std::string model, file, from, to, says;
        };
        const std::vector<Case> cases{
            {"kpm37", "meter.toml",
             "code = \"Pt\", title = \"Voltage ratio, 0.1 to 6000.0\", factory = 10",
             "code = \"Pt\", title = \"Voltage ratio\", factory = 0",
             "factory value 0 is not allowed"},
            {"kpm37", "meter.toml", "choices = [100, 220]", "choices = [100]", "factory value 220"},
            {"kpm37", "meter.toml", "least = 0, most = 40", "least = 50, most = 40",
             "is above most 40"},
            {"kpm37", "meter.toml", "9600, 19200, 38400], source", "9600], source",
             "does not allow 19200"},
            {"kpm312", "meter.toml", "most = 244", "most = 247", "do not stay within 1 to 247"},
            {"kpm312", "meter.toml", "[\"P4L\"]", "[\"P5L\"]", "unknown wiring \"P5L\""},
            {"kpm312", "meter.toml", "count = 4", "count = 3", "shared by 4 circuits"},
            {"kpm312", "meter.toml", "\"T|S\"", "\"T|X\"", "unknown option \"X\"; known: K, R, T"},
            {"kpm312", "meter.toml", "\"T|S\"", "\"T|K\"", "option K comes twice"},
            {"kpm37", "meter.toml", "\"reboot\", \"reconfigure\"", "\"clear_energy\"",
             "no menu has an action \"clear_energy\"; known: reboot, reconfigure"},
            {"kpm37", "meter.toml", "[\"reboot\", \"reconfigure\"]", "[\"reboot\"]",
             "no point \"reconfigure\""},
            {"kpm312", "meter.toml", "code = \"B\"", "code = \"A\"", "current \"A\" comes twice"},
            {"kpm37", "meter.toml", "\"10:00 peak\"", "\"06:00 peak\"", "does not come after"},
            {"kpm37", "meter.toml", "\"07:00 flat\"", "\"25:00 flat\"", "is no tariff period"},
            {"kpm312", "meter.toml", "day_periods = 24", "day_periods = 7",
             "the factory's day has 8 periods"},
            {"kpm312", "meter.toml", "rates = 4", "rates = 3", "the factory's day has tariff 4"},
            {"kpm312", "meter.toml", "day_tables = 4\n", "", "no table that could have zones"},
            {"kpm312", "meter.toml", "hours = true\n", "", "there are no hours to write down"},
            {"kpm53", "registers.toml", "points = [\"clip_u\", \"clip_i\"]",
             "access = \"read_write\"\npoints = [\"clip_u\", \"clip_i\"]", "clip_u is read only"},
            {"kpm37", "meter.toml", "currents = [\"5\", \"1\"]", "currents = [\"5\", \"2\"]",
             "there is no current \"2\""},
            {"kpm37", "meter.toml", "currents = [\"100\", \"400\"", "currents = [\"100\", \"5\"",
             "current \"5\" has an accuracy already"},
            {"kpm53", "meter.toml", "active = \"0.5S\"", "active = \"0.5\"", "active"},
            {"kpm53", "meter.toml", "u_percent = 0.2", "u_percent = 20", "u_percent is 20"},
            {"kpm33b", "meter.toml", "most = 1.0", "most = 0.1", "most is 0.1, reference 0.2"},
            {"kpm33b", "meter.toml", "most = 1.0", "most = 1.0\nconnection = \"direct\"",
             "for meters behind transformers"},
            {"kpm33b", "meter.toml", "closed = true", "closed = 1", "closed is 1"},
            {"kpm312", "meter.toml", "[inputs]", "[inputs]\nclosed = true",
             "unknown key \"closed\" in inputs"},
            {"kpm312", "meter.toml", "open_c = -176.637", "", "lacks \"open_c\""},
            {"kpm37", "mqtt.toml", "\"zszgl\", \"pfa\"", "\"zszgl\", \"pfx\"",
             "unknown field \"pfx\"; nearest: pf"},
            {"kpm33b", "mqtt.toml", "\"unb\", \"inb\"", "\"unb\"",
             "field \"inb\" is in no packet"}};
        for (const Case& each : cases) {
            ModelsFolder folder;
            folder.copy(each.model, "mine");
            folder.change(each.model + "/" + each.file, each.from, each.to, "mine/" + each.file);
            const std::string all = folder.mistakes();
            CHECK_MESSAGE(all.find(each.says) != std::string::npos, each.to << " gave: " << all);
        }
    }

    TEST_CASE("A folder without a model, or a model without its files, says so") {
        ModelsFolder folder;
        CHECK(folder.mistakes().find("no model is in this folder") != std::string::npos);
        folder.write("half/meter.toml", "title = \"x\"\n");
        CHECK(folder.mistakes().find("model half has no registers.toml") != std::string::npos);
        CHECK_THROWS_AS(TypeLibrary::with_folder(folder.path() + "/none"), FileError);
    }
}
