#include "scenarios/file/farm_reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

// What a meter has behind it when a farm begins: its registers, and what its months used.

namespace kpmsim {
namespace {

/// What a register can hold and be shown: a thousand times what any meter here has digits for.
constexpr double most_kilo = 1e12;

/// "12.5 MWh" in kWh, where that is the quantity's unit.
std::optional<double> read_energy(const std::string& text, const std::string& unit) {
    constexpr std::array<std::pair<std::string_view, double>, 4> prefixes{
        {{"", 1e-3}, {"k", 1}, {"M", 1e3}, {"G", 1e6}}};
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    std::string_view rest{end};
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    for (const auto& [prefix, kilo] : prefixes)
        if (end != text.c_str() && rest == std::string{prefix} + unit.substr(1) && value >= 0 &&
            value * kilo <= most_kilo)
            return value * kilo;
    return {};
}

EnergyCount counted(double kilo) {
    EnergyCount count;
    const double wh = std::floor(kilo * 1e3);
    count.wh = static_cast<std::int64_t>(wh);
    count.uj = std::min<std::int64_t>(
        std::llround((kilo * 1e3 - wh) * static_cast<double>(EnergyCount::uj_per_wh)),
        EnergyCount::uj_per_wh - 1);
    return count;
}

/// { e_p_import = "12 MWh", e_q_import_b = "3 kvarh" }
EnergyRegisters read_registers(const TomlNode& node, const std::string& what,
                               std::vector<Mistake>& mistakes) {
    EnergyRegisters registers;
    if (!node.is_table()) {
        note(mistakes, node.place, what + " is a table of energies",
             "write { e_p_import = \"1234.5 kWh\" }");
        return registers;
    }
    for (const auto& [name, value] : std::get<TomlEntries>(node.value)) {
        const auto found = find_quantity(name);
        const bool stored =
            found && info(*found).kind == QuantityKind::energy && info(*found).slot < energy_slots;
        if (!stored) {
            const std::string near = nearest_quantity(name);
            note(mistakes, value.key, "\"" + name + "\" is no energy register",
                 near.empty() ? "name one that counts, such as e_p_import or e_q_export_b"
                              : "nearest: " + near + "; sums such as e_p_total are worked out");
            continue;
        }
        const auto* text = std::get_if<std::string>(&value.value);
        const auto kilo = text == nullptr ? std::nullopt : read_energy(*text, info(*found).unit);
        if (!kilo)
            note(mistakes, value.place, name + " is no energy of 0 to 1e12 " + info(*found).unit,
                 "write \"1234.5 " + info(*found).unit + "\"");
        else
            registers.count[info(*found).slot] = counted(*kilo);
    }
    return registers;
}

std::string known_habits() {
    std::string all = "known: ";
    for (const std::string_view name : upload_habits())
        all += (all.size() > 7 ? ", " : "") + std::string{name};
    return all;
}

} // namespace

void read_start(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes) {
    MeterSpec& spec = plan.spec;
    if (const TomlNode* node = table.table("start_energy"))
        spec.start_energy = read_registers(*node, "start_energy", mistakes);
    if (const TomlNode* list = table.array("start_months")) {
        const auto& months = std::get<TomlArray>(list->value);
        if (months.size() > EnergyHistory::months)
            table.wrong("start_months", "start_months holds " + std::to_string(months.size()),
                        "a meter keeps the running month and twelve before it");
        else
            for (const TomlNode& month : months)
                spec.start_months.push_back(read_registers(month, "a month", mistakes));
    }
    for (const std::string& name : table.texts("habits").value_or(std::vector<std::string>{}))
        if (const auto habit = find_upload_habit(name))
            spec.habits.push_back(*habit);
        else
            table.wrong("habits", "no meter has a habit \"" + name + "\"", known_habits());
    plan.relay_switches = spec.type != nullptr && spec.type->relays_switch;
    if (const auto switches = table.boolean("relay_switches")) {
        if (!*switches && plan.relay_switches)
            table.wrong("relay_switches",
                        "the relay of a " + spec.type->name + " is in its current path",
                        "leave relay_switches out");
        plan.relay_switches = *switches;
        if (*switches && spec.type != nullptr && spec.type->coils_per_unit() == 0)
            table.wrong("relay_switches", "a " + spec.type->name + " has no relay",
                        "leave relay_switches out");
        else if (*switches && !spec.relays_fitted)
            table.wrong("relay_switches", "this meter is without its relays",
                        "give it the option for relays");
    }
}

} // namespace kpmsim
