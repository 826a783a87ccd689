#include "scenarios/file/farm_reader.hpp"
#include "waveforms/influence.hpp"

#include <fmt/format.h>

#include <charconv>

namespace kpmsim {
namespace {

std::array<double, 3> three(TomlTable& table, const std::string& key, Unit unit,
                            std::array<double, 3> value, std::vector<Mistake>& mistakes) {
    const auto written = table.texts(key);
    if (!written)
        return value;
    const std::string example{unit == Unit::degree ? "[\"0 deg\", \"-120 deg\", \"120 deg\"]"
                                                   : "[\"100 %\", \"98 %\", \"101 %\"]"};
    if (written->size() != 3) {
        table.wrong(key, key + " holds " + std::to_string(written->size()) + " values",
                    "write one for each phase: " + example);
        return value;
    }
    for (std::size_t i = 0; i < 3; ++i) {
        std::string why;
        if (const auto read = parse_quantity((*written)[i], unit, why))
            value[i] = *read;
        else
            note(mistakes, table.place_of(key), fmt::format("{}: {}", key, why), "");
    }
    return value;
}

void read_unbalance(TomlTable& supply, SupplySpec& spec, FarmReading& reading) {
    const TomlNode* node = supply.table("unbalance");
    const auto rotation = supply.choice("rotation", {"abc", "acb"});
    if (rotation == "acb")
        spec.angle_deg = {0, 120, -120};
    if (node == nullptr)
        return;
    TomlTable table{*node, "unbalance", reading.mistakes};
    spec.magnitude = three(table, "magnitude", Unit::fraction, spec.magnitude, reading.mistakes);
    for (const double factor : spec.magnitude)
        keep_within(table, "magnitude", factor, 0.0, 2.0, "0 % to 200 %", "a phase's magnitude");
    if (table.node("angle") != nullptr && rotation) {
        table.wrong("angle", "angle and rotation say the same thing twice",
                    "keep one of them; angles of -120 and 120 deg turn as abc");
    }
    spec.angle_deg = three(table, "angle", Unit::degree, spec.angle_deg, reading.mistakes);
    table.finish();
}

void read_interharmonics(TomlTable& supply, SupplySpec& spec, FarmReading& reading) {
    const TomlNode* list = supply.array("interharmonics");
    if (list == nullptr)
        return;
    for (const TomlNode& item : std::get<TomlArray>(list->value)) {
        if (!item.is_table()) {
            note(reading.mistakes, item.place, "an interharmonic is not a table",
                 "write { f = \"175 Hz\", u = \"0.5 %\" }");
            continue;
        }
        TomlTable table{item, "interharmonic", reading.mistakes};
        Interharmonic tone;
        tone.hz = table.quantity("f", Unit::hertz).value_or(0.0);
        tone.fraction = table.quantity("u", Unit::fraction).value_or(0.0);
        tone.angle_deg = table.quantity("angle", Unit::degree).value_or(0.0);
        if (item.find("f") == nullptr) {
            table.missing("f", "f = \"175 Hz\"");
        } else {
            keep_within(table, "f", tone.hz, 0.1, 2500.0, "0.1 Hz to 2500 Hz",
                        "an interharmonic's frequency");
        }
        if (item.find("u") == nullptr) {
            table.missing("u", "u = \"0.5 %\"");
        } else {
            keep_within(table, "u", tone.fraction, 0.0, 1.0, "0 % to 100 %",
                        "an interharmonic's level");
        }
        table.finish();
        spec.interharmonics.push_back(tone);
    }
}

void read_drift(TomlTable& supply, SupplySpec& spec, FarmReading& reading) {
    const TomlNode* node = supply.table("drift");
    if (node == nullptr)
        return;
    TomlTable table{*node, "drift", reading.mistakes};
    spec.u_drift.deviation = table.quantity("u", Unit::fraction).value_or(0.0);
    spec.f_drift.deviation = table.quantity("f", Unit::hertz).value_or(0.0);
    spec.u_drift.time_constant_s = table.quantity("u_time", Unit::second).value_or(60.0);
    spec.f_drift.time_constant_s = table.quantity("f_time", Unit::second).value_or(60.0);
    keep_within(table, "u", spec.u_drift.deviation, 0.0, 0.2, "0 % to 20 %", "the drift of u");
    keep_within(table, "f", spec.f_drift.deviation, 0.0, 2.0, "0 Hz to 2 Hz", "the drift of f");
    keep_within(table, "u_time", spec.u_drift.time_constant_s, 1.0, 1e6, "1 s to 1000000 s",
                "the drift's time constant");
    keep_within(table, "f_time", spec.f_drift.time_constant_s, 1.0, 1e6, "1 s to 1000000 s",
                "the drift's time constant");
    table.finish();
}

void read_disturbances(TomlTable& supply, SupplyPlan& plan, FarmReading& reading) {
    constexpr int most = 1000;
    const TomlNode* list = supply.array("disturbance");
    if (list == nullptr)
        return;
    int count = 0;
    for (const TomlNode& item : std::get<TomlArray>(list->value)) {
        if (!item.is_table()) {
            note(reading.mistakes, item.place, "a disturbance is not a table",
                 "write [[supply." + plan.name + ".disturbance]] with its keys below");
        } else if (auto one = read_disturbance(plan.name, item, plan.spec, reading.start,
                                               reading.mistakes)) {
            count += one->times;
            plan.disturbances.push_back(*one);
        }
    }
    if (count > most) {
        supply.wrong("disturbance",
                     "supply " + plan.name + " is disturbed " + std::to_string(count) + " times",
                     "a supply has room for " + std::to_string(most));
    }
}

} // namespace

std::vector<std::string> wave_names() {
    std::vector<std::string> names;
    for (const PeriodicWave& wave : periodic_waves())
        names.emplace_back(wave.name);
    return names;
}

void keep_within(TomlTable& table, const std::string& key, double value, double least, double most,
                 const std::string& range, const std::string& what) {
    if (!(value >= least && value <= most))
        table.wrong(key, key + " is out of range", what + " goes from " + range);
}

std::vector<Harmonic> read_harmonics(TomlTable& table, const std::string& key,
                                     std::vector<Mistake>& mistakes) {
    std::vector<Harmonic> harmonics;
    const TomlNode* node = table.table(key);
    if (node == nullptr)
        return harmonics;
    for (const auto& [order, value] : std::get<TomlEntries>(node->value)) {
        Harmonic harmonic;
        const auto [end, error] =
            std::from_chars(order.data(), order.data() + order.size(), harmonic.order);
        if (error != std::errc{} || end != order.data() + order.size() || harmonic.order < 2 ||
            harmonic.order >= Spectrum::orders || order.front() == '0') {
            note(mistakes, value.key, "harmonic order \"" + order + "\" cannot be",
                 "write a whole number from 2 to 50");
            continue;
        }
        const auto* text = std::get_if<std::string>(&value.value);
        if (text == nullptr) {
            note(mistakes, value.place, "harmonic " + order + " is not a text",
                 "write " + order + " = \"2.5 %\" or \"2.5 % @ 180deg\"");
            continue;
        }
        const std::size_t at = text->find('@');
        std::string why;
        const auto fraction = parse_quantity(text->substr(0, at), Unit::fraction, why);
        const auto angle = at == std::string::npos
                               ? std::optional{0.0}
                               : parse_quantity(text->substr(at + 1), Unit::degree, why);
        if (!fraction || !angle) {
            note(mistakes, value.place, fmt::format("harmonic {}: {}", order, why),
                 "an angle stands behind an @: \"2.5 % @ 180deg\"");
            continue;
        }
        if (*fraction < 0.0 || *fraction > 5.0) {
            note(mistakes, value.place, "harmonic " + order + " is out of range",
                 "its level goes from 0 % to 500 % of the fundamental");
            continue;
        }
        harmonic.fraction = *fraction;
        harmonic.angle_deg = *angle;
        harmonics.push_back(harmonic);
    }
    return harmonics;
}

SupplyPlan read_supply(const std::string& name, const TomlNode& node, FarmReading& reading) {
    SupplyPlan plan;
    plan.name = name;
    SupplySpec& spec = plan.spec;
    TomlTable table{node, "supply " + name, reading.mistakes};
    if (node.find("recording") != nullptr) {
        read_recorded_supply(table, node, plan, reading);
        table.finish();
        return plan;
    }
    table.node("recording");
    spec.u_v = table.quantity("u", Unit::volt).value_or(spec.u_v);
    keep_within(table, "u", spec.u_v, 0.0, 1e6, "0 V to 1000 kV, line to neutral",
                "a supply's voltage");
    spec.f_hz = table.quantity("f", Unit::hertz).value_or(spec.f_hz);
    keep_within(table, "f", spec.f_hz, 40.0, 70.0, "40 Hz to 70 Hz", "a supply's frequency");
    read_unbalance(table, spec, reading);
    if (const TomlNode* harmonics = table.table("harmonics")) {
        TomlTable orders{*harmonics, "harmonics of supply " + name, reading.mistakes};
        spec.harmonics = read_harmonics(orders, "u", reading.mistakes);
        spec.phase_harmonics = {read_harmonics(orders, "u_a", reading.mistakes),
                                read_harmonics(orders, "u_b", reading.mistakes),
                                read_harmonics(orders, "u_c", reading.mistakes)};
        orders.finish();
    }
    read_interharmonics(table, spec, reading);
    spec.dc_v = table.quantity("dc", Unit::volt).value_or(0.0);
    keep_within(table, "dc", spec.dc_v, -1e6, 1e6, "-1000 kV to 1000 kV", "a supply's DC");
    spec.noise_v = table.quantity("noise", Unit::volt).value_or(0.0);
    keep_within(table, "noise", spec.noise_v, 0.0, 1e5, "0 V to 100 kV", "noise");
    read_drift(table, spec, reading);
    if (const auto wave = table.choice("wave", wave_names())) {
        const std::vector<Harmonic>& voltage = find_wave(*wave)->voltage;
        spec.harmonics.insert(spec.harmonics.end(), voltage.begin(), voltage.end());
    }
    read_disturbances(table, plan, reading);
    table.finish();
    return plan;
}

} // namespace kpmsim
