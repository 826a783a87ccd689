#include "models/type/serial.hpp"

#include "sim/guard.hpp"

#include <fmt/format.h>

namespace kpmsim {

namespace {

constexpr std::size_t serial_length = 13;
constexpr std::string_view month_letters = "123456789ABC";

bool digits(std::string_view text) {
    return text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string compere_number(const SerialRule& rule, Carrier carrier, int year, int month,
                           int number) {
    guard(month >= 1 && month <= 12 && number >= 1 && number <= rule.last_number());
    constexpr char abroad = '1';
    return fmt::format("{}{}{}{:02}{}{}{:04}", rule.model_code, abroad, static_cast<char>(carrier),
                       ((year % 100) + 100) % 100,
                       month_letters[static_cast<std::size_t>(month - 1)], rule.letter, number);
}

/// Where a pattern's number stands.
struct Digits {
    std::size_t first, count;
};

Digits digits_of(const SerialRule& rule) {
    const auto first = rule.pattern.find('#');
    const auto last = rule.pattern.rfind('#');
    return first == std::string::npos ? Digits{0, 0} : Digits{first, last - first + 1};
}

std::string patterned(const SerialRule& rule, int number) {
    const Digits at = digits_of(rule);
    std::string serial = rule.pattern;
    return serial.replace(at.first, at.count, fmt::format("{:0{}}", number, at.count));
}

std::string pattern_fault(const SerialRule& rule, const std::string& serial) {
    const Digits at = digits_of(rule);
    bool good = serial.size() == rule.pattern.size();
    for (std::size_t n = 0; good && n < serial.size(); ++n)
        good = n >= at.first && n < at.first + at.count ? digits(serial.substr(n, 1))
                                                        : serial[n] == rule.pattern[n];
    return good ? ""
                : fmt::format("serial numbers of this model are {}, # being a digit", rule.pattern);
}

} // namespace

std::size_t SerialRule::length() const {
    return form == Form::compere ? serial_length : pattern.size();
}

int SerialRule::last_number() const {
    if (form == Form::compere)
        return 9999;
    int most = 0;
    for (std::size_t n = 0; n < digits_of(*this).count && n < 9; ++n)
        most = 10 * most + 9;
    return most;
}

bool SerialRule::all_digits() const {
    return form == Form::pattern && pattern.find_first_not_of("0123456789#") == std::string::npos;
}

std::string serial_number(const SerialRule& rule, Carrier carrier, int year, int month,
                          int number) {
    switch (rule.form) {
    case SerialRule::Form::none:
        break;
    case SerialRule::Form::compere:
        return compere_number(rule, carrier, year, month, number);
    case SerialRule::Form::pattern:
        return patterned(rule, number);
    }
    return {};
}

std::optional<std::string> nth_serial(const SerialRule& rule, Carrier carrier, int year, int month,
                                      int circuits, int n) {
    if (rule.form != SerialRule::Form::compere)
        return n < rule.last_number()
                   ? std::optional{serial_number(rule, carrier, year, month, n + 1)}
                   : std::nullopt;
    // What a month's numbers cannot hold was made in the month before.
    const int in_a_month = rule.last_number() / circuits;
    const int made = year * 12 + month - 1 - n / in_a_month;
    return serial_number(rule, carrier, made / 12, made % 12 + 1, 1 + circuits * (n % in_a_month));
}

Carrier carrier_of(const SerialRule& rule, const std::string& serial) {
    constexpr std::size_t carrier_place = 4;
    return rule.form == SerialRule::Form::compere && serial.size() > carrier_place
               ? static_cast<Carrier>(serial[carrier_place])
               : Carrier::rs485;
}

std::string circuit_serial(const SerialRule& rule, const std::string& serial, int circuit) {
    if (rule.form != SerialRule::Form::compere || circuit == 0)
        return serial;
    guard(serial.size() == serial_length && digits(serial.substr(9)));
    const int number = (std::stoi(serial.substr(9)) + circuit) % 10000;
    return serial.substr(0, 9) + fmt::format("{:04}", number);
}

std::string serial_fault(const SerialRule& rule, const std::string& serial, int circuits) {
    if (rule.form == SerialRule::Form::none)
        return "meters of this model have no serial number";
    if (rule.form == SerialRule::Form::pattern)
        return pattern_fault(rule, serial);
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
    if (circuit_serial(rule, serial, circuits - 1) < serial)
        return "the numbers of its other circuits go beyond 9999";
    return {};
}

} // namespace kpmsim
