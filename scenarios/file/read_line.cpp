#include "models/type/option_code.hpp"
#include "scenarios/file/farm_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace kpmsim {
namespace {

/// As many lines as the unit has ports, each once.
void check_ports(TomlTable& table, const MeterPlan& plan) {
    const MeterSpec& spec = plan.spec;
    const std::size_t lines = plan.buses.size();
    const bool may_have_two = has_option(spec.type->options, Option::second_line);
    const std::size_t ports = may_have_two && !spec.reactive_pulses_fitted ? 2 : 1;
    if (lines > ports)
        table.wrong("bus",
                    fmt::format("{} has {} RS-485, and bus names {} lines",
                                may_have_two && ports == 1
                                    ? "without option RS485 a " + spec.type->name
                                    : "a " + spec.type->name,
                                ports == 1 ? "one" : "two", lines),
                    may_have_two && ports == 1 && lines == 2
                        ? "add -RS485 to options, which takes the reactive pulses' terminals, or "
                          "name one line"
                        : fmt::format("name {}", ports == 1 ? "one line" : "two lines"));
    else if (lines == 2 && plan.buses[0] == plan.buses[1])
        table.wrong("bus", "both RS-485 are on bus " + plan.buses[0], "name two lines, or one");
}

/// One setting each stands for both ports.
void check_alike(TomlTable& table, const MeterPlan& plan, const BusPlan& first,
                 const BusPlan& other) {
    if (first.baud != other.baud || first.format != other.format)
        table.wrong("bus",
                    fmt::format("bus {} has {} Bd {}, and bus {} has {} Bd {}", first.name,
                                first.baud, first.format, other.name, other.baud, other.format),
                    fmt::format("a {} has one speed and one format for both of its RS-485: write "
                                "the same under [bus.{}] and [bus.{}]",
                                plan.spec.type->name, first.name, other.name));
}

void follow_line(TomlTable& table, MeterPlan& plan, const BusPlan& bus) {
    const MeterType& type = *plan.spec.type;
    const std::vector<int>& bauds = type.line.bauds;
    if (std::find(bauds.begin(), bauds.end(), bus.baud) == bauds.end()) {
        std::vector<std::string> texts;
        texts.reserve(bauds.size());
        for (const int baud : bauds)
            texts.push_back(std::to_string(baud));
        table.wrong("bus",
                    "a " + type.name + " does not do the " + std::to_string(bus.baud) +
                        " Bd of bus " + bus.name,
                    "it does " + listed(texts));
    } else if (const SettingRow* row = type.setting(Role::line_baud)) {
        if (row->allows(bus.baud))
            plan_setting(plan, *row, {}, bus.baud);
    }
    const auto formats = line_formats();
    const auto at = std::find(formats.begin(), formats.end(), bus.format);
    const SettingRow* row = type.setting(Role::line_format);
    const auto kept = static_cast<std::int64_t>(at - formats.begin());
    const bool can =
        row != nullptr ? at != formats.end() && row->allows(kept) : bus.format == type.line.format;
    if (!can) {
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < formats.size(); ++i)
            if (row == nullptr ? formats[i] == type.line.format
                               : row->allows(static_cast<std::int64_t>(i)))
                texts.emplace_back(formats[i]);
        table.wrong("bus",
                    "a " + type.name + " does not do the " + bus.format + " of bus " + bus.name,
                    "it does " + listed(texts));
    } else if (row != nullptr) {
        plan_setting(plan, *row, {}, kept);
    }
}

} // namespace

void read_line(TomlTable& table, MeterPlan& plan, const std::vector<BusPlan>& buses) {
    check_ports(table, plan);
    const BusPlan* first = nullptr;
    for (const std::string& name : plan.buses) {
        const auto bus = std::find_if(buses.begin(), buses.end(),
                                      [&](const BusPlan& one) { return one.name == name; });
        if (bus == buses.end())
            continue; // which has been told
        if (first == nullptr)
            follow_line(table, plan, *(first = &*bus));
        else
            check_alike(table, plan, *first, *bus);
    }
}

} // namespace kpmsim
