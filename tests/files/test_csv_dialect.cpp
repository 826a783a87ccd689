#include "files/csv_dialect.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

namespace {

/// "; ," for semicolons and a decimal comma, or the mistake.
std::string dialect_of(const std::string& text) {
    std::vector<Mistake> mistakes;
    const auto dialect = csv_dialect(text, "f.csv", mistakes);
    CHECK(dialect.has_value() == mistakes.empty());
    return dialect ? std::string{dialect->separator, ' ', dialect->decimal} : to_text(mistakes[0]);
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("the header tells the separator, the numbers tell the decimal mark") {
        CHECK(dialect_of("") == ", .");
        CHECK(dialect_of("a,b\n1,2\n") == ", .");
        CHECK(dialect_of("a,b\n1.234,2.345\n") == ", ."); // what it means everywhere
        CHECK(dialect_of("a;b\n1;2\n") == "; .");
        CHECK(dialect_of("# x, y\n\na;b\n1;2,5\n") == "; ,");
        CHECK(dialect_of("a;b\n1;2.5\n") == "; .");
        CHECK(dialect_of("a;b\n00:00:00,5;-2,5e3\n") == "; ,");
        CHECK(dialect_of("a;b\n08.01.2026;+,5\n") == "; ,");
        CHECK(dialect_of("\"a;b\",c\n1,2\n") == ", .");
        CHECK(dialect_of("U [V];\"a, b\"\n1;2,5\n") == "; ,");
        CHECK(dialect_of("a,b\n\"1,5\",2\n") == ", ,");
        CHECK(dialect_of("a,b\n\"1,234\",2.5\n") == ", .");
        CHECK(dialect_of("a\n1\n") == ", .");
    }

    TEST_CASE("a first line may name the separator, as spreadsheets write it") {
        CHECK(dialect_of("sep=;\na;b\n1;2,5\n") == "; ,");
        CHECK(dialect_of("sep=;\r\na;b,c\r\n1;2,5\r\n") == "; ,");
        CHECK(dialect_of("\"sep=,\"\na,b\n1,2\n") == ", .");
        CHECK(dialect_of("SEP=;\na;b\n1;2\n") == "; .");
        CHECK(dialect_of("sep=|\na|b\n") ==
              "f.csv:1: the line names a separator that is not taken; part the columns with , or ; "
              "and leave the line out");
        CHECK(dialect_of("sep=\t\na\tb\n").starts_with("f.csv:1: the line names a separator"));
    }

    TEST_CASE("one number that parts no thousands decides for those that might") {
        CHECK(dialect_of("a;b\n1,234;0,234\n") == "; ,");
        CHECK(dialect_of("a;b\n1,234;1234,567\n") == "; ,");
        CHECK(dialect_of("a;b\n1,234;1,2345\n") == "; ,");
        CHECK(dialect_of("a;b\n1,234;1,234e0\n") == "; ,");
        CHECK(dialect_of("a;b\n1,234;0.5\n") == "; .");
        CHECK(dialect_of("a;b\n1.234;12.34\n") == "; .");
        CHECK(dialect_of("a;b\n1.234;,234\n") == "; ,");
    }

    TEST_CASE("what could be two things is refused with a cure") {
        CHECK(dialect_of("# c\ntime;p_a,p_b\n") ==
              "f.csv:2: the header has , and ; between its names; part the columns with one of "
              "them, and put a name that holds the other in quotes");
        CHECK(dialect_of("a;b\n1;2\n-1,234;5\n") ==
              "f.csv:3: \"-1,234\" may be -1234 or -1.234, and no number of the file tells which; "
              "write -1234, or -1,2340");
        CHECK(dialect_of("a;b\n12.500;999.000\n") ==
              "f.csv:2: \"12.500\" may be 12500 or 12.500, and no number of the file tells which; "
              "write 12500, or 12.5000");
        CHECK(dialect_of("a,b\n\"1,234\",1.234\n").starts_with("f.csv:2: \"1,234\" may be"));
        // Two marks are no evidence: whoever reads the number refuses it.
        CHECK(dialect_of("a;b\n1.234,5;1.234.567\n") == "; .");
    }

    TEST_CASE("the usual dialect is not worth a word") {
        CHECK(told({}).empty());
        CHECK(told({';', ','}) == "read with ; between columns and a decimal comma");
        CHECK(told({';', '.'}) == "read with ; between columns and a decimal point");
    }
}
