#include "files/csv.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace kpmsim;

namespace {
struct Scratch {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("kpmsim-csv-" + std::to_string(getpid()));
    explicit Scratch(const std::string& text) { std::ofstream{path, std::ios::binary} << text; }
    ~Scratch() { std::filesystem::remove(path); }
};
} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a table is cut by RFC 4180, with comments, blank lines and CRLF") {
        const Scratch file{"\xEF\xBB\xBF# a day\r\ntime, p_a ,note\r\n\r\n00:00,12,\"a, \"\"b\"\"\n"
                           "c\"\r\n \t# between\r\n01:00,13,"};
        std::vector<Mistake> mistakes;
        const CsvTable table = load_csv(file.path, mistakes);
        CHECK(mistakes.empty());
        CHECK(table.header == std::vector<std::string>{"time", "p_a", "note"});
        REQUIRE(table.rows.size() == 2);
        CHECK(table.rows[0].line == 4);
        CHECK(table.rows[0].cell == std::vector<std::string>{"00:00", "12", "a, \"b\"\nc"});
        CHECK(table.rows[1].line == 7);
        CHECK(table.rows[1].cell == std::vector<std::string>{"01:00", "13", ""});
        CHECK(table.column("p_a") == 1);
        CHECK(table.column("p_b") == -1);
    }

    TEST_CASE("every row with too few or too many cells is reported with its line") {
        const Scratch file{"time,p_a,p_a\n1,2,3\n1,2\n\n1,2,3,4\n"};
        std::vector<Mistake> mistakes;
        CHECK(load_csv(file.path, mistakes).rows.size() == 1);
        REQUIRE(mistakes.size() == 3);
        const std::string name = file.path;
        CHECK(to_text(mistakes[0]) ==
              name + ":1: has two columns \"p_a\"; give every column a name of its own");
        CHECK(to_text(mistakes[1]) == name + ":3: has 2 cells; the header names 3");
        CHECK(to_text(mistakes[2]) == name + ":5: has 4 cells; the header names 3; where decimals "
                                             "have a comma, columns are parted by ;");
    }

    TEST_CASE("a table that is no table ends soon") {
        std::string text = "a,b\n";
        for (int n = 0; n < 1000; ++n)
            text += "1\n";
        const Scratch rows{text};
        std::vector<Mistake> mistakes;
        load_csv(rows.path, mistakes);
        REQUIRE(mistakes.size() == enough_mistakes + 1);
        CHECK(mistakes[0].what == "has 1 cell");
        CHECK(mistakes.back().what == "has further mistakes");
        const Scratch cells{"a,b\n" + std::string(20000, ',') + "\n1,2\n"};
        mistakes.clear();
        load_csv(cells.path, mistakes);
        REQUIRE(mistakes.size() == 1);
        CHECK(to_text(mistakes[0])
                  .ends_with(":2: has more than 10000 cells; is it the file that "
                             "was meant?"));
        const Scratch header{std::string(20000, ',') + "\n1,2\n"};
        mistakes.clear();
        load_csv(header.path, mistakes);
        REQUIRE(mistakes.size() == 1);
        CHECK(mistakes[0].place.line == 1);
    }

    TEST_CASE("a file that is not there, a folder and an empty file are mistakes, not crashes") {
        std::vector<Mistake> mistakes;
        load_csv("no/such.csv", mistakes);
        load_csv("/", mistakes);
        const Scratch empty{"# nothing\n"};
        load_csv(empty.path, mistakes);
        REQUIRE(mistakes.size() == 3);
        CHECK(mistakes[0].what == "cannot be read: No such file or directory");
        CHECK(mistakes[1].what == "is a folder, not a file");
        CHECK(mistakes[2].what == "has no header row");
    }

    TEST_CASE("what csv_line writes is what load_csv reads") {
        const std::vector<std::string> cells{"plain", "a,b", "say \"so\"", " blank ", "#no", ""};
        const Scratch file{csv_line({"1", "2", "3", "4", "5", "6"}) + csv_line(cells)};
        std::vector<Mistake> mistakes;
        const CsvTable table = load_csv(file.path, mistakes);
        REQUIRE(table.rows.size() == 1);
        CHECK(table.rows[0].cell == cells);
    }
}
