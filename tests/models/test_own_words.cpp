#include "own_model.hpp"

#include "models/faces/register_words.hpp"

using namespace kpmsim;
using test::OwnMeter;
using test::OwnModel;

namespace {

OwnModel rows(const std::string& list, const std::string& more = "") {
    return OwnModel{test::own_keys + test::own_tables + more,
                    test::own_map + "register = [\n" + list + "\n]\n"};
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("A setting is written as its code, also as a float and with codes left out") {
        const OwnModel model = rows(R"(
    { at = 0x00, name = "baud", access = "read_write", codes = { 0 = 2400, 2 = 9600, 5 = 1200 } },
    { at = 0x02, name = "format", access = "read_write", codes = { 0 = "8N1", 1 = "8E1", 3 = "8N2" } },
    { at = 0x04, name = "baud_place", point = "baud", type = "u16", codes = [1200, 2400, 9600] },
)");
        OwnMeter own{model};
        CHECK(own.read(0, 5) == "4000 0000 0000 0000 0002"); // 2.0, 0.0, 2
        CHECK(own.write(0x00, {0x40A0, 0}) == "done");       // 5.0
        CHECK(own.value("baud") == 1200);
        CHECK(own.read(0, 5) == "40A0 0000 0000 0000 0000");
        CHECK(own.write(0x02, {0x4040, 0}) == "done"); // 3.0
        CHECK(line_formats()[static_cast<std::size_t>(own.value("format"))] == "8N2");
        CHECK(own.write(0x00, {0x3F80, 0}) == "out of range"); // 1.0 is no code
        CHECK(own.write(0x00, {0x4020, 0}) == "out of range"); // 2.5 is none either
        CHECK(own.write(0x00, {0x7FC0, 0}) == "out of range");
        CHECK(own.value("baud") == 1200);
        const RegisterRow& row = *model.type().registers.find("baud");
        CHECK(meant(row, 5) == 1200); // what a client that has the model makes of it
        CHECK(meant(row, 7) == 7);
    }

    TEST_CASE("Codes that leave a choice out, or are none, are refused when they are loaded") {
        const std::vector<std::pair<std::string, std::string>> cases{
            {"codes = [1200, 2400]", "baud can be 9600, which has no code"},
            {"codes = { 0 = 2400, 1 = 9600, x = 1200 }", "\"x\" is no code"},
            {"codes = { 0 = 2400, 1 = 9600, 2 = \"8N1\" }", "a value of codes is out of place"},
            {"codes = 3", "codes are a list or a table"}};
        for (const auto& [codes, says] : cases) {
            const OwnModel model =
                rows("{ at = 0, name = \"baud\", type = \"u16\", " + codes + " }");
            CHECK_MESSAGE(model.says(says), codes << " gave: " << model.mistakes());
        }
        CHECK(rows("{ at = 0, name = \"format\", codes = [\"8N1\", \"8E1\", \"7E1\"] }")
                  .says("or \"8E1\", \"8O1\", \"8N1\", \"8N2\""));
    }

    TEST_CASE("Codes that leave a value of a range out are refused when they are loaded") {
        const auto range = [](const std::string& codes, const std::string& more = "") {
            std::string keys = test::own_keys;
            keys.insert(keys.rfind(']'), "    { name = \"mode\", title = \"Mode\", factory = 2, "
                                         "least = 2, most = 4" +
                                             more + " },\n");
            return OwnModel{keys + test::own_tables,
                            test::own_map +
                                "register = [{ at = 0, name = \"mode\", type = "
                                "\"u16\", codes = " +
                                codes + " }]\n"};
        };
        const OwnModel gap = range("{ 0 = 2, 5 = 4 }");
        CHECK_MESSAGE(gap.says("registers.toml:4:60: mode can be 3, which has no code; give every "
                               "value from the setting's least to its most a code"),
                      gap.mistakes());
        CHECK(range("{ 0 = 3, 5 = 4 }").says("mode can be 2, which has no code"));
        CHECK(range("{ 0 = 2, 1 = 3, 5 = 4 }").mistakes() == "");
        CHECK(range("{ 0 = 0, 1 = 1 }", ", scale = 4").says("mode can be 0.5, which has no code"));
    }

    TEST_CASE("What a word has no room for, and what says nothing, is refused when it is loaded") {
        const std::string baud = "{ at = 0, name = \"line\", type = \"u16\", packed = [{ point = "
                                 "\"baud\", bits = 8, codes = [1200, 2400, 9600] }, { point = "
                                 "\"format\", ";
        const std::vector<std::pair<std::string, std::string>> cases{
            {baud + "bits = 8, codes = { 0 = \"8N1\", 1 = \"8E1\", 300 = \"8N2\" } }] }",
             "the code 300 does not fit; there is room for 0 to 255"},
            {baud + "bit = 4, bits = 8 }] }", "\"format\" has bits that another field has"},
            {"{ at = 0, name = \"baud\", type = \"i16\", codes = { 0 = 2400, 1 = 9600, 32768 = "
             "1200 } }",
             "the code 32768 does not fit; there is room for 0 to 32767"},
            {"{ at = 0, name = \"baud\", type = \"u16\", codes = { 0 = 2400, 0x0 = 9600, 1 = 1200 "
             "} }",
             "the code 0 comes twice"},
            {"{ at = 0, name = \"baud\", type = \"u16\", codes = [] }", "codes names nothing"},
            {"{ at = 0, name = \"line\", type = \"u16\", packed = [] }", "packed names nothing"},
            {"{ at = 0, name = \"line\", type = \"u16\", access = \"write\", actions = {} }",
             "actions names nothing"},
            {"{ at = 0, name = \"serial\", type = \"ascii\", words = 4, scale = 10 }",
             "\"serial\" is no number that could be scaled; leave scale out"},
            {"{ at = 0, name = \"line\", type = \"u16\", scale = 10, packed = [{ point = \"baud\" "
             "}] }",
             "\"line\" is no number that could be scaled; leave scale out"},
            {"{ at = 0, name = \"u_a\", scale = 1e-320 }",
             "write a number from 1e-12 to 1e+12: scale = 0.1"}};
        for (const auto& [row, says] : cases) {
            const OwnModel model = rows(row);
            CHECK_MESSAGE(model.says(says), row << " gave: " << model.mistakes());
        }
        CHECK(OwnModel::with("", "[[block]]\nat = 0\npoints = []\n").says("points names nothing"));
        CHECK(OwnModel::with("", "[[block]]\nat = 0\ntype = \"ascii\"\npoints = [\"u_a\"]\n")
                  .says("a run of points is no ascii"));
        CHECK(rows(baud + "bits = 8 }] }").mistakes() == "");
    }

    TEST_CASE("A row of the wrong type is told with its other mistakes, and with its cure") {
        const OwnModel packed =
            rows("{ at = 0, name = \"flags\", packed = [{ point = \"bawd\" }] }");
        CHECK_MESSAGE(packed.says("\"flags\" is f32, and fields are packed into a u16; write type "
                                  "= \"u16\""),
                      packed.mistakes());
        CHECK(packed.says("no point \"bawd\""));
        CHECK(rows("{ at = 0, name = \"do\", access = \"write\", actions = { 1 = "
                   "\"clear_energy\" } }")
                  .says("\"do\" is f32, and a command is a u16; write type = \"u16\""));
        CHECK(rows("{ at = 0, name = \"do\", type = \"u16\", access = \"write\", codes = [1], "
                   "actions = { 1 = \"clear_energy\" } }")
                  .says("\"do\" is no row of one point, whose values could have codes; leave "
                        "codes out"));
        const OwnModel moment{
            test::own_keys + "extremes = true\n" + test::own_tables,
            test::own_map + "register = [{ at = 0, name = \"u_a_max_time\", type = \"clock\" }]\n"};
        CHECK_MESSAGE(moment.says("\"u_a_max_time\" cannot be clock of 3 words, read; it is a "
                                  "number, seconds since 1970: write u32, u64 or i64"),
                      moment.mistakes());
        CHECK(rows("{ at = 0, name = \"u_a\", type = \"clock\" }")
                  .says("it is a number: write f32, u16"));
        CHECK(rows("{ at = 0, name = \"input_1\", type = \"u16\", access = \"read_write\" }",
                   "\n[inputs]\ncount = 1\nfirst = 0\n")
                  .says("an input is read only"));
    }

    TEST_CASE("Words for none that TOML cannot hold have the cure, and letters are ASCII") {
        const OwnModel bits =
            rows("{ at = 0, name = \"p\", type = \"u64\", none = 0xFFFFFFFFFFFFFFFF }");
        CHECK_MESSAGE(bits.says("-1 is 64 one-bits"), bits.mistakes());
        OwnMeter own{rows("{ at = 0, name = \"f\", type = \"u64\", none = -1 }")};
        CHECK(own.read(0, 4) == "FFFF FFFF FFFF FFFF");
        const std::string maker =
            "\n[[constant]]\nname = \"maker\"\ntitle = \"Maker\"\nvalue = \"B\u00FC\"\n";
        CHECK(rows("{ at = 0, name = \"maker\", type = \"ascii\", words = 2 }", maker)
                  .says("its text has characters that are no ASCII"));
        CHECK(rows("", maker).mistakes() == ""); // a message may have it
    }

    TEST_CASE(
        "What a meter measures stays within what there is, and its converter holds the peak") {
        const auto changed = [](const std::string& from, const std::string& to) {
            std::string text = test::own_keys + test::own_tables;
            REQUIRE(text.find(from) != std::string::npos);
            text.replace(text.find(from), from.size(), to);
            return OwnModel{text, test::own_map};
        };
        const std::vector<std::array<std::string, 3>> cases{
            {"full_scale_v = 600", "full_scale_v = 1e-300",
             "full_scale_v is 1e-300; write a number from 1 to 1e+07"},
            {"full_scale_v = 600", "full_scale_v = 325",
             "full_scale_v is 325, below the peak of nominal_v, 325.3; write the converter's peak, "
             "such as 650.5"},
            {"nominal_v = 230", "nominal_v = 1e308",
             "nominal_v is 1e+308; write a number from 1 to 1e+06"},
            {"full_scale_a = 20", "full_scale_a = 7",
             "full_scale_a is 7, below the peak of rated_a, 7.071"},
            {"rated_a = 5", "rated_a = 1e-320", "write a number from 0.001 to 1e+06"},
            {"[\"P4L\"]", "[\"P4L\", \"3P4W\"]",
             "\"P4L\" and \"3P4W\" are one wiring; keep the manual's word"},
            {"[\"P4L\"]", "[\"P3L2\", \"P3L2\"]", "\"P3L2\" comes twice"},
            {"[\"P4L\"]", "[\"P4L\", \"1P2W\"]", "\"1P2W\" stands beside wirings of three phases"},
            {"choices = [1200, 2400, 9600]", "choices = []", "choices names nothing"},
            {"functions = [3, 4, 6, 16]", "functions = []", "lacks \"functions\""},
            {"functions = [3, 4, 6, 16]", "functions = [16]",
             "nobody can read the registers of this meter; add 3, or 4"},
            {"functions = [3, 4, 6, 16]", "functions = [3, 3]",
             "function code 3 comes twice; write it once"},
            {"name = \"spare_time\"", "name = \"a, b/c\"",
             "nobody could ask for \"a, b/c\"; a name has letters from a to z, digits and _"},
            {"name = \"spare_time\"", "name = \"spare time\"", "nobody could ask for"},
            {"baud = 9600\n", "baud = 2400\n",
             "baud is 2400 here, and \"baud\" leaves the factory with 9600; write one of them in "
             "both places"},
            {"baud = 9600\n", "baud = 9600\nformat = \"8N2\"\n",
             "format is 8N2 here, and \"format\" leaves the factory with 8N1"}};
        for (const auto& [from, to, says] : cases) {
            const OwnModel model = changed(from, to);
            CHECK_MESSAGE(model.says(says), to << " gave: " << model.mistakes());
        }
        CHECK(changed("full_scale_v = 600", "full_scale_v = 326").mistakes() == "");
        CHECK(changed("factory = \"8N1\"", "factory = \"8E1\"").type().line.format == "8E1");
        // What has a mistake of its own is not compared.
        CHECK_FALSE(changed("full_scale_v = 600", "full_scale_v = -600").says("below the peak"));
        CHECK_FALSE(changed("[line]\n", "[range]\nphase_least_v = 10\n[line]\n").says("swap them"));
        CHECK(changed("[\"P4L\"]", "[\"P4L\", \"P3L3\", \"P3L2\"]").mistakes() == "");
    }

    TEST_CASE("Without a value the words are those that stand for none") {
        const OwnModel model = rows(R"(
    { at = 0x00, name = "f", type = "u16", scale = 0.01, none = 0xFFFF },
    { at = 0x01, name = "pf", type = "i16", scale = 0.001, none = 0x8000 },
    { at = 0x02, name = "temp", none = "nan" },
    { at = 0x04, name = "demand_p", type = "i32", none = -2147483648 },
    { at = 0x06, name = "pf_b", type = "i64", none = -9223372036854775808 },
    { at = 0x0A, name = "pf_c", type = "bcd", words = 2, none = 0xFFFFFFFF },
)",
                                    "\n[temperature]\nopen_c = -176.637\n");
        OwnMeter own{model};
        CHECK(own.read(0, 12) == "FFFF 8000 7FC0 0000 0000 0000 8000 0000 0000 0000 FFFF FFFF");
        own.state.readings[Slot::f] = 50;
        own.state.readings[Slot::s] = 100;
        own.state.readings[Slot::pf] = -0.5;
        CHECK(own.read(0, 2) == "1388 FE0C");
        MeterSpec warm;
        warm.temperature_c[0] = 20;
        OwnMeter sensed{model, warm};
        CHECK(sensed.read(2, 2) == "0000 0000"); // the state says 0 degrees
        CHECK(rows("{ at = 0, name = \"temp\" }")
                  .says("this meter has no temp; leave it out, or add"));
        // What stands for none is read as no number, and is none to write.
        const RegisterRow& f = *model.type().registers.find("f");
        const std::array<std::uint16_t, 1> none{0xFFFF};
        CHECK(std::isnan(decode(f, WordOrder::abcd, none)));
    }

    TEST_CASE("A point that is worked out of one without a value has none") {
        const OwnModel model = rows("{ at = 0, name = \"both\", type = \"i16\", none = 0x8000 }",
                                    "[[derived]]\nname = \"both\"\ntitle = \"Both\"\nsum = "
                                    "[\"pf_a\", \"pf_b\"]\n");
        OwnMeter own{model};
        own.state.readings[Slot::s_a] = 100;
        own.state.readings[Slot::pf_a] = 1;
        CHECK(own.read(0, 1) == "8000");
        own.state.readings[Slot::s_b] = 100;
        CHECK(own.read(0, 1) == "0001");
    }

    TEST_CASE("Words for none that a type has not are refused when they are loaded") {
        const std::vector<std::pair<std::string, std::string>> cases{
            {"name = \"f\", type = \"u16\", none = 0x10000", "these are no words of u16"},
            {"name = \"f\", type = \"u16\", none = \"nan\"", "these are no words of u16"},
            {"name = \"f\", none = 1.5", "these are no words of f32; write \"nan\""},
            {"name = \"serial\", type = \"ascii\", words = 4, none = 0", "no words of ascii"},
            {"name = \"p\", type = \"bcd\", words = 5", "bcd takes 1 to 4 words"}};
        for (const auto& [row, says] : cases) {
            const OwnModel model = rows("{ at = 0, " + row + " }");
            CHECK_MESSAGE(model.says(says), row << " gave: " << model.mistakes());
        }
    }

    TEST_CASE("Whole numbers of 64 bits, scaled, in both word orders") {
        const std::string list = R"(
    { at = 0, name = "e_p_import", type = "i64", scale = 0.001 },
    { at = 4, name = "e_p_export", type = "u64", scale = 0.001 },
    { at = 8, name = "p", type = "i32", scale = 0.1 },
)";
        OwnMeter high{rows(list)};
        const OwnModel swapped{test::own_keys + test::own_tables,
                               test::own_map + "word_order = \"cdab\"\nregister = [\n" + list +
                                   "\n]\n"};
        OwnMeter low{swapped};
        for (OwnMeter* own : {&high, &low}) {
            own->state.energy[Energy::p_import] = test::wh(0x123456789A);
            own->state.energy[Energy::p_export] = test::wh(5);
            own->state.readings[Slot::p] = -0.2;
        }
        CHECK(high.read(0, 10) == "0000 0012 3456 789A 0000 0000 0000 0005 FFFF FFFE");
        CHECK(low.read(0, 10) == "789A 3456 0012 0000 0005 0000 0000 0000 FFFE FFFF");
    }

    TEST_CASE("A scale factor is a power of ten that another register shows") {
        const std::string factor =
            "[[constant]]\nname = \"sf_u\"\ntitle = \"Scale factor of U\"\nvalue = -1\n";
        const std::string list = R"(
    { at = 0, name = "u_a", type = "u16", scale_factor = "sf_u" },
    { at = 1, name = "sf_u", type = "i16" },
)";
        OwnMeter own{rows(list, factor)};
        own.state.readings[Slot::u_a] = 230.44;
        CHECK(own.read(0, 2) == "0900 FFFF"); // 2304 x 10^-1
        CHECK(rows(list).says("no point \"sf_u\""));
        CHECK(rows("{ at = 0, name = \"u_a\", scale_factor = \"baud\" }")
                  .says("\"baud\" is no power of ten; name a constant from -10 to 10"));
        CHECK(rows(list, "[[constant]]\nname = \"sf_u\"\ntitle = \"x\"\nvalue = 0.5\n")
                  .says("is no power of ten"));
    }

    TEST_CASE("A serial number of digits is a number or a text, as the register says") {
        OwnMeter own{rows(R"(
    { at = 0, name = "serial", type = "u32" },
    { at = 2, name = "serial_text", point = "serial", type = "ascii", words = 5 },
    { at = 7, name = "serial_bcd", point = "serial", type = "bcd", words = 2 },
)")};
        CHECK(own.read(0, 9) == "0001 E240 3030 3132 3334 3536 0000 0012 3456");
        CHECK(rows("{ at = 0, name = \"serial\", type = \"u16\" }").says("8 digits take ascii"));
        CHECK(rows("{ at = 0, name = \"serial\", type = \"ascii\", words = 3 }")
                  .says("8 characters take words = 4"));
        std::string letters = test::own_tables;
        letters.replace(letters.find("00######"), 8, "SN######");
        const OwnModel no_number{
            test::own_keys + letters,
            test::own_map + "register = [{ at = 0, name = \"serial\", type = \"u32\" }]\n"};
        CHECK(no_number.says("the id takes type = \"ascii\", words = 4"));
    }

    TEST_CASE("A meter's clock as seconds since 1970") {
        OwnMeter own{rows("{ at = 0, name = \"clock\", type = \"u32\", access = \"read_write\" }")};
        CHECK(own.read(0, 2) == "6965 23A4");
        CHECK(own.write(0, {0x6965, 0x23A5}) == "done");
        CHECK(own.read(0, 2) == "6965 23A5");
        CHECK(rows("{ at = 0, name = \"clock\", type = \"f32\" }")
                  .says("write type = \"clock\", or"));
    }

    TEST_CASE("A setting has a name that no quantity has") {
        for (const char* name : {"u_a", "clock", "serial"}) {
            std::string keys = test::own_keys;
            keys.replace(keys.find("spare_time"), 10, name);
            CHECK(OwnModel{keys + test::own_tables, test::own_map}.says(
                std::string{"every meter has a point \""} + name));
        }
    }

    TEST_CASE("A pattern of a serial number that is none is refused when it is loaded") {
        for (const char* pattern : {"12345", "##-##", "##########", ""}) {
            std::string tables = test::own_tables;
            tables.replace(tables.find("00######"), 8, pattern);
            const OwnModel model{test::own_keys + tables, test::own_map};
            CHECK_MESSAGE(model.says("is no pattern of a serial number"), pattern);
        }
        std::string none = test::own_tables;
        none.erase(none.find("[serial]"), none.find("[voltage]") - none.find("[serial]"));
        const OwnModel without{test::own_keys + none, test::own_map};
        CHECK(without.mistakes() == "");
        CHECK(without.type().serial.form == SerialRule::Form::none);
        CHECK_FALSE(without.type().points.find("serial"));
    }
}
