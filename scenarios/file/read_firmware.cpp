#include "scenarios/file/auxiliary.hpp"
#include "scenarios/file/farm_reader.hpp"

#include <fmt/format.h>

namespace kpmsim {
namespace {

std::vector<std::string> known_to(const MeterType& type) {
    std::vector<std::string> known;
    for (const std::string_view name : ruling_names())
        if (type.knows(*find_ruling(name)))
            known.emplace_back(name);
    return known;
}

std::string range_text(const AuxiliaryRange& range) {
    return fmt::format("{:g} to {:g} V AC or {:g} to {:g} V DC", range.ac.least, range.ac.most,
                       range.dc.least, range.dc.most);
}

} // namespace

void read_firmware(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes) {
    const TomlNode* node = table.node("firmware");
    if (node == nullptr)
        return;
    const MeterType& type = *plan.spec.type;
    const auto take = [&](const TomlNode& item) {
        const auto* name = std::get_if<std::string>(&item.value);
        const auto ruling = name == nullptr ? std::nullopt : find_ruling(*name);
        if (ruling && type.knows(*ruling)) {
            plan.spec.firmware.add(*ruling);
            return;
        }
        const std::vector<std::string> known = known_to(type);
        note(mistakes, item.place,
             name == nullptr ? "firmware holds names"
             : ruling ? fmt::format("firmware \"{}\" makes no difference to a {}", *name, type.name)
                      : fmt::format("unknown firmware \"{}\"", *name),
             known.empty() ? "leave firmware out" : "known: " + listed(known));
    };
    if (const auto* list = std::get_if<TomlArray>(&node->value))
        for (const TomlNode& item : *list)
            take(item);
    else
        take(*node);
}

std::string read_auxiliary(TomlTable& table, MeterPlan& plan) {
    const auto text = table.text("auxiliary");
    if (!text)
        return {};
    const MeterType& type = *plan.spec.type;
    const auto voltage = read_auxiliary_voltage(*text);
    if (!voltage)
        table.wrong("auxiliary", fmt::format("auxiliary \"{}\" cannot be read", *text),
                    auxiliary_cure);
    else if (!type.auxiliary)
        table.wrong("auxiliary", fmt::format("nobody says what supply a {} needs", type.name),
                    "leave auxiliary out, or write [auxiliary] in its meter.toml");
    else
        plan.spec.auxiliary_fails = !works_with(*type.auxiliary, *voltage);
    return plan.spec.auxiliary_fails ? fmt::format("auxiliary is {}, and a {} works with {}", *text,
                                                   type.name, range_text(*type.auxiliary))
                                     : "";
}

} // namespace kpmsim
