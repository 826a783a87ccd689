#include "models/type/option_code.hpp"

#include <fmt/format.h>

#include <vector>

namespace kpmsim {

namespace {

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text)
        if (c == '-')
            parts.emplace_back();
        else
            parts.back().push_back(c);
    return parts;
}

/// "1A2B3C4D": up to four times a circuit and its level, ascending.
std::string read_levels(const std::string& text, OptionCode& code) {
    if (text.empty() || text.size() % 2 != 0 || text.size() > 8)
        return fmt::format("\"{}\" is no list of circuits and levels; write e.g. 1A2B3C4D", text);
    char last = '0';
    for (std::size_t n = 0; n < text.size(); n += 2) {
        const char circuit = text[n];
        const char level = text[n + 1];
        if (circuit < '1' || circuit > '4')
            return fmt::format("\"{}\" is no circuit; circuits are 1 to 4", circuit);
        if (circuit <= last)
            return fmt::format("circuit {} comes twice or out of order", circuit);
        if (level < 'A' || level > 'D')
            return fmt::format("\"{}\" is no current level; A is 5 A, B 100 A, C 400 A, D 800 A",
                               level);
        code.ratings[static_cast<std::size_t>(circuit - '1')] = std::string(1, level);
        last = circuit;
    }
    code.circuits_fitted = static_cast<int>(text.size() / 2);
    return {};
}

std::string read_option(const std::string& option, OptionCode& code) {
    if (option == "4G" || option == "Wi" || option == "L") {
        if (!code.radio.empty())
            return fmt::format("{} and {} exclude each other: one radio a meter", code.radio,
                               option);
        code.radio = option;
        return {};
    }
    bool* const fitted = option == "K"   ? &code.digital_inputs
                         : option == "R" ? &code.relays
                         : option == "T" ? &code.temperature
                         : option == "S" ? &code.residual
                                         : nullptr;
    if (fitted == nullptr)
        return fmt::format("unknown option \"{}\"; known: K, R, T, S, 4G, Wi, L", option);
    if (*fitted)
        return fmt::format("option {} comes twice", option);
    *fitted = true;
    if (code.temperature && code.residual)
        return "T and S exclude each other: temperature or residual current";
    return {};
}

} // namespace

OptionCode parse_option_code(const std::string& text, std::string& fault) {
    OptionCode code;
    const std::vector<std::string> parts = split(text);
    fault = read_levels(parts[0], code);
    for (std::size_t n = 1; n < parts.size() && fault.empty(); ++n)
        fault = read_option(parts[n], code);
    return code;
}

} // namespace kpmsim
