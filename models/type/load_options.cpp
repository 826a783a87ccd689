#include "models/type/load_type.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kpmsim {

namespace {

std::vector<std::string> parts_of(const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text)
        if (c == '|')
            parts.emplace_back();
        else
            parts.back().push_back(c);
    return parts;
}

std::string known_options() {
    std::string all;
    for (const Option each : all_options())
        all += fmt::format("{}{}", all.empty() ? "" : ", ", code_of(each));
    return all;
}

void read_place(TomlTable& table, MeterType& type, const std::string& text) {
    std::vector<Option> place;
    for (const std::string& part : parts_of(text)) {
        const auto all = all_options();
        const auto found = std::find_if(all.begin(), all.end(),
                                        [&](Option each) { return code_of(each) == part; });
        if (found == all.end())
            return table.wrong("options", fmt::format("unknown option \"{}\"", part),
                               "known: " + known_options() + "; \"T|S\" is one of two");
        const auto here = std::find(place.begin(), place.end(), *found);
        if (here != place.end() || has_option(type.options, *found))
            return table.wrong("options", fmt::format("option {} comes twice", part),
                               "name each once");
        place.push_back(*found);
    }
    type.options.push_back(std::move(place));
}

} // namespace

void read_options(TomlTable& table, MeterType& type) {
    for (const std::string& place : table.texts("options").value_or(std::vector<std::string>{}))
        read_place(table, type, place);
    for (const std::string& name :
         table.texts("menu_actions").value_or(std::vector<std::string>{})) {
        const auto all = all_actions();
        const auto found = std::find_if(all.begin(), all.end(), [&](Action each) {
            return is_of_menu(each) && name_of(each) == name;
        });
        if (found == all.end())
            table.wrong("menu_actions", fmt::format("no menu has an action \"{}\"", name),
                        "known: reboot, reconfigure");
        else
            type.menu_actions.push_back(*found);
    }
}

} // namespace kpmsim
