#include "files/toml.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

namespace {
std::vector<std::string> texts(const std::vector<Mistake>& mistakes) {
    std::vector<std::string> out;
    out.reserve(mistakes.size());
    for (const Mistake& m : mistakes)
        out.push_back(to_text(m));
    return out;
}
} // namespace

TEST_SUITE("unit") {
    TEST_CASE("keys stay in the order of the file, each with its place") {
        std::vector<Mistake> mistakes;
        const TomlNode root = parse_toml("zoo = 1\nant = [2, 3]\n\n[b]\nx.y = \"t\"\n[a]\n[[m]]\n"
                                         "k = 1.5\n[[m]]\nat = 2026-01-01T08:00:00\n",
                                         "f.toml", mistakes);
        REQUIRE(mistakes.empty());
        const auto& entries = std::get<TomlEntries>(root.value);
        std::string order;
        for (const auto& [key, node] : entries)
            order += key + ' ';
        CHECK(order == "zoo ant b a m ");
        CHECK(to_text(root.find("zoo")->place) == "f.toml:1:7");
        CHECK(to_text(root.find("zoo")->key) == "f.toml:1:1");
        CHECK(to_text(std::get<TomlArray>(root.find("ant")->value)[1].place) == "f.toml:2:11");
        CHECK(to_text(root.find("b")->place) == "f.toml:4:1");
        CHECK(to_text(root.find("b")->find("x")->find("y")->place) == "f.toml:5:7");
        const auto& meters = std::get<TomlArray>(root.find("m")->value);
        CHECK(to_text(meters[1].place) == "f.toml:9:1");
        CHECK(std::get<std::string>(meters[1].find("at")->value) == "2026-01-01T08:00:00");
    }

    TEST_CASE("a syntax error is one mistake at its place") {
        std::vector<Mistake> mistakes;
        const TomlNode root = parse_toml("a = 1\nb = = 2\n", "f.toml", mistakes);
        CHECK(root.is_table());
        REQUIRE(mistakes.size() == 1);
        CHECK(mistakes[0].place.line == 2);
        CHECK(mistakes[0].place.column == 5);
    }

    TEST_CASE("a table complains about every wrong, missing and unknown key at once") {
        std::vector<Mistake> mistakes;
        const TomlNode root =
            parse_toml("p = \"12 kV\"\nn = 300\nflag = \"yes\"\nkind = \"moter\"\n"
                       "q = 5\nlist = [\"a\", 1]\nsub = 3\nphse = \"a\"\n",
                       "f.toml", mistakes);
        TomlTable table{root, "load x", mistakes};
        CHECK_FALSE(table.quantity("p", Unit::watt));
        CHECK_FALSE(table.integer("n", 1, 247));
        CHECK_FALSE(table.boolean("flag"));
        CHECK_FALSE(table.choice("kind", {"led", "motor"}));
        CHECK_FALSE(table.quantity("q", Unit::hertz));
        CHECK_FALSE(table.texts("list"));
        CHECK(table.table("sub") == nullptr);
        CHECK_FALSE(table.text("phase"));
        CHECK_FALSE(table.text("absent"));
        CHECK(mistakes.size() == 7);
        table.missing("u", "u = \"230 V\"");
        table.finish();
        CHECK(texts(mistakes) ==
              std::vector<std::string>{
                  "f.toml:1:5: p: \"12 kV\" is a voltage; write a power such as \"12 kW\"",
                  "f.toml:2:5: n is 300; write a whole number from 1 to 247",
                  "f.toml:3:8: flag is \"yes\"; write true or false, without quotes",
                  "f.toml:4:8: unknown kind \"moter\"; did you mean motor? known: led, motor",
                  "f.toml:5:5: q is 5 without a unit; write a frequency such as \"50 Hz\"",
                  "f.toml:6:14: list holds 1; write every item as a text in quotes",
                  "f.toml:7:7: sub is 3; write a table: sub = { … }",
                  "f.toml:1:1: load x lacks \"u\"; add u = \"230 V\"",
                  "f.toml:8:1: unknown key \"phse\" in load x; did you mean phase?"});
    }

    TEST_CASE("right values come out as they stand") {
        std::vector<Mistake> mistakes;
        const TomlNode root = parse_toml(
            "a = true\nb = -3\nc = 4\nd = 0.5\ne = \"x\"\nf = \"2 %\"\ng = [\"p\"]\nh = {}\n",
            "f.toml", mistakes);
        TomlTable table{root, "t", mistakes};
        CHECK(table.boolean("a") == true);
        CHECK(table.integer("b", -5, 5) == -3);
        CHECK(table.number("c") == 4.0);
        CHECK(table.number("d") == 0.5);
        CHECK(table.choice("e", {"x"}) == "x");
        CHECK(table.quantity("f", Unit::fraction) == 0.02);
        CHECK(table.texts("g") == std::vector<std::string>{"p"});
        CHECK(table.table("h") != nullptr);
        table.finish();
        CHECK(mistakes.empty());
    }

    TEST_CASE("the nearest name forgives a slip, not another word") {
        const std::vector<std::string> known{"second_interval_s", "demand_minutes", "pt", "ct"};
        CHECK(nearest("secnod_interval_s", known) == "second_interval_s");
        CHECK(nearest("Demand-Minutes", known) == "demand_minutes");
        CHECK(nearest("xt", known) == "pt or ct");
        CHECK(nearest("colour", known).empty());
    }
}
