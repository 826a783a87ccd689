#include "scenarios/play/action_reader.hpp"

#include "models/engine/allowed_values.hpp"
#include "models/engine/command.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kpmsim {

void ActionReader::check_keys() {
    const auto name = action_.text.find("point");
    const auto value = action_.number.find("value");
    if (name == action_.text.end() || value == action_.number.end())
        return;
    for (const CircuitPlace& place : action_.circuits) {
        const MeterSpec& spec = plan_.meters[place.meter].spec;
        const auto id = find_fitted(spec, name->second);
        if (!id)
            return; // noted
        const auto why =
            refusal(spec, {*id, std::max(0, place.circuit), value->second}, Access::keys);
        const SettingRow* const row = spec.type->setting(*id);
        if (why == Refusal::read_only) {
            table_.wrong("point", fmt::format("{} cannot be written", name->second),
                         "write a setting, or what else a menu has: the clock, clear_energy");
            return;
        }
        if (why || (row != nullptr && is_between(*row, value->second))) {
            table_.wrong(
                "value",
                fmt::format("{} of a {} takes no {}", name->second, spec.type->name, value->second),
                row != nullptr ? allowed_values(*row) : "docs/reference/meters has what it takes");
            return;
        }
    }
}

} // namespace kpmsim
