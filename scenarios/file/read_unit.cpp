#include "files/units.hpp"
#include "scenarios/file/farm_reader.hpp"

#include <fmt/format.h>

namespace kpmsim {

namespace {

/// inputs_closed = [1, 3]: contacts that are closed at the start.
void read_contacts(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes) {
    const TomlNode* list = table.array("inputs_closed");
    const MeterType* type = plan.spec.type;
    if (list == nullptr || type == nullptr)
        return;
    const int inputs = plan.spec.inputs_fitted ? type->inputs : 0;
    if (inputs == 0) {
        table.wrong("inputs_closed",
                    type->inputs == 0 ? "a " + type->name + " has no inputs"
                                      : "these options have no inputs",
                    type->inputs == 0
                        ? "leave inputs_closed out"
                        : how_to_fit(*type, Fitting::inputs) + ", or leave inputs_closed out");
        return;
    }
    for (const TomlNode& item : std::get<TomlArray>(list->value)) {
        const auto* n = std::get_if<std::int64_t>(&item.value);
        if (n == nullptr || *n < 1 || *n > inputs)
            note(mistakes, item.place, "an input of inputs_closed is not there",
                 fmt::format("write whole numbers from 1 to {}", inputs));
        else
            plan.spec.closed_contacts.push_back(static_cast<int>(*n - 1));
    }
}

/// A quantity for each circuit or sensor. Stops at the first mistake.
template <class Take>
void each_quantity(const std::vector<CircuitText>& texts, const std::string& key, Unit unit,
                   std::pair<double, double> range, const std::string& cure,
                   std::vector<Mistake>& mistakes, const Take& take) {
    for (const CircuitText& one : texts) {
        std::string why;
        const auto value = parse_quantity(one.text, unit, why);
        if (!value || *value < range.first || *value > range.second) {
            note(mistakes, one.place,
                 value ? fmt::format("{} is {}, and goes from {} to {}", key, one.text,
                                     quantity_text(range.first, unit),
                                     quantity_text(range.second, unit))
                       : fmt::format("{} \"{}\" cannot be read", key, one.text),
                 cure);
            return;
        }
        take(static_cast<std::size_t>(one.circuit), *value);
    }
}

void read_leakage(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes) {
    const MeterType* type = plan.spec.type;
    const bool given = table.node("leakage") != nullptr;
    if (type == nullptr)
        return;
    if (given && !plan.spec.residual_fitted)
        plan.spec.residual_fitted = true;
    if (!given)
        return;
    if (!type->residual_current)
        return table.wrong("leakage", "a " + type->name + " measures no residual current",
                           "leave leakage out, or write residual_current = true in its meter.toml");
    if (!has_residual(plan.spec))
        return table.wrong("leakage", "these options have no residual current input",
                           how_to_fit(*type, Fitting::residual) + ", or leave leakage out");
    const std::string cure = "write \"30 mA\", or a list with one for each circuit";
    each_quantity(circuit_texts(table, "leakage", type->circuits, cure), "leakage", Unit::ampere,
                  {0, 100}, cure, mistakes,
                  [&](std::size_t n, double value) { plan.leakage_a[n] = value; });
}

void read_temperatures(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes) {
    const MeterType* type = plan.spec.type;
    const bool given = table.node("temperature") != nullptr;
    if (type == nullptr)
        return;
    if (given && !plan.spec.sensors_fitted)
        plan.spec.sensors_fitted = true;
    if (!given)
        return;
    if (type->sensors_per_unit() == 0)
        return table.wrong("temperature", "a " + type->name + " shows no temperature",
                           "leave temperature out");
    if (!has_sensors(plan.spec))
        return table.wrong("temperature", "these options have no temperature input",
                           how_to_fit(*type, Fitting::temperature) + ", or leave temperature out");
    if (plan.spec.sensors_fitted.value_or(false) && plan.spec.residual_fitted.value_or(false) &&
        exclude_each_other(type->options, Option::temperature, Option::residual))
        return table.wrong("temperature",
                           "a " + type->name + " has temperatures or residual currents, not both",
                           "leave temperature or leakage out");
    const bool several = type->sensors_per_unit() > 1;
    const std::string cure = fmt::format("write \"35 degC\", or a list with one for each {}",
                                         several ? "sensor" : "circuit");
    each_quantity(circuit_texts(table, "temperature", type->circuits * type->sensors_per_unit(),
                                cure, several ? "sensor" : "circuit"),
                  "temperature", Unit::celsius, {-60, 200}, cure, mistakes,
                  [&](std::size_t n, double value) { plan.spec.temperature_c[n] = value; });
}

} // namespace

void read_unit(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes) {
    const MeterType* type = plan.spec.type;
    const auto accuracy = table.choice("accuracy", {"ideal", "class"});
    plan.by_class = accuracy == "class" && type != nullptr;
    if (plan.by_class && accuracy_of(plan.spec).empty()) {
        plan.by_class = false;
        table.wrong("accuracy", "a " + type->name + " promises no accuracy for this rating",
                    "add [[accuracy]] to its meter.toml, or leave accuracy out");
    }
    if (const auto ambient = table.quantity("ambient", Unit::celsius)) {
        keep_within(table, "ambient", *ambient, -60.0, 120.0, "-60 degC to 120 degC",
                    "the air around a meter");
        plan.ambient_c = *ambient;
    }
    if (const auto drift = table.quantity("clock_drift", Unit::second)) {
        keep_within(table, "clock_drift", *drift, -600.0, 600.0, "-10 min to 10 min",
                    "what a clock gains in a day");
        plan.crystal = *drift / 86400.0;
    }
    plan.calibrated = table.boolean("calibrated").value_or(false);
    if (plan.calibrated && type != nullptr && !type->calibration)
        table.wrong("calibrated", "a " + type->name + " cannot be calibrated",
                    "leave calibrated out, or write calibration = true in its meter.toml");
    read_leakage(table, plan, mistakes);
    read_contacts(table, plan, mistakes);
    read_temperatures(table, plan, mistakes);
}

} // namespace kpmsim
