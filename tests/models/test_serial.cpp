#include "fixture.hpp"

#include "models/type/option_code.hpp"

using namespace kpmsim;
using test::library;

TEST_SUITE("unit") {

    TEST_CASE("A serial number is put together as the real ones are") {
        const SerialRule& b = library().find("kpm33b")->serial;
        CHECK(serial_number(b, Carrier::wifi, 2025, 9, 27) == "33B1225950027");
        CHECK(serial_number(library().find("kpm312")->serial, Carrier::wifi, 2025, 7, 336) ==
              "31212257C0336");
        CHECK(serial_number(library().find("kpm37")->serial, Carrier::gsm, 2023, 11, 3) ==
              "3071123B00003");
        CHECK(serial_number(library().find("kpm53")->serial, Carrier::rs485, 2024, 12, 9999) ==
              "5301024C99999");
    }

    TEST_CASE("Serial numbers seen on real meters are accepted by their own model only") {
        const std::vector<std::pair<std::string, std::string>> real{
            {"kpm33b", "33B1225950027"},
            {"kpm312", "31212257C0336"},
            {"kpm312", "31212256C0629"},
            {"kpm312", "31212256C0630"},
            {"kpm37", "3071523B00003"}}; // carrier 5: in no table, but real
        for (const auto& [model, serial] : real)
            for (const std::string& name : library().names())
                CHECK(serial_fault(library().find(name)->serial, serial).empty() ==
                      (name == model));
    }

    TEST_CASE("A serial number that cannot be is told why") {
        const SerialRule& rule = library().find("kpm33b")->serial;
        const std::vector<std::pair<std::string, std::string>> wrong{
            {"33B120000000", "13 characters"}, // seen on the wire from unprovisioned meters
            {"33B2225950027", "4th"},          {"33B1X25950027", "5th"}, {"33B12A5950027", "6th"},
            {"33B1225D50027", "8th"},          {"33B1225990027", "9th"}, {"33B1225950000", "0001"},
            {"33B122595002X", "0001"},         {"37B1225950027", "33B"}};
        for (const auto& each : wrong) {
            CAPTURE(each.first);
            CHECK(serial_fault(rule, each.first).find(each.second) != std::string::npos);
        }
    }

    TEST_CASE("The circuits of a KPM312 count on from the first") {
        CHECK(circuit_serial("31212256C0629", 0) == "31212256C0629");
        CHECK(circuit_serial("31212256C0629", 1) == "31212256C0630");
        CHECK(circuit_serial("31212256C0998", 3) == "31212256C1001");
    }

    TEST_CASE("An option code names the circuits' levels and the options") {
        std::string fault;
        const OptionCode full = parse_option_code("1A2B3C4D-K-R-Wi", fault);
        CHECK(fault.empty());
        CHECK(full.ratings == std::vector<std::string>{"A", "B", "C", "D"});
        CHECK(full.circuits_fitted == 4);
        CHECK(full.digital_inputs);
        CHECK(full.relays);
        CHECK_FALSE(full.temperature);
        CHECK(full.radio == "Wi");

        const OptionCode two = parse_option_code("1D2A-T-4G", fault);
        CHECK(fault.empty());
        CHECK(two.ratings == std::vector<std::string>{"D", "A", "A", "A"});
        CHECK(two.circuits_fitted == 2);
        CHECK(two.temperature);
    }

    TEST_CASE("An option code that cannot be is told why") {
        const std::vector<std::pair<std::string, std::string>> wrong{
            {"", "1A2B3C4D"},      {"1A2", "1A2B3C4D"},   {"5A", "1 to 4"},
            {"1E", "800 A"},       {"1A1B", "twice"},     {"2A1A", "out of order"},
            {"1A-T-S", "exclude"}, {"1A-4G-Wi", "radio"}, {"1A-X", "known: K"},
            {"1A-K-K", "twice"},   {"1A-", "unknown"},    {"1a", "current level"}};
        for (const auto& each : wrong) {
            CAPTURE(each.first);
            std::string fault;
            parse_option_code(each.first, fault);
            CHECK_MESSAGE(fault.find(each.second) != std::string::npos, fault);
        }
    }
}
