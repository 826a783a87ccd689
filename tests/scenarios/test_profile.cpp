// Profiles as tables from other programs have them.
#include "farm_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

class Folder : public test::FarmFolder {
public:
    FarmPlan farm(const std::string& csv, const std::string& keys = "",
                  const std::string& of_farm = "") const {
        return test::FarmFolder::farm(text(csv, keys, of_farm));
    }
    /// Of the file, or else of its start.
    std::string mistakes(const std::string& csv, const std::string& keys = "",
                         const std::string& of_farm = "") const {
        return test::FarmFolder::mistakes(text(csv, keys, of_farm));
    }

private:
    std::string text(const std::string& csv, const std::string& keys,
                     const std::string& of_farm) const {
        std::ofstream{*this / "day.csv"} << csv;
        return "[farm]\n" + of_farm + "[supply.main]\n[load.x]\nprofile = \"day.csv\"\n" + keys +
               "[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\nload = \"x\"\n";
    }
};

std::string remarks(const FarmPlan& plan) {
    std::string out;
    for (const std::string& remark : plan.remarks)
        out += remark.substr(remark.find("day.csv")) + '\n';
    return out;
}

/// P of the meter's phase a once the farm has run so long.
double shown_w(const FarmPlan& plan, SimDuration after) {
    Farm farm{plan, 1};
    farm.advance(SimTime{after});
    farm.publish(SimTime{after});
    return farm.meters()[0].circuits()[0].state().readings[Slot::p_a];
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("a profile with dates is read at the site's time, wherever the farm starts") {
        const Folder folder;
        const std::string rows = "time,p_a,p_b,p_c\n2026-03-29T00:00,100,0,0\n"
                                 "2026-03-29 00:15:00,200,0,0\n2026-03-29T00:30:00,300,0,0\n"
                                 "2026-03-29T01:00:00.5,400,0,0\n";
        FarmPlan plan = folder.farm(rows, "profile_shape = \"steps\"\nprofile_end = \"hold\"\n",
                                    "start = \"2026-03-29T00:16:00\"\n");
        CHECK(remarks(plan) ==
              "day.csv: from 2026-03-29T00:00:00 to 2026-03-29T01:00:00 by the site's clock\n");
        CHECK(shown_w(plan, 2s) == doctest::Approx(200).epsilon(1e-4));
        parse_iso("2026-03-29T00:00:00", plan.start); // as --start does
        CHECK(shown_w(plan, 2s) == doctest::Approx(100).epsilon(1e-4));
        parse_iso("2026-03-29T00:29:58", plan.start);
        CHECK(shown_w(plan, 4s) == doctest::Approx(300).epsilon(1e-4));
        parse_iso("2026-03-29T00:59:58", plan.start);
        CHECK(shown_w(plan, 2500ms) == doctest::Approx(300).epsilon(1e-4));
        CHECK(shown_w(plan, 3s) == doctest::Approx(400).epsilon(1e-4));
    }

    TEST_CASE("times with a zone are brought to the site's, through a change of the clocks") {
        const Folder folder;
        // 02:30 of summer, 02:30 of winter: an hour apart.
        const std::string rows = "time,p_a,p_b,p_c\n2026-10-25T02:00+02:00,100,0,0\n"
                                 "2026-10-25T02:30+02:00,200,0,0\n2026-10-25T02:30+01:00,300,0,0\n"
                                 "2026-10-25T03:00:00Z,400,0,0\n";
        const std::string keys = "profile_shape = \"steps\"\nprofile_end = \"hold\"\n";
        FarmPlan plan =
            folder.farm(rows, keys, "zone = \"+01:00\"\nstart = \"2026-10-25T01:31:00\"\n");
        CHECK(remarks(plan) == "day.csv: from 2026-10-25T01:00:00 to 2026-10-25T04:00:00 by the "
                               "site's clock, which is at UTC+01:00\n");
        CHECK(shown_w(plan, 1s) == doctest::Approx(200).epsilon(1e-4));
        parse_iso("2026-10-25T02:31:00", plan.start);
        CHECK(shown_w(plan, 1s) == doctest::Approx(300).epsilon(1e-4));
        parse_iso("2026-10-25T04:00:00", plan.start);
        CHECK(shown_w(plan, 1s) == doctest::Approx(400).epsilon(1e-4));
    }
}

TEST_SUITE("unit") {
    TEST_CASE("semicolons and decimal commas are read as what they are, and told") {
        const Folder folder;
        const FarmPlan plan = folder.farm("  # of a spreadsheet\ntime;p_a;p_b;p_c;pf\n"
                                          "0;+1,5;-2;1,25e3;0,9\n0,5;1,234;2;3;-1\n");
        CHECK(remarks(plan) == "day.csv: read with ; between columns and a decimal comma\n");
        const auto rows = plan.loads[0].spec.profile.rows();
        REQUIRE(rows.size() == 2);
        CHECK(rows[0].p_w == std::array{1.5, -2.0, 1250.0});
        CHECK(rows[0].pf == 0.9);
        CHECK(rows[1].at == 500ms);
        CHECK(rows[1].p_w[0] == 1.234);
        CHECK(folder.farm("time,p_a,p_b,p_c\n0,1,+2,3\n").remarks.empty());
        CHECK(folder.mistakes("time;p_a;p_b;p_c\n0;1,5;2.5;1.234,5\n") ==
              "day.csv:2: p_b \"2.5\" is no power; write watts without a unit; the file's decimal "
              "mark is a comma\n"
              "day.csv:2: p_c \"1.234,5\" is no power; write watts without marks between the "
              "thousands; the file's decimal mark is a comma");
        CHECK(folder.mistakes("time,p_a,p_b,p_c\n0,1.234.567,1 234.5,1'234.5\n") ==
              "day.csv:2: p_a \"1.234.567\" is no power; write watts without marks between the "
              "thousands\n"
              "day.csv:2: p_b \"1 234.5\" is no power; write watts without marks between the "
              "thousands\n"
              "day.csv:2: p_c \"1'234.5\" is no power; write watts without marks between the "
              "thousands");
        CHECK(folder.farm("sep=;\ntime;p_a;p_b;p_c\n0;1,5;2;3\n")
                  .loads[0]
                  .spec.profile.rows()[0]
                  .p_w == std::array{1.5, 2.0, 3.0});
        CHECK(folder.mistakes("time;p_a;p_b;p_c\n0;1.500;2.250;3\n") ==
              "day.csv:2: \"1.500\" may be 1500 or 1.500, and no number of the file tells which; "
              "write 1500, or 1.5000");
        CHECK(folder.mistakes("time;p_a,p_b;p_c\n")
                  .starts_with("day.csv:1: the header has , and ; between its names"));
        CHECK(
            folder.mistakes("time,p_a,p_b,p_c\n0,1,5,2,5,3\n")
                .ends_with("has 6 cells; the header names 4; where decimals have a comma, columns "
                           "are parted by ;"));
    }

    TEST_CASE("a remark is made once, for however many loads") {
        const Folder folder;
        const FarmPlan plan =
            folder.farm("time;p_a;p_b;p_c\n0;1,5;2;3\n", "[load.y]\nprofile = \"day.csv\"\n");
        CHECK(plan.loads.size() == 2);
        CHECK(plan.remarks.size() == 1);
    }

    TEST_CASE("dates that could mean two moments, or none, are refused with a cure") {
        const Folder folder;
        const std::string head = "time,p_a,p_b,p_c\n";
        CHECK(folder.mistakes(head + "2026-01-01T00:00Z,1,2,3\n2026-01-01T01:00Z,1,2,3\n") ==
              "day.csv:2: time \"2026-01-01T00:00Z\" cannot be read; it has a zone, and the farm "
              "does "
              "not say its own: add zone = \"+01:00\", what the site's clock is ahead of UTC, to "
              "[farm]");
        CHECK(folder.mistakes(head + "2026-01-01T00:00Z,1,2,3\n", "", "zone = \"CET\"\n")
                  .starts_with(
                      "farm.toml:2:8: zone \"CET\" is no offset from UTC; write what the site's "
                      "clock is ahead of UTC, all year: \"+01:00\""));
        CHECK(folder.mistakes(head + "2026-01-01T00:00Z,1,2,3\n2026-01-01T00:15,1,2,3\n", "",
                              "zone = \"Z\"\n") ==
              "day.csv:3: time \"2026-01-01T00:15\" is written another way than before; write all "
              "times in seconds, all as hh:mm, or all as dates, with a zone or without");
        CHECK(folder.mistakes(head + "2026-10-25T02:30,1,2,3\n2026-10-25T02:00,1,2,3\n") ==
              "day.csv:3: time \"2026-10-25T02:00\" is not after the row before; put the rows in "
              "order, each time once; where clocks are put back, times need their zone: "
              "2026-10-25T02:30+01:00");
        CHECK(folder.mistakes(head + "01.02.2026 00:00,1,2,3\n") ==
              "day.csv:2: time \"01.02.2026 00:00\" cannot be read; write seconds from the start, "
              "hh:mm or hh:mm:ss up to 24:00, or a date and time such as 2026-01-12T08:15");
        CHECK(folder.mistakes(head + "1066-10-14T09:00,1,2,3\n")
                  .ends_with("cannot be read; write a year from 1900 to 2199"));
    }

    TEST_CASE("a profile with dates must have begun, and not be over, when the farm starts") {
        const Folder folder;
        const std::string rows =
            "time,p_a,p_b,p_c\n2025-06-01T00:00,1,2,3\n2025-06-02T00:00,1,2,3\n";
        const std::string cure = "; write start = \"2025-06-01T00:00:00\" in [farm], or times as "
                                 "hh:mm for a day that comes again";
        CHECK(
            folder.mistakes(rows) ==
            "day.csv: goes from 2025-06-01T00:00:00 to 2025-06-02T00:00:00, and the farm starts at "
            "2026-01-01T00:00:00" +
                cure);
        CHECK(folder.mistakes(rows, "", "start = \"2025-05-31T23:59:59\"\n").ends_with(cure));
        CHECK(folder.mistakes(rows, "", "start = \"2025-06-02T00:00:01\"\n").ends_with(cure));
        CHECK(folder.mistakes(rows, "", "start = \"2025-06-01T00:00:00\"\n") == "");
        CHECK(folder.mistakes(rows, "", "start = \"2025-06-02T00:00:00\"\n") == "");
    }

    TEST_CASE("a column that is not there is no other column misspelt") {
        const Folder folder;
        CHECK(
            folder.mistakes("time,p\n0,1\n") ==
            "day.csv:1: lacks the columns p_a, p_b, p_c; its header is time,p_a,p_b,p_c[,pf]: the "
            "power of each phase\n"
            "day.csv:1: has the unknown column \"p\"; known: time, p_a, p_b, p_c, pf");
    }
}
