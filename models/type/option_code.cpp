#include "models/type/option_code.hpp"

#include "models/type/meter_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kpmsim {

namespace {

struct OptionInfo {
    Option option;
    std::string_view code;
    std::string_view title;
};
constexpr std::array infos{
    OptionInfo{Option::inputs, "K", "digital inputs"},
    OptionInfo{Option::relays, "R", "relays"},
    OptionInfo{Option::temperature, "T", "temperature"},
    OptionInfo{Option::residual, "S", "residual current"},
    OptionInfo{Option::gsm, "4G", "4G"},
    OptionInfo{Option::wifi, "Wi", "WiFi"},
    OptionInfo{Option::lora, "L", "LoRa"},
    OptionInfo{Option::second_line, "RS485", "a second RS-485, in place of the reactive pulses"},
};

const OptionInfo& info_of(Option option) { return infos[static_cast<std::size_t>(option)]; }

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text)
        if (c == '-')
            parts.emplace_back();
        else
            parts.back().push_back(c);
    return parts;
}

/// "A is 5 A, B 100 A, C 400 A, D 800 A"
std::string levels_text(const MeterType& type) {
    std::string all;
    for (const CurrentRating& each : type.currents)
        all += fmt::format("{}{} {}{:g} A", all.empty() ? "" : ", ", each.code,
                           all.empty() ? "is " : "", each.rated_a);
    return all;
}

/// "1A2B3C4D": up to once a circuit and its level, ascending.
std::string read_levels(const MeterType& type, const std::string& text, OptionCode& code) {
    const auto most = static_cast<std::size_t>(type.circuits);
    if (text.empty() || text.size() % 2 != 0 || text.size() > 2 * most)
        return fmt::format("\"{}\" is no list of circuits and levels; write e.g. 1A2B3C4D", text);
    char last = '0';
    for (std::size_t n = 0; n < text.size(); n += 2) {
        const char circuit = text[n];
        const std::string level(1, text[n + 1]);
        if (circuit < '1' || circuit >= '1' + type.circuits)
            return fmt::format("\"{}\" is no circuit; circuits are 1 to {}", circuit,
                               type.circuits);
        if (circuit <= last)
            return fmt::format("circuit {} comes twice or out of order", circuit);
        if (type.current(level) == nullptr)
            return fmt::format("\"{}\" is no current level; {}", level, levels_text(type));
        code.ratings[static_cast<std::size_t>(circuit - '1')] = level;
        last = circuit;
    }
    return {};
}

std::string known_codes(const MeterType& type) {
    std::string all;
    for (const auto& place : type.options)
        for (const Option each : place)
            all += fmt::format("{}{}", all.empty() ? "" : ", ", code_of(each));
    return all;
}

/// What two options that exclude each other are, in the documents' words.
std::string excluding(Option one, Option other) {
    const auto is_radio = [](Option option) {
        return option == Option::gsm || option == Option::wifi || option == Option::lora;
    };
    return fmt::format("{} and {} exclude each other: {}", code_of(one), code_of(other),
                       is_radio(one) ? std::string{"one radio a meter"}
                                     : fmt::format("{} or {}", title_of(one), title_of(other)));
}

std::string read_option(const MeterType& type, const std::string& text, OptionCode& code) {
    const auto found = std::find_if(infos.begin(), infos.end(), [&](const OptionInfo& each) {
        return each.code == text && has_option(type.options, each.option);
    });
    if (found == infos.end())
        return fmt::format("unknown option \"{}\"; known: {}", text, known_codes(type));
    for (const Option other : code.fitted)
        if (other == found->option)
            return fmt::format("option {} comes twice", text);
        else if (exclude_each_other(type.options, other, found->option))
            return excluding(other, found->option);
    code.fitted.push_back(found->option);
    return {};
}

} // namespace

std::string_view code_of(Option option) { return info_of(option).code; }
std::string_view title_of(Option option) { return info_of(option).title; }

std::span<const Option> all_options() {
    static const std::vector<Option> all = [] {
        std::vector<Option> options;
        for (const OptionInfo& each : infos)
            options.push_back(each.option);
        return options;
    }();
    return all;
}

bool has_option(const OptionPlaces& places, Option option) {
    return exclude_each_other(places, option, option);
}

bool exclude_each_other(const OptionPlaces& places, Option one, Option other) {
    const auto holds = [](const std::vector<Option>& place, Option option) {
        return std::find(place.begin(), place.end(), option) != place.end();
    };
    return std::any_of(places.begin(), places.end(), [&](const std::vector<Option>& place) {
        return holds(place, one) && holds(place, other);
    });
}

bool OptionCode::has(Option option) const {
    return std::find(fitted.begin(), fitted.end(), option) != fitted.end();
}

OptionCode parse_option_code(const MeterType& type, const std::string& text, std::string& fault) {
    OptionCode code;
    std::vector<std::string> parts = split(text);
    fault.clear();
    if (type.circuits > 1) {
        code.ratings.assign(static_cast<std::size_t>(type.circuits), type.currents.front().code);
        fault = read_levels(type, parts.front(), code);
        parts.erase(parts.begin());
    } else if (text == "none") {
        parts.clear();
    }
    for (const std::string& part : parts)
        if (fault.empty())
            fault = read_option(type, part, code);
    return code;
}

std::string option_code_example(const MeterType& type) {
    std::string code = type.circuits > 1 ? "1A2B3C4D" : "";
    for (const Option each : {Option::inputs, Option::relays, Option::wifi})
        if (has_option(type.options, each))
            code += fmt::format("{}{}", code.empty() ? "" : "-", code_of(each));
    return code;
}

} // namespace kpmsim
