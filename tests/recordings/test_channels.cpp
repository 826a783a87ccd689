#include "recordings/channels.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

namespace {

struct Named {
    const char* name;
    const char* phase;
    const char* unit;
};

Recording with(const std::vector<Named>& channels) {
    Recording r;
    for (const Named& n : channels) {
        RecordedChannel c;
        c.name = n.name;
        c.phase = n.phase;
        c.unit = n.unit;
        r.channels.push_back(c);
    }
    return r;
}

int found(const Recording& r, const std::string& wanted) {
    std::string why;
    const auto at = find_channel(r, wanted, why);
    CHECK(at.has_value() == why.empty());
    return at ? static_cast<int>(*at) : -1;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("channels are found by name, by spelling, by unit and phase") {
        const Recording relay = with({{"Bus 1 VA", "A", "kV"},
                                      {"Bus 1 VB", "B", "kV"},
                                      {"Bus 1 VC", "C", "kV"},
                                      {"Line I", "A", "A"},
                                      {"Line J", "B", "A"},
                                      {"Line K", "L3", "A"},
                                      {"3I0", "N", "A"}});
        CHECK(found(relay, "ua") == 0);
        CHECK(found(relay, "u_b") == 1);
        CHECK(found(relay, "VC") == 2);
        CHECK(found(relay, "ib") == 4);
        CHECK(found(relay, "I_L3") == 5);
        CHECK(found(relay, "in") == 6);
        CHECK(found(relay, "bus1 va") == 0);

        const Recording by_name = with({{"UL1", "", "V"},
                                        {"UL2", "", "V"},
                                        {"U12", "", "V"},
                                        {"IL1", "", "A"},
                                        {"i_b", "", ""},
                                        {"VR", "", ""}});
        CHECK(found(by_name, "ua") == -1); // UL1 or VR
        CHECK(found(by_name, "ub") == 1);
        CHECK(found(by_name, "uab") == 2);
        CHECK(found(by_name, "ia") == 3);
        CHECK(found(by_name, "ib") == 4);
        CHECK(found(by_name, "ic") == -1);
    }

    TEST_CASE("a channel that is not there, or there twice, is told with what there is") {
        const Recording r = with({{"UA", "", "V"}, {"UA", "", "V"}, {"Straße", "", "V"}});
        std::string why;
        CHECK_FALSE(find_channel(r, "UA", why));
        CHECK(why == "more than one channel could be \"UA\"; the recording has UA (#1), UA (#2), "
                     "Straße");
        CHECK_FALSE(find_channel(r, "ic", why));
        CHECK(why == "there is no channel \"ic\"; the recording has UA (#1), UA (#2), Straße");
        CHECK(found(r, "#2") == 1);
        CHECK(found(r, "#4") == -1);
        CHECK_FALSE(find_channel(r, "", why));
    }

    TEST_CASE("values are brought to volts and amperes on either side of the transformer") {
        RecordedChannel c;
        c.unit = "kV";
        c.primary = 345.0;
        c.secondary = 0.12;
        c.values_are_primary = true;
        std::string why;
        CHECK(*si_factor(c, Side::primary, why) == 1000.0);
        CHECK(*si_factor(c, Side::secondary, why) == doctest::Approx(1000.0 * 0.12 / 345.0));
        c.values_are_primary = false;
        c.unit = "mA";
        CHECK(*si_factor(c, Side::secondary, why) == 1e-3);
        CHECK(*si_factor(c, Side::primary, why) == doctest::Approx(1e-3 * 345.0 / 0.12));
        c.unit = "\xC2\xB5V";
        CHECK(*si_factor(c, Side::secondary, why) == 1e-6);
        CHECK(measured(c) == Measured::voltage);
        c.secondary = 0.0;
        CHECK(si_factor(c, Side::secondary, why));
        CHECK_FALSE(si_factor(c, Side::primary, why));
        c.unit = "Hz";
        CHECK_FALSE(si_factor(c, Side::secondary, why));
        CHECK(why == "\"\" has the unit \"Hz\", which is neither volts nor amperes");
    }

    TEST_CASE("a side that is not told matters only where there is a ratio") {
        RecordedChannel c;
        c.name = "U1";
        c.unit = "Volts";
        c.side_is_told = false;
        std::string why;
        CHECK(*si_factor(c, Side::primary, why) == 1.0);
        CHECK(*si_factor(c, Side::secondary, why) == 1.0);
        c.primary = 100.0;
        CHECK_FALSE(si_factor(c, Side::primary, why));
        CHECK_FALSE(si_factor(c, Side::secondary, why));
        CHECK(why == "\"U1\" does not say on which side of its transformer the values are");
        CHECK(*unit_factor(c, why) == 1.0);
    }

    TEST_CASE("a channel is found by its name in the file's bytes and by its name as it is shown") {
        const Recording r = with({{"Spannung \xDC"
                                   "1",
                                   "", "V"},
                                  {"\xCF\xF0\xE8\xE2\xB3\xE4", "", "V"},
                                  {"U\x1B[31m", "", "V"},
                                  {"Prüf 2", "", "V"}});
        CHECK(readable(r.channels[0].name) == "Spannung Ü1");
        for (std::size_t i = 0; i < r.channels.size(); ++i) {
            CHECK(found(r, r.channels[i].name) == static_cast<int>(i));
            CHECK(found(r, readable(r.channels[i].name)) == static_cast<int>(i));
        }
        CHECK(found(r, "spannung_Ü1") == 0);
        const Recording alike = with({{"\xDC 1", "", "V"}, {"\xDC-1", "", "V"}});
        CHECK(found(alike, "Ü 1") == 0);
        CHECK(found(alike, "Ü-1") == 1);
        CHECK(found(alike, "Ü1") == -1);
        CHECK(found(r, "Prüf2") == 3);
        CHECK(found(r, "Pr\xFC"
                       "f2") == 3);
        CHECK(found(r, "Spannung Ä1") == -1);
    }

    TEST_CASE("of a hundred channels not all are listed") {
        std::vector<Named> many(100, {"X", "", "V"});
        std::string why;
        CHECK_FALSE(find_channel(with(many), "ua", why));
        CHECK(why.ends_with("X (#59), X (#60) and 40 more"));
    }

    TEST_CASE("names of any encoding become text that can be shown") {
        CHECK(readable("Straße") == "Straße");
        CHECK(readable("Stra\xDF"
                       "e\x01") == "Straße\\x01");
        CHECK(readable("\xE2\x82") == "â\\x82");
        CHECK(readable("\xC0\xAF\xED\xA0") == "À¯í\xC2\xA0");
        CHECK(readable("\xF0\x9F\x94\x8C") == "\xF0\x9F\x94\x8C");
        CHECK(readable("ä \xE4") == "Ã¤ ä"); // one encoding a name
    }
}
