#include "sim/iso_time.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace kpmsim;
using namespace std::chrono_literals;

TEST_SUITE("unit") {
    TEST_CASE("dates and times are read with seconds, fraction and zone, or without") {
        const auto whole = [](const char* text) { return iso_text(read_iso(text)->whole); };
        CHECK(whole("2026-01-12T16:39") == "2026-01-12T16:39:00");
        CHECK(whole("2026-01-12 16:39:07") == "2026-01-12T16:39:07");
        CHECK_FALSE(read_iso("2026-01-12T16:39:07")->offset);
        const IsoTime exact = *read_iso("2026-01-12T16:39:07.012345678-03:30");
        CHECK(iso_text(exact.whole) == "2026-01-12T16:39:07");
        CHECK(exact.ns == 12'345'678);
        CHECK(exact.fraction_digits == 9);
        CHECK(exact.offset == -210min);
        CHECK(read_iso("2026-01-12T16:39:07,5")->ns == 500'000'000);
        CHECK(read_iso("2026-01-12T16:39Z")->offset == 0min);
        CHECK(read_iso("2026-01-12 16:39:00 +0100")->offset == 60min);
        for (const std::string wrong :
             {"", "2026-01-12", "2026-01-12T16", "2026-01-12T1639", "2026-02-30T00:00",
              "2026-01-12T24:00", "2026-01-12T16:60", "2026-01-12T16:39:60", "2026-01-12T16:39:00.",
              "2026-01-12T16:39:00.0123456789", "2026-01-12T16:39:00x", "2026-01-12T16:39+",
              "2026-01-12T16:39+15", "26-01-12T16:39", "12.01.2026 16:39", "2026-01-12t16:39",
              "2026-01-12T16:39ZZ", " 2026-01-12T16:39"})
            CHECK_FALSE_MESSAGE(read_iso(wrong), wrong);
    }

    TEST_CASE("an offset from UTC is read and written") {
        for (const auto& [text, minutes] : {std::pair<std::string, std::chrono::minutes>{"Z", 0min},
                                            {"+01:00", 60min},
                                            {"-0330", -210min},
                                            {"+1", 60min},
                                            {"+14", 840min},
                                            {"-00:45", -45min}})
            CHECK_MESSAGE(read_utc_offset(text) == minutes, text);
        for (const std::string wrong : {"", "1", "01:00", "+", "+1:5", "+01:60", "+15:00", "+14:01",
                                        "+01:00 ", "+01:000", "CET", "z"})
            CHECK_FALSE_MESSAGE(read_utc_offset(wrong), wrong);
        CHECK(utc_offset_text(0min) == "+00:00");
        CHECK(utc_offset_text(-210min) == "-03:30");
        CHECK(utc_offset_text(840min) == "+14:00");
    }
}
