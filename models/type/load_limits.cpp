#include "models/type/load_type.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kpmsim {

namespace {

/// NAME_least_v and NAME_most_v; nothing where neither is there.
std::optional<VoltageSpan> read_span(TomlTable& t, const std::string& name,
                                     const std::vector<Mistake>& mistakes) {
    const std::string least = name + "_least_v", most = name + "_most_v";
    if (t.node(least) == nullptr && t.node(most) == nullptr)
        return std::nullopt;
    VoltageSpan span;
    const std::size_t before = mistakes.size();
    span.least = required_positive(t, least, least + " = 85", 1e-3, 1e6);
    span.most = required_positive(t, most, most + " = 260", 1e-3, 1e6);
    if (mistakes.size() == before && span.least > span.most)
        t.wrong(least, fmt::format("{} is {:g}, above {}", least, span.least, most), "swap them");
    return span;
}

void read_all(TomlTable& t, const MeterType& type, const std::string& key, bool star,
              OutputPlan& plan, std::vector<Mistake>& mistakes) {
    for (const PointId point :
         named_readings(t, key, type, "an output has readings: \"u_a\", \"p\", \"f\"", mistakes)) {
        auto at = std::find_if(plan.choices.begin(), plan.choices.end(),
                               [&](const OutputPlan::Choice& one) { return one.point == point; });
        if (at == plan.choices.end())
            at = plan.choices.insert(plan.choices.end(), {point});
        (star ? at->star : at->delta) = true;
    }
}

MeasuringRange read_range(const TomlNode& node, std::vector<Mistake>& mistakes) {
    TomlTable t{node, "range", mistakes};
    MeasuringRange range{read_span(t, "phase", mistakes), read_span(t, "line", mistakes)};
    if (range.empty())
        t.missing("phase_least_v", "phase_least_v = 85, phase_most_v = 260");
    t.finish();
    return range;
}

OverloadLimits read_overload(const TomlNode& node, std::vector<Mistake>& mistakes) {
    TomlTable t{node, "overload", mistakes};
    OverloadLimits limits;
    const auto take = [&](const char* key, double& value, double least) {
        if (t.node(key) != nullptr)
            value = required_positive(t, key, fmt::format("{} = {:g}", key, value), least, 1e4);
    };
    take("lasting", limits.lasting, 1);
    take("u", limits.u, limits.lasting * 1.01);
    take("u_s", limits.u_s, 1e-3);
    take("i", limits.i, limits.lasting * 1.01);
    take("i_s", limits.i_s, 1e-3);
    t.finish();
    return limits;
}

AuxiliaryRange read_auxiliary(const TomlNode& node, std::vector<Mistake>& mistakes) {
    TomlTable t{node, "auxiliary", mistakes};
    const auto ac = read_span(t, "ac", mistakes);
    const auto dc = read_span(t, "dc", mistakes);
    if (!ac)
        t.missing("ac_least_v", "ac_least_v = 85, ac_most_v = 265");
    t.finish();
    return {ac.value_or(VoltageSpan{}), dc.value_or(VoltageSpan{1, 0})}; // without: no DC at all
}

} // namespace

void read_limits(TomlTable& table, MeterType& type, std::vector<Mistake>& mistakes) {
    if (const TomlNode* range = table.table("range"))
        type.range = read_range(*range, mistakes);
    if (const TomlNode* range = table.table("range_data_sheet"))
        type.sheet_range = read_range(*range, mistakes);
    if (const TomlNode* overload = table.table("overload"))
        type.overload = read_overload(*overload, mistakes);
    if (const TomlNode* auxiliary = table.table("auxiliary"))
        type.auxiliary = read_auxiliary(*auxiliary, mistakes);
}

void read_sensor_limits(TomlTable& temperature, MeterType& type) {
    SensorLimits& limits = type.sensors;
    limits.least_c = temperature.number("least_c");
    limits.most_c = temperature.number("most_c");
    if (limits.least_c.has_value() != limits.most_c.has_value())
        temperature.missing(limits.least_c ? "most_c" : "least_c", "least_c = -20, most_c = 100");
    else if (limits.least_c && *limits.least_c > *limits.most_c)
        temperature.wrong("least_c", fmt::format("least_c is {:g}, above most_c", *limits.least_c),
                          "swap them");
    if (temperature.node("accuracy_c") != nullptr)
        limits.temperature_c =
            required_positive(temperature, "accuracy_c", "accuracy_c = 1", 1e-6, 50);
    if (temperature.node("sensor_percent") != nullptr)
        limits.resistance =
            0.01 * required_positive(temperature, "sensor_percent", "sensor_percent = 1", 1e-6, 50);
    if (limits.resistance > 0 && !type.temperature_by_ntc)
        temperature.wrong("sensor_percent", "only a thermistor's resistance has an error",
                          "write sensor = \"ntc\", or accuracy_c");
}

void read_output(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes) {
    TomlTable t{node, "output", mistakes};
    read_all(t, type, "star", true, type.output, mistakes);
    read_all(t, type, "delta", false, type.output, mistakes);
    if (type.output.empty())
        t.missing("star", "star = [\"u_a\", \"p\"], and delta");
    const SettingRow* row = type.setting(Role::output_quantity);
    const auto last = static_cast<std::int64_t>(type.output.choices.size()) - 1;
    if (!type.output.empty() && (row == nullptr || row->least != 0 || row->most != last))
        t.wrong(
            "star", "no setting chooses among the quantities",
            fmt::format("write one with role = \"output.quantity\", least = 0, most = {}", last));
    t.finish();
    Point point = plain_point("output_ma", "Analogue output", PointKind::output, Rights::read);
    point.unit = "mA";
    type.points.add(std::move(point));
}

} // namespace kpmsim
