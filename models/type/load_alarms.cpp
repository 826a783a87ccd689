#include "models/type/load_type.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace kpmsim {

namespace {

constexpr std::size_t most_alarms = 16; // bits of a setting that selects among them
constexpr const char* what_it_watches =
    "an alarm watches readings: \"u_a\", \"i_a\", \"p\", \"unb_u\"";

/// The setting that `above` or `below` names.
void read_threshold(TomlTable& t, const MeterType& type, AlarmRow& row) {
    row.below = t.node("below") != nullptr;
    const std::string key = row.below ? "below" : "above";
    if (row.below && t.node("above") != nullptr)
        t.wrong("above", "above and below exclude each other", "make two alarms of it");
    const std::string name = required_text(t, key, "above = \"over_voltage\", a setting in %");
    row.threshold = type.setting_index(name);
    if (row.threshold < 0 && !name.empty())
        t.wrong(key, fmt::format("there is no setting \"{}\"", name), "add it to `setting`");
    constexpr std::array<std::string_view, 3> bases{"Un", "In", "Pn"};
    if (const auto base = t.choice("percent_of", {bases.begin(), bases.end()}))
        for (std::size_t n = 0; n < bases.size(); ++n)
            if (bases[n] == *base)
                row.base = static_cast<AlarmBase>(n + 1);
}

} // namespace

void read_alarm(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes) {
    TomlTable t{node, "alarm", mistakes};
    AlarmRow row;
    row.name = required_text(t, "name", "name = \"over_voltage\"");
    check_name(t, "name", row.name);
    row.title = required_text(t, "title", "title = \"Over voltage\"");
    const std::size_t before = mistakes.size();
    if (t.node("input") != nullptr) {
        const auto n = t.integer("input", 1, std::max(1, type.inputs_per_unit()));
        row.input = static_cast<int>(n.value_or(1)) - 1;
        if (type.inputs_per_unit() == 0)
            t.wrong("input", "the meter has no inputs", "add [inputs], or watch a reading");
    } else {
        row.of = named_readings(t, "of", type, what_it_watches, mistakes);
        row.of_delta = named_readings(t, "of_delta", type, what_it_watches, mistakes);
        if (t.node("of") == nullptr)
            t.missing("of", "of = [\"u_a\", \"u_b\", \"u_c\"], or input = 1");
        read_threshold(t, type, row);
    }
    if (type.alarms.size() == most_alarms)
        t.wrong("name", fmt::format("a meter has {} alarms", most_alarms), "leave one out");
    t.finish();
    if (mistakes.size() != before)
        return;
    Point point =
        plain_point("alarm_" + row.name, "Alarm: " + row.title, PointKind::alarm, Rights::read);
    point.least = 0;
    point.most = 1;
    point.index = static_cast<std::uint16_t>(type.alarms.size());
    if (type.points.find(point.name)) {
        t.wrong("name", fmt::format("the meter has a point \"{}\"", point.name),
                "take another name");
        return;
    }
    type.points.add(std::move(point));
    type.alarms.push_back(std::move(row));
}

} // namespace kpmsim
