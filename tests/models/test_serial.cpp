#include "fixture.hpp"

#include "models/type/option_code.hpp"

#include <array>

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
        const SerialRule& rule = library().find("kpm312")->serial;
        CHECK(circuit_serial(rule, "31212256C0629", 0) == "31212256C0629");
        CHECK(circuit_serial(rule, "31212256C0629", 1) == "31212256C0630");
        CHECK(circuit_serial(rule, "31212256C0998", 3) == "31212256C1001");
        CHECK(serial_fault(rule, "31212256C9996", 4) == "");
        CHECK(serial_fault(rule, "31212256C9997", 4).find("beyond 9999") != std::string::npos);
    }

    TEST_CASE("A pattern's number counts from meter to meter, and not from circuit to circuit") {
        SerialRule rule;
        rule.form = SerialRule::Form::pattern;
        rule.pattern = "SN-###B";
        CHECK(rule.length() == 7);
        CHECK_FALSE(rule.all_digits());
        CHECK(nth_serial(rule, Carrier::rs485, 2026, 1, 4, 0) == "SN-001B");
        CHECK(nth_serial(rule, Carrier::rs485, 2026, 1, 4, 998) == "SN-999B");
        CHECK_FALSE(nth_serial(rule, Carrier::rs485, 2026, 1, 4, 999));
        CHECK(circuit_serial(rule, "SN-017B", 3) == "SN-017B");
        CHECK(serial_fault(rule, "SN-017B") == "");
        for (const char* wrong : {"SN-17B", "SN-017C", "SN-0X7B", "SN-0171", ""})
            CHECK(serial_fault(rule, wrong).find("SN-###B") != std::string::npos);
        rule.pattern = "17####";
        CHECK(rule.all_digits());
    }

    TEST_CASE("A Compere's numbers go on in the month before when a month's are used up") {
        const SerialRule& rule = library().find("kpm312")->serial;
        const auto nth = [&](int n) { return nth_serial(rule, Carrier::wifi, 2026, 1, 4, n); };
        CHECK(nth(0) == "31212261C0001");
        CHECK(nth(1) == "31212261C0005");
        CHECK(nth(2498) == "31212261C9993");
        CHECK(nth(2499) == "3121225CC0001");
    }

    TEST_CASE("A meter without a serial number takes none") {
        const SerialRule none;
        CHECK_FALSE(nth_serial(none, Carrier::rs485, 2026, 1, 1, 0));
        CHECK(serial_fault(none, "1") == "meters of this model have no serial number");
    }

    TEST_CASE("An option code names the circuits' levels and the options") {
        const MeterType& type = *library().find("kpm312");
        std::string fault;
        const OptionCode full = parse_option_code(type, "1A2B3C4D-K-R-Wi", fault);
        CHECK(fault.empty());
        CHECK(full.ratings == std::vector<std::string>{"A", "B", "C", "D"});
        CHECK(full.fitted == std::vector{Option::inputs, Option::relays, Option::wifi});

        const OptionCode two = parse_option_code(type, "1D2A-T-4G", fault);
        CHECK(fault.empty());
        CHECK(two.ratings == std::vector<std::string>{"D", "A", "A", "A"});
        CHECK(two.fitted == std::vector{Option::temperature, Option::gsm});
    }

    TEST_CASE("A meter with one circuit has options and no levels; a KPM37 takes both sensors") {
        std::string fault;
        const OptionCode both = parse_option_code(*library().find("kpm37"), "S-T-L", fault);
        CHECK(fault.empty());
        CHECK(both.ratings.empty());
        CHECK(both.fitted == std::vector{Option::residual, Option::temperature, Option::lora});
        CHECK(parse_option_code(*library().find("kpm37"), "none", fault).fitted.empty());
        CHECK(fault.empty());
        CHECK(
            parse_option_code(*library().find("kpm53"), "K-RS485", fault).has(Option::second_line));
        CHECK(fault.empty());
        for (const auto& [model, text, says] :
             {std::array{"kpm37", "", "unknown"}, std::array{"kpm37", "RS485", "known: K, R, T, S"},
              std::array{"kpm37", "1A-K", "unknown option \"1A\""},
              std::array{"kpm37", "K-none", "unknown"}, std::array{"kpm37", "Wi-4G", "one radio"},
              std::array{"kpm53", "S", "known: K, R, T, RS485"},
              std::array{"kpm53", "Wi", "unknown"}}) {
            parse_option_code(*library().find(model), text, fault);
            CHECK_MESSAGE(fault.find(says) != std::string::npos, fault);
        }
    }

    TEST_CASE("An option code that cannot be is told why") {
        const std::vector<std::pair<std::string, std::string>> wrong{
            {"", "1A2B3C4D"},      {"1A2", "1A2B3C4D"},   {"5A", "1 to 4"},
            {"1E", "800 A"},       {"1A1B", "twice"},     {"2A1A", "out of order"},
            {"1A-T-S", "exclude"}, {"1A-4G-Wi", "radio"}, {"1A-X", "known: K"},
            {"1A-K-K", "twice"},   {"1A-", "unknown"},    {"1a", "current level"},
            {"none", "circuit"}};
        for (const auto& each : wrong) {
            CAPTURE(each.first);
            std::string fault;
            parse_option_code(*library().find("kpm312"), each.first, fault);
            CHECK_MESSAGE(fault.find(each.second) != std::string::npos, fault);
        }
    }
}
