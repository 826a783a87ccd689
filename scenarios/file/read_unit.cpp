#include "files/units.hpp"
#include "scenarios/file/farm_reader.hpp"

namespace kpmsim {

void read_unit(TomlTable& table, MeterPlan& plan, bool sensors_fitted,
               std::vector<Mistake>& mistakes) {
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
    if (const auto leakage = table.quantity("leakage", Unit::ampere)) {
        keep_within(table, "leakage", *leakage, 0.0, 100.0, "0 A to 100 A", "a leak to earth");
        plan.leakage_a = *leakage;
        if (type != nullptr && !type->residual_current)
            table.wrong("leakage", "a " + type->name + " measures no residual current",
                        "leave leakage out, or write residual_current = true in its meter.toml");
    }
    const TomlNode* given = table.node("temperature");
    if (given == nullptr || type == nullptr)
        return;
    if (!type->open_temperature_c) {
        table.wrong("temperature", "a " + type->name + " shows no temperature",
                    "leave temperature out");
    } else if (!sensors_fitted) {
        table.wrong("temperature", "these options have no temperature input",
                    "add -T to options (it excludes -S), or leave temperature out");
    } else {
        const std::string cure = "write \"35 degC\", or a list with one for each circuit";
        for (const CircuitText& one : circuit_texts(table, "temperature", type->circuits, cure)) {
            std::string why;
            const auto value = parse_quantity(one.text, Unit::celsius, why);
            if (!value) {
                note(mistakes, one.place, "temperature \"" + one.text + "\" is no temperature",
                     cure);
                break;
            }
            if (*value < -60.0 || *value > 200.0) {
                note(mistakes, one.place,
                     "temperature is " + one.text + ", and a sensor goes from -60 to 200",
                     "write a value from -60 degC to 200 degC");
                break;
            }
            plan.spec.temperature_c[static_cast<std::size_t>(one.circuit)] = *value;
        }
    }
}

} // namespace kpmsim
