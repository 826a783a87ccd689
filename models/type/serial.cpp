#include "models/type/serial.hpp"

#include <fmt/format.h>

#include <cassert>

namespace kpmsim {

namespace {

constexpr std::size_t serial_length = 13;
constexpr std::string_view month_letters = "123456789ABC";

bool digits(std::string_view text) {
    return text.find_first_not_of("0123456789") == std::string_view::npos;
}

} // namespace

std::string serial_number(const SerialRule& rule, Carrier carrier, int year, int month,
                          int number) {
    assert(month >= 1 && month <= 12 && number >= 1 && number <= 9999);
    constexpr char abroad = '1';
    return fmt::format("{}{}{}{:02}{}{}{:04}", rule.model_code, abroad, static_cast<char>(carrier),
                       ((year % 100) + 100) % 100,
                       month_letters[static_cast<std::size_t>(month - 1)], rule.letter, number);
}

Carrier carrier_of(const std::string& serial) {
    constexpr std::size_t carrier_place = 4;
    return serial.size() > carrier_place ? static_cast<Carrier>(serial[carrier_place])
                                         : Carrier::rs485;
}

std::string circuit_serial(const std::string& serial, int circuit) {
    assert(serial.size() == serial_length && digits(serial.substr(9)));
    const int number = (std::stoi(serial.substr(9)) + circuit) % 10000;
    return serial.substr(0, 9) + fmt::format("{:04}", number);
}

std::string serial_fault(const SerialRule& rule, const std::string& serial) {
    const std::string form = fmt::format("{}PCYYM{}NNNN", rule.model_code, rule.letter);
    if (serial.size() != serial_length)
        return fmt::format("a serial number has 13 characters ({}), this one {}", form,
                           serial.size());
    if (serial.substr(0, 3) != rule.model_code)
        return fmt::format("serial numbers of this model begin with {}", rule.model_code);
    if (serial[3] != '0' && serial[3] != '1')
        return "the 4th character is 0 (China) or 1 (abroad)";
    if (!digits(serial.substr(4, 1)))
        return "the 5th character is the carrier: 0 RS485, 1 4G, 2 WiFi, 3 LoRa, 4 Profibus-DP";
    if (!digits(serial.substr(5, 2)))
        return "the 6th and 7th characters are the year, 00 to 99";
    if (month_letters.find(serial[7]) == std::string_view::npos)
        return "the 8th character is the month, 1 to 9, A, B or C";
    if (serial[8] != rule.letter)
        return fmt::format("the 9th character of this model is {}", rule.letter);
    if (!digits(serial.substr(9)) || serial.substr(9) == "0000")
        return "the last four characters are a number, 0001 to 9999";
    return {};
}

} // namespace kpmsim
