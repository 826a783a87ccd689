#include "scenarios/file/farm_reader.hpp"

#include "files/number.hpp"
#include "models/engine/fitted_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace kpmsim {
namespace {

std::string allowed(const MeterSpec& spec, const SettingRow& row) {
    if (row.choices.empty()) {
        return "it goes from " + number_text(row.shown(row.least)) + " to " +
               number_text(row.shown(row.most)) +
               (row.scale > 1 ? " in steps of " + number_text(1.0 / row.scale) : "");
    }
    std::vector<std::string> texts;
    for (const std::int64_t choice : row.choices)
        if (takes(spec, row, choice))
            texts.push_back(number_text(row.shown(choice)));
    return "it can be " + listed(texts);
}

struct SetElsewhere {
    const char* name;
    const char* cure;
};
constexpr std::array set_elsewhere{
    SetElsewhere{"address", "write address = … beside settings"},
    SetElsewhere{"baud", "the line has it: baud = … under its [bus.NAME]"},
    SetElsewhere{"format", "the line has it: format = … under its [bus.NAME]"},
    SetElsewhere{"rated_current_a", "write rating = … (a KPM312: options = …) beside settings"},
};

/// The value in kept units; a mistake when the setting cannot have it.
std::optional<std::int64_t> read_value(const TomlNode& node, const MeterSpec& spec,
                                       const SettingRow& row, std::vector<Mistake>& mistakes) {
    double shown = 0.0;
    if (const auto* whole = std::get_if<std::int64_t>(&node.value)) {
        shown = static_cast<double>(*whole);
    } else if (const auto* real = std::get_if<double>(&node.value); real && std::isfinite(*real)) {
        shown = *real;
    } else {
        note(mistakes, node.place, "setting " + row.name + " is no number", allowed(spec, row));
        return std::nullopt;
    }
    const double kept = shown * row.scale;
    if (std::abs(kept) > 1e15 || std::abs(kept - std::round(kept)) > 1e-6 ||
        !takes(spec, row, std::llround(kept))) {
        note(mistakes, node.place, "setting " + row.name + " cannot be " + number_text(shown),
             allowed(spec, row));
        return std::nullopt;
    }
    return std::llround(kept);
}

/// What the output puts out must be there in the wiring that the menu says.
void check_output(const TomlNode& settings, const MeterPlan& plan, std::vector<Mistake>& mistakes) {
    const SettingRow* row = plan.spec.type->setting(Role::output_quantity);
    const TomlNode* written = row == nullptr ? nullptr : settings.find(row->name);
    if (written == nullptr)
        return;
    for (const Preset& preset : plan.spec.settings)
        if (preset.name == row->name &&
            first_memory(plan.spec).setting(*row) != preset.value) // it gave way
            note(mistakes, written->place,
                 "the output does not have number " + number_text(row->shown(preset.value)) +
                     " in this wiring",
                 "docs/reference/outputs.md lists those of star and delta");
}

} // namespace

void read_settings(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes) {
    const TomlNode* node = table.table("settings");
    if (node == nullptr)
        return;
    const MeterType& type = *plan.spec.type;
    for (const TomlEntry& entry : std::get<TomlEntries>(node->value)) {
        const std::string& name = entry.key;
        const TomlNode& value = entry.value;
        const auto elsewhere = std::find_if(set_elsewhere.begin(), set_elsewhere.end(),
                                            [&](const SetElsewhere& s) { return s.name == name; });
        if (elsewhere != set_elsewhere.end()) {
            note(mistakes, value.key, "setting " + name + " has its own key", elsewhere->cure);
            continue;
        }
        const SettingRow* row = type.setting(name);
        if (row == nullptr) {
            const std::vector<std::string> known = fitted_settings(plan.spec);
            const std::string near = nearest(name, known);
            note(mistakes, value.key, "a " + type.name + " has no setting \"" + name + '"',
                 near.empty() ? "known: " + listed(known) : "did you mean " + near + '?');
            continue;
        }
        if (const auto part = fitting_of(type, type.points[*type.points.find(name)]);
            part && !fitted(plan.spec, *part)) {
            note(
                mistakes, value.key,
                fmt::format("these options have no {}, and so no setting {}", name_of(*part), name),
                fmt::format("{}, or leave {} out", how_to_fit(type, *part), name));
            continue;
        }
        const auto* list = std::get_if<TomlArray>(&value.value);
        if (list == nullptr) {
            if (const auto kept = read_value(value, plan.spec, *row, mistakes))
                for (int circuit = 0; circuit < (row->per_circuit ? type.circuits : 1); ++circuit)
                    plan_setting(plan, *row,
                                 row->per_circuit ? std::optional{circuit} : std::nullopt, *kept);
            continue;
        }
        if (!row->per_circuit || list->size() > static_cast<std::size_t>(type.circuits)) {
            note(mistakes, value.place,
                 row->per_circuit ? "setting " + name + " has more values than circuits"
                                  : "setting " + name + " is one for the whole meter",
                 row->per_circuit ? "write at most " + std::to_string(type.circuits)
                                  : "write one number without brackets");
            continue;
        }
        for (std::size_t circuit = 0; circuit < list->size(); ++circuit)
            if (const auto kept = read_value((*list)[circuit], plan.spec, *row, mistakes))
                plan_setting(plan, *row, static_cast<int>(circuit), *kept);
    }
    check_output(*node, plan, mistakes);
}

} // namespace kpmsim
