#include "scenarios/file/farm_reader.hpp"

#include <algorithm>

namespace kpmsim {

void read_line(TomlTable& table, MeterPlan& plan, const std::vector<BusPlan>& buses) {
    const MeterType& type = *plan.spec.type;
    const auto bus = std::find_if(buses.begin(), buses.end(),
                                  [&](const BusPlan& one) { return one.name == plan.bus; });
    if (bus == buses.end())
        return;
    const std::vector<int>& bauds = type.line.bauds;
    if (std::find(bauds.begin(), bauds.end(), bus->baud) == bauds.end()) {
        std::vector<std::string> texts;
        texts.reserve(bauds.size());
        for (const int baud : bauds)
            texts.push_back(std::to_string(baud));
        table.wrong("bus",
                    "a " + type.name + " does not do the " + std::to_string(bus->baud) +
                        " Bd of bus " + bus->name,
                    "it does " + listed(texts));
    } else if (const SettingRow* row = type.setting(Role::line_baud)) {
        if (row->allows(bus->baud))
            plan_setting(plan, *row, {}, bus->baud);
    }
    const auto formats = line_formats();
    const auto at = std::find(formats.begin(), formats.end(), bus->format);
    const SettingRow* row = type.setting(Role::line_format);
    const auto kept = static_cast<std::int64_t>(at - formats.begin());
    const bool can =
        row != nullptr ? at != formats.end() && row->allows(kept) : bus->format == type.line.format;
    if (!can) {
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < formats.size(); ++i)
            if (row == nullptr ? formats[i] == type.line.format
                               : row->allows(static_cast<std::int64_t>(i)))
                texts.emplace_back(formats[i]);
        table.wrong("bus",
                    "a " + type.name + " does not do the " + bus->format + " of bus " + bus->name,
                    "it does " + listed(texts));
    } else if (row != nullptr) {
        plan_setting(plan, *row, {}, kept);
    }
}

} // namespace kpmsim
