#include "files/number.hpp"
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

bool is_stored(const QuantityInfo& about) {
    return about.kind == QuantityKind::energy && about.slot < energy_slots;
}

/// Why a name is none of a register that counts.
Mistake no_register(const std::string& name, const Place& place) {
    if (const auto found = find_quantity(name); found && info(*found).kind == QuantityKind::energy)
        return {place, "\"" + name + "\" is worked out of others",
                "write what it is worked out of: e_p_import and e_p_export, or those of e_q"};
    std::vector<std::string> known;
    for (const QuantityInfo& about : catalogue())
        if (is_stored(about))
            known.push_back(about.name);
    const std::string near = nearest(name, known);
    return {place, "\"" + name + "\" is no energy register",
            near.empty() ? "name one that counts, such as e_p_import or e_q_export_b"
                         : "nearest: " + near};
}

/// { e_p_import = "12 MWh", e_q_import_b = "3 kvarh" }
EnergyRegisters read_registers(const TomlNode& node, const std::string& what, const MeterType* type,
                               std::vector<Mistake>& mistakes) {
    EnergyRegisters registers;
    if (!node.is_table()) {
        note(mistakes, node.place, what + " is a table of energies",
             "write { e_p_import = \"1234.5 kWh\" }");
        return registers;
    }
    for (const auto& [name, value] : std::get<TomlEntries>(node.value)) {
        const auto found = find_quantity(name);
        if (!found || !is_stored(info(*found))) {
            mistakes.push_back(no_register(name, value.key));
            continue;
        }
        if (type != nullptr && !type->points.find(name)) {
            note(mistakes, value.key, "a " + type->name + " has no " + name,
                 "leave it out: it would count nothing");
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

/// Half a watt-hour for each part that was rounded to be written.
constexpr double rounding_kilo = 0.003;

std::string with_unit(double kilo, Energy of) {
    return number_text(std::round(kilo * 1e6) / 1e6) + ' ' + info(quantity(of)).unit;
}

Energy shifted(Energy first, std::size_t by) {
    return static_cast<Energy>(static_cast<std::size_t>(first) + by);
}

/// Phases, tariffs and quadrants count parts of a register: together they are not more than it. Of
/// the phases it is the balance, since one may export what another imports.
void check_parts(const EnergyRegisters& registers, const Place& place,
                 std::vector<Mistake>& mistakes) {
    const auto check = [&](Energy whole, double parts, const std::string& what) {
        if (parts <= registers.kilo(whole) + rounding_kilo)
            return;
        const std::string& name = info(quantity(whole)).name;
        note(mistakes, place,
             what + " of " + name + " come to " + with_unit(parts, whole) + ", and " + name +
                 " itself is " + with_unit(registers.kilo(whole), whole),
             "write " + name + " = \"" + with_unit(parts, whole) + "\" or more");
    };
    using enum Energy;
    constexpr std::array wholes{p_import, p_export, q_import, q_export};
    for (std::size_t n = 0; n < wholes.size(); ++n) {
        const Energy opposite = wholes[n ^ 1];
        double phases = 0;
        for (std::size_t phase = 1; phase <= 3; ++phase)
            phases += registers.kilo(shifted(wholes[n], phase)) -
                      registers.kilo(shifted(opposite, phase));
        check(wholes[n], phases, "the phases");
        double tariffs = 0;
        for (std::size_t tariff = 0; tariff < 6; ++tariff)
            tariffs += registers.kilo(shifted(p_import_t1, 6 * n + tariff));
        check(wholes[n], tariffs, "the tariffs");
    }
    check(q_import, registers.kilo(q_q1) + registers.kilo(q_q2), "the quadrants 1 and 2");
    check(q_export, registers.kilo(q_q3) + registers.kilo(q_q4), "the quadrants 3 and 4");
}

/// What the months used is in the registers.
void check_months(const EnergyRegisters& now, const std::vector<EnergyRegisters>& months,
                  const Place& place, std::vector<Mistake>& mistakes) {
    for (std::size_t n = 0; n < energy_slots; ++n) {
        const auto of = static_cast<Energy>(n);
        double used = 0;
        for (const EnergyRegisters& month : months)
            used += month.kilo(of);
        const std::string& name = info(quantity(of)).name;
        if (used > now.kilo(of) + rounding_kilo)
            note(mistakes, place,
                 "the months used " + with_unit(used, of) + " of " + name +
                     ", and start_energy has " + with_unit(now.kilo(of), of),
                 "write start_energy = { " + name + " = \"" + with_unit(used, of) + "\" } or more");
    }
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
    const std::size_t before = mistakes.size();
    if (const TomlNode* node = table.table("start_energy"))
        spec.start_energy = read_registers(*node, "start_energy", spec.type, mistakes);
    if (const TomlNode* list = table.array("start_months")) {
        const auto& months = std::get<TomlArray>(list->value);
        if (months.size() > EnergyHistory::months)
            table.wrong("start_months", "start_months holds " + std::to_string(months.size()),
                        "a meter keeps the running month and twelve before it");
        else
            for (const TomlNode& month : months)
                spec.start_months.push_back(read_registers(month, "a month", spec.type, mistakes));
        for (std::size_t n = 0; n < spec.start_months.size(); ++n)
            check_parts(spec.start_months[n], months[n].place, mistakes);
    }
    if (mistakes.size() == before) {
        check_parts(spec.start_energy, table.place_of("start_energy"), mistakes);
        check_months(spec.start_energy, spec.start_months, table.place_of("start_months"),
                     mistakes);
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
            table.wrong("relay_switches", "these options have no relays",
                        how_to_fit(*spec.type, Fitting::relays) + ", or leave relay_switches out");
    }
}

} // namespace kpmsim
