#include "files/toml.hpp"
#include "files/toml_depth.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace kpmsim;

namespace {

std::string repeated(const std::string& text, int times) {
    std::string out;
    for (int n = 0; n < times; ++n)
        out += text;
    return out;
}

std::string mistake_of(const std::string& text) {
    std::vector<Mistake> mistakes;
    CHECK(parse_toml(text, "f.toml", mistakes).is_table());
    return mistakes.size() == 1 ? to_text(mistakes[0]) : std::to_string(mistakes.size());
}

/// Whether a key of four parts is seen where a text of TOML stands before it.
bool seen_behind(const std::string& text) {
    return too_many_parts(text + "a.b.c.d", 3).has_value();
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a file that is nested deeper than any of ours is a mistake with its place") {
        const std::string cure =
            "is nested deeper than 32 tables and lists; bring it nearer to the top of the file";
        CHECK(mistake_of(repeated("a.", 31) + "a = 1\n") == "0");
        CHECK(mistake_of("x = 1\n" + repeated("a.", 32) + "a = 1\n") == "f.toml:2:64: " + cure);
        CHECK(mistake_of("[" + repeated("\"a\" . ", 9600) + "a]\n").ends_with(cure));
        CHECK(mistake_of("[[" + repeated("a.", 9600) + "a]]\n").ends_with(cure));
        CHECK(mistake_of("x = { y = { " + repeated("a.", 9600) + "a = 1 } }\n").ends_with(cure));
        CHECK(mistake_of("x = " + repeated("[", 32) + repeated("]", 32) + "\n") == "0");
        CHECK(mistake_of("x = " + repeated("[", 33) + repeated("]", 33) + "\n").ends_with(cure));
        CHECK(mistake_of("x = " + repeated("{ a = ", 40) + "1" + repeated(" }", 40) + "\n")
                  .ends_with(cure));
        // Deeper than the parser goes, and as deep as it can be brought with short keys.
        CHECK(mistake_of("x = " + repeated("[", 100000) + "\n").starts_with("f.toml:1:"));
        const std::string key = repeated("a.", 30) + "a";
        CHECK(mistake_of("[" + key + "]\n" + repeated(key + " = { ", 250) + key + " = 1" +
                         repeated(" }", 250) + "\n")
                  .ends_with(cure));
    }

    TEST_CASE("dots in texts, numbers and comments make no key") {
        std::vector<Mistake> mistakes;
        const std::string dots = repeated(".", 100);
        parse_toml("# " + dots + "\na = \"" + dots + "\\\"" + dots + "\"\nb = '" + dots +
                       "'\nc = \"\"\"\n" + dots + "\"" + dots + "\"\"\"\"\"\nd = '''\n" + dots +
                       "''''\ne = [" + repeated("1.5, ", 100) + "]\nf = 2026-01-01T00:00:00.5\n",
                   "f.toml", mistakes);
        CHECK(mistakes.empty());
    }

    TEST_CASE("a key is seen behind any text") {
        for (const std::string text :
             {"x = \"\", ", "x = '', ", "x = \"\\\\\", ", "x = \"\\\"\", ", "x = '\\', ",
              "x = \"\"\"\"\"\", ", "x = \"\"\"\"a\"\"\"\"\", ", "x = \"\"\"\"\"\"\"\", ",
              "x = \"\"\"\\\"\"\"\", ", "x = ''''''', ", "x = '''a'''''\n", "# \"\n", "# '''\n",
              "x = \"open\n", "x = 'open\n", "\"k\" = 1\n"})
            CHECK_MESSAGE(seen_behind(text), text);
        for (const std::string text : {"x = \"", "x = '", "x = \"\"\"", "x = '''", "# "})
            CHECK_MESSAGE(!seen_behind(text), text);
        const auto at = too_many_parts("x = '''\n\n'''\n  a.b.c.d.e = 1", 3);
        REQUIRE(at);
        CHECK(at->line == 4);
        CHECK(at->column == 8);
    }
}
