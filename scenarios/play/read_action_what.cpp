#include "scenarios/play/action_reader.hpp"

#include "files/json_node.hpp"
#include "models/engine/fitted_names.hpp"
#include "models/type/serial.hpp"
#include "scenarios/file/auxiliary.hpp"
#include "sim/iso_time.hpp"
#include "sim/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace kpmsim {
namespace {

bool is_counter(const Point& point) {
    return point.kind == PointKind::quantity &&
           info(Quantity{point.index}).kind == QuantityKind::energy;
}

/// As the parameter would be written.
std::string bound(const ActionParameter& parameter, double value) {
    if (parameter.form == ParameterForm::quantity)
        return quantity_text(value, parameter.unit);
    return fmt::format("{:g}{}", value, parameter.form == ParameterForm::duration ? " s" : "");
}

} // namespace

bool ActionReader::is_disturbance() const {
    return action_.kind->target == ActionTarget::supply && action_.kind->name != "set-supply";
}

void ActionReader::read_disturbances() {
    TomlNode written{node_.place, TomlEntries{}, node_.key};
    auto& entries = std::get<TomlEntries>(written.value);
    for (const TomlEntry& entry : std::get<TomlEntries>(node_.value)) {
        table_.node(entry.key);
        if (entry.key != "supply" && entry.key != "at" && entry.key != "every" &&
            entry.key != "times")
            entries.push_back(entry);
    }
    entries.push_back({"at", TomlNode{node_.place, std::string{"0 s"}, node_.place}});
    for (const std::size_t n : action_.supplies) {
        const SupplyPlan& supply = plan_.supplies[n];
        if (auto plan = read_disturbance(supply.name, written, supply.spec, plan_.start, mistakes_))
            action_.disturbances.push_back(*plan);
    }
}

void ActionReader::read_parameters() {
    for (const ActionParameter& parameter : action_.kind->parameters) {
        const std::string key{parameter.name};
        if (has(key))
            read_parameter(key, parameter);
        else if (parameter.needed)
            table_.missing(key, fmt::format("{} = {}", key, parameter.example));
    }
    check_together();
}

void ActionReader::take(const std::string& key, const ActionParameter& parameter, double value,
                        const std::string& shown) {
    if (value < parameter.least || value > parameter.most)
        table_.wrong(key, fmt::format("{} {} is out of range", key, shown),
                     fmt::format("write from {} to {}", bound(parameter, parameter.least),
                                 bound(parameter, parameter.most)));
    action_.number[key] = value;
}

void ActionReader::read_parameter(const std::string& key, const ActionParameter& parameter) {
    switch (parameter.form) {
    case ParameterForm::quantity:
        if (const auto value = table_.quantity(key, parameter.unit))
            take(key, parameter, *value, *table_.text(key));
        break;
    case ParameterForm::duration:
        if (const auto length = duration(key))
            take(key, parameter, seconds(*length), *table_.text(key));
        break;
    case ParameterForm::number:
        if (const auto value = table_.number(key))
            take(key, parameter, *value, fmt::format("{:g}", *value));
        break;
    case ParameterForm::integer:
        if (const auto value =
                table_.integer(key, std::llround(parameter.least), std::llround(parameter.most)))
            action_.number[key] = static_cast<double>(*value);
        break;
    case ParameterForm::choice:
        if (const auto one =
                table_.choice(key, {parameter.choices.begin(), parameter.choices.end()}))
            action_.text[key] = *one;
        break;
    case ParameterForm::text:
    case ParameterForm::load:
    case ParameterForm::point:
    case ParameterForm::serial:
    case ParameterForm::topic:
        read_name(key, parameter.form);
        break;
    case ParameterForm::json:
        read_json(key);
        break;
    case ParameterForm::phases:
        read_phases(key, 1, 3);
        break;
    case ParameterForm::phase:
        read_phases(key, 1, 1);
        break;
    case ParameterForm::two_phases:
        read_phases(key, 2, 2);
        break;
    case ParameterForm::power_factor: {
        LoadSpec spec;
        read_power_factor(table_, spec);
        action_.number[key] = spec.capacitive ? -spec.pf : spec.pf;
        break;
    }
    case ParameterForm::ct_ratio:
    case ParameterForm::pt_ratio:
        read_transformer(key, parameter);
        break;
    case ParameterForm::harmonics:
        action_.harmonics[key] = read_harmonics(table_, key, mistakes_);
        break;
    case ParameterForm::factors:
        read_factors(key, parameter);
        break;
    case ParameterForm::moment:
        read_time(key);
        break;
    }
}

/// A payload is written as the text that goes out, or as what it says.
void ActionReader::read_json(const std::string& key) {
    const TomlNode* const node = table_.node(key);
    if (node->is_table() || node->is_array())
        action_.text[key] = json_text(*node);
    else
        read_name(key, ParameterForm::json);
}

void ActionReader::read_name(const std::string& key, ParameterForm form) {
    const auto text = table_.text(key);
    if (!text)
        return;
    if (text->empty())
        table_.wrong(key, key + " is empty", "write its name, or leave it out");
    if (form == ParameterForm::load && !is_among(*text, names_of(plan_.loads)))
        table_.wrong(key, fmt::format("unknown load \"{}\"", *text),
                     "known: " + listed(names_of(plan_.loads)));
    if (form == ParameterForm::point)
        check_point(key, *text);
    if (form == ParameterForm::serial)
        check_serial(key, *text);
    if (form == ParameterForm::topic &&
        text->find_first_of(std::string_view{"+#\0", 3}) != text->npos)
        table_.wrong(
            key, fmt::format("nobody publishes to \"{}\"", *text),
            "leave +, # and zero bytes out: the first two stand for topics when one subscribes");
    action_.text[key] = *text;
}

void ActionReader::check_point(const std::string& key, const std::string& name) {
    const bool counts = action_.kind->name.starts_with("counter-");
    for (const CircuitPlace& place : action_.circuits) {
        const MeterSpec& spec = plan_.meters[place.meter].spec;
        const MeterType& type = *spec.type;
        const auto id = type.points.find(name);
        if (id && !fitted(spec, type.points[*id])) {
            table_.wrong(key, lacks(spec, *id), "choose a meter that has it, or fit it");
            return;
        }
        if (id && !type.points[*id].text && (!counts || is_counter(type.points[*id])))
            continue;
        if (id && !type.points[*id].text) {
            table_.wrong(key, fmt::format("{} is no counter", name),
                         "write an energy: e_p_import, e_p_export, …");
            return;
        }
        const std::string near = nearest(name, fitted_points(spec));
        table_.wrong(
            key,
            fmt::format("{} {} point \"{}\"", type.name, id ? "has a text as its" : "has no", name),
            near.empty() ? "`kpmsim map " + type.name + "` lists them"
                         : "did you mean " + near + "?");
        return;
    }
}

void ActionReader::check_serial(const std::string& key, const std::string& serial) {
    if (action_.circuits.empty())
        return;
    if (action_.circuits.size() > 1) {
        table_.wrong(
            key, fmt::format("{} meters would have the serial {}", action_.circuits.size(), serial),
            "select one meter");
        return;
    }
    const MeterPlan& mine = plan_.meters[action_.circuits.front().meter];
    const MeterType& type = *mine.spec.type;
    if (const std::string why = serial_fault(type.serial, serial, type.circuits); !why.empty()) {
        table_.wrong(key, fmt::format("\"{}\" is no serial number: {}", serial, why),
                     fmt::format("{} has {}", mine.spec.name, mine.spec.serial));
        return;
    }
    for (const MeterPlan& other : plan_.meters)
        for (int theirs = 0; theirs < other.spec.type->circuits; ++theirs)
            for (int circuit = 0; circuit < type.circuits; ++circuit)
                if (circuit_serial(other.spec.type->serial, other.spec.serial, theirs) ==
                    circuit_serial(type.serial, serial, circuit)) {
                    table_.wrong(key, fmt::format("{} has the serial {}", other.spec.name, serial),
                                 "write one that no meter of the farm has");
                    return;
                }
}

void ActionReader::check_jump() {
    const auto by = action_.number.find("by");
    if (action_.kind->name != "clock-jump" || by == action_.number.end())
        return;
    const CivilTime there =
        civil_time(plan_.start, action_.from) + std::chrono::seconds{std::llround(by->second)};
    if (!on_meter_clock(there))
        table_.wrong("by", "that leads out of the years that a meter's clock shows",
                     fmt::format("they go from {} to {}", first_clock_year, last_clock_year));
}

void ActionReader::read_phases(const std::string& key, std::size_t least, std::size_t most) {
    const auto text = table_.text(key);
    if (!text)
        return;
    bool right = text->size() >= least && text->size() <= most;
    for (std::size_t n = 0; n < text->size(); ++n)
        right = right && (*text)[n] >= 'a' && (*text)[n] <= 'c' &&
                text->find((*text)[n], n + 1) == std::string::npos;
    if (!right)
        table_.wrong(key, fmt::format("{} \"{}\" cannot be read", key, *text),
                     most == 1    ? "write \"a\", \"b\" or \"c\""
                     : least == 2 ? "write two phases: \"ab\", \"bc\" or \"ac\""
                                  : "write \"a\", \"bc\" or \"abc\", each phase once");
    action_.text[key] = *text;
}

void ActionReader::read_transformer(const std::string& key, const ActionParameter& parameter) {
    const auto text = table_.text(key);
    if (!text)
        return;
    const auto ratio = read_ratio(*text, parameter.form == ParameterForm::ct_ratio ? 'A' : 'V');
    if (!ratio)
        table_.wrong(key, fmt::format("{} \"{}\" cannot be read", key, *text),
                     fmt::format("write {}", parameter.example));
    action_.number[key] = ratio.value_or(1.0);
}

void ActionReader::check_together() {
    const std::string_view kind = action_.kind->name;
    if (kind == "load-set" && has("p") == has("i"))
        table_.wrong(has("p") ? "i" : "kind",
                     has("p") ? "p and i say the same thing twice" : "load-set lacks its power",
                     "write p = \"12 kW\" or i = \"16 A\"");
    if (kind == "wrong-ratio" && !has("ct") && !has("pt"))
        table_.wrong("kind", "wrong-ratio lacks a ratio", "write ct = \"200/5 A\" or pt");
    if (kind == "set-supply" && !(has("u") || has("f") || has("magnitude") || has("harmonics") ||
                                  has("interharmonic_f") || has("dc") || has("noise")))
        table_.wrong("kind", "set-supply sets nothing", "write u = \"240 V\", f, …");
    check_range();
    check_jump();
    if (kind == "set-supply" && (has("u") || has("magnitude")))
        for (const std::size_t n : action_.supplies)
            if (plan_.supplies[n].spec.u_v == 0.0)
                table_.wrong(has("u") ? "u" : "magnitude",
                             fmt::format("supply {} is written with 0 V, of which no voltage is a "
                                         "multiple",
                                         plan_.supplies[n].name),
                             "write its voltage there, and set 0 V with an action");
    if (kind == "input" || kind == "temperature" || kind == "sensor-open" || kind == "leakage" ||
        kind == "relay-stuck")
        check_inputs();
    if (kind == "power-off" && has("u"))
        check_auxiliary();
    if (kind == "keys")
        check_keys();
    if (kind == "set-supply" && has("interharmonic_f") != has("interharmonic_u"))
        table_.wrong("kind", "an interharmonic has a frequency and a size",
                     "write interharmonic_f and interharmonic_u");
}

namespace {

/// How many inputs for the action a circuit has, and what they are called.
std::pair<int, std::string_view> inputs_for(std::string_view kind, const MeterSpec& spec) {
    if (kind == "input")
        return {spec.inputs_fitted ? spec.type->inputs_per_unit() : 0, "input"};
    if (kind == "relay-stuck")
        return {spec.relays_fitted ? spec.type->coils_per_unit() : 0, "relay"};
    if (kind == "leakage")
        return {has_residual(spec) ? 1 : 0, "residual current input"};
    return {has_sensors(spec) ? spec.type->sensors_per_unit() : 0, "temperature sensor"};
}

} // namespace

void ActionReader::check_inputs() {
    const char* const key = action_.kind->name == "relay-stuck" ? "relay" : "input";
    const auto given = action_.number.find(key);
    const double n = given == action_.number.end() ? 1 : given->second;
    for (const CircuitPlace& place : action_.circuits) {
        const MeterSpec& spec = plan_.meters[place.meter].spec;
        const auto [own, name] = inputs_for(action_.kind->name, spec);
        if (n <= own)
            continue;
        table_.wrong(
            has(key) ? key : "meter",
            own == 0 ? fmt::format("{} has no {}", spec.name, name)
                     : fmt::format("a circuit of {} has {} {}{}", spec.name, own, name,
                                   own == 1 ? "" : "s"),
            own > 0 ? fmt::format("write {} = {}, or name the circuit", key, own)
            : action_.kind->name == "input" || action_.kind->name == "relay-stuck"
                ? "choose a meter that has one"
                : fmt::format("choose a meter with {} in its [[meter]]",
                              action_.kind->name == "leakage" ? "leakage" : "temperature"));
        return;
    }
}

void ActionReader::check_auxiliary() {
    const auto u = action_.text.find("u");
    if (u == action_.text.end())
        return; // what is written there is no text
    if (!read_auxiliary_voltage(u->second))
        table_.wrong("u", fmt::format("u \"{}\" cannot be read", u->second), auxiliary_cure);
    for (const CircuitPlace& place : action_.circuits) {
        const MeterSpec& spec = plan_.meters[place.meter].spec;
        if (spec.type->auxiliary)
            continue;
        table_.wrong("u", fmt::format("nobody says what supply a {} needs", spec.type->name),
                     "leave u out, or write [auxiliary] in its meter.toml");
        return;
    }
}

void ActionReader::check_range() {
    for (const auto& [one, other] : {std::pair{"first", "skip"}, std::pair{"last", "count"}})
        if (action_.number.contains(one) && action_.number.contains(other))
            table_.wrong(other, fmt::format("{} and {} say the same thing twice", one, other),
                         fmt::format("leave {} out", other));
    const auto first = action_.number.find("first");
    const auto last = action_.number.find("last");
    if (first != action_.number.end() && last != action_.number.end() &&
        first->second > last->second)
        table_.wrong("last", "last is before first", "write the last request that is hit");
}

void ActionReader::read_factors(const std::string& key, const ActionParameter& parameter) {
    const auto texts = table_.texts(key);
    if (!texts)
        return;
    std::array<double, 3> out{1, 1, 1};
    bool right = texts->size() == 3;
    for (std::size_t n = 0; right && n < 3; ++n) {
        std::string why;
        const auto value = parse_quantity((*texts)[n], Unit::fraction, why);
        right = value && *value >= parameter.least && *value <= parameter.most;
        out[n] = value.value_or(1.0);
    }
    if (!right)
        table_.wrong(key, key + " cannot be read",
                     fmt::format("write one for each phase, {:g} % to {:g} %: {}",
                                 100 * parameter.least, 100 * parameter.most, parameter.example));
    action_.factors[key] = out;
}

void ActionReader::read_time(const std::string& key) {
    const auto text = table_.text(key);
    Fault fault;
    if (text && read_site_time(*text, fault))
        action_.text[key] = *text;
    else if (text)
        table_.wrong(key, fault);
}

} // namespace kpmsim
