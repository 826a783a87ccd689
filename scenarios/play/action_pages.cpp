#include "scenarios/play/action_pages.hpp"

#include "scenarios/play/action.hpp"
#include "scenarios/play/fault_presets.hpp"
#include "scenarios/play/wiring_signs.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kpmsim {
namespace {

using Json = nlohmann::ordered_json;

std::string_view unit_text(Unit unit) {
    switch (unit) {
    case Unit::volt:
        return "V";
    case Unit::ampere:
        return "A";
    case Unit::watt:
        return "W";
    case Unit::var:
        return "var";
    case Unit::volt_ampere:
        return "VA";
    case Unit::hertz:
        return "Hz";
    case Unit::second:
        return "s";
    case Unit::degree:
        return "deg";
    case Unit::celsius:
        return "degC";
    case Unit::fraction:
        break;
    }
    return "%";
}

bool has_range(const ActionParameter& p) {
    using enum ParameterForm;
    return p.form == quantity || p.form == duration || p.form == number || p.form == integer ||
           p.form == factors;
}

double shown(const ActionParameter& p, double limit) {
    return (p.form == ParameterForm::quantity && p.unit == Unit::fraction) ||
                   p.form == ParameterForm::factors
               ? 100 * limit
               : limit;
}

std::string unit_of(const ActionParameter& p) {
    if (p.form == ParameterForm::quantity)
        return std::string{unit_text(p.unit)};
    if (p.form == ParameterForm::duration)
        return "s";
    return p.form == ParameterForm::factors ? "%" : "";
}

std::string range_of(const ActionParameter& p) {
    if (!p.choices.empty())
        return fmt::format("{}", fmt::join(p.choices, ", "));
    if (!has_range(p))
        return std::string{name_of(p.form)};
    const std::string unit = unit_of(p);
    return fmt::format("{:g} to {:g}{}{}", shown(p, p.least), shown(p, p.most),
                       unit.empty() ? "" : " ", unit);
}

Json text_or_null(std::string_view text) { return text.empty() ? Json{} : Json(std::string{text}); }

Json parameter_json(const ActionParameter& p) {
    Json out{{"name", p.name}, {"title", p.title}, {"form", name_of(p.form)}};
    out["unit"] = text_or_null(unit_of(p));
    out["least"] = has_range(p) ? Json(p.least) : Json{};
    out["most"] = has_range(p) ? Json(p.most) : Json{};
    out["needed"] = p.needed;
    out["default"] = text_or_null(p.otherwise);
    out["example"] = text_or_null(p.example);
    out["choices"] = p.choices.empty() ? Json{} : Json(p.choices);
    return out;
}

/// How a parameter is written, as a schema.
Json schema_of(const ActionParameter& p) {
    Json out{{"description", p.title}};
    switch (p.form) {
    case ParameterForm::number:
    case ParameterForm::integer:
        out["type"] = p.form == ParameterForm::number ? "number" : "integer";
        out["minimum"] = p.least;
        out["maximum"] = p.most;
        break;
    case ParameterForm::choice:
        out["enum"] = p.choices;
        break;
    case ParameterForm::phases:
        out["enum"] = {"a",  "b",   "c",   "ab",  "ba",  "bc",  "cb", "ac",
                       "ca", "abc", "acb", "bac", "bca", "cab", "cba"};
        break;
    case ParameterForm::two_phases:
        out["enum"] = {"ab", "ba", "bc", "cb", "ac", "ca"};
        break;
    case ParameterForm::phase:
        out["enum"] = {"a", "b", "c"};
        break;
    case ParameterForm::harmonics:
        out["type"] = "object";
        out["additionalProperties"] = {{"type", "string"}};
        break;
    case ParameterForm::factors:
        out["type"] = "array";
        out["items"] = {{"type", "string"}};
        out["minItems"] = out["maxItems"] = 3;
        break;
    case ParameterForm::json:
        out["type"] = {"string", "object", "array"};
        break;
    case ParameterForm::power_factor:
        out["type"] = {"string", "number"};
        break;
    case ParameterForm::topic:
        out["type"] = "string";
        out["pattern"] = "^[^+#]+$";
        break;
    default:
        out["type"] = "string";
    }
    return out;
}

bool is_common(const ActionKind& kind, std::string_view key) {
    const bool on_supply = kind.target == ActionTarget::supply;
    if (key == "supply")
        return on_supply;
    if (key == "load")
        return kind.target == ActionTarget::load;
    if (key == "line")
        return kind.target == ActionTarget::line;
    if (key == "circuit" && kind.target == ActionTarget::broker)
        return false;
    if (key == "meter" || key == "tag" || key == "model" || key == "circuit")
        return !on_supply;
    if (key == "for")
        return kind.lasting != Lasting::instant;
    return key != "edge" || kind.edge;
}

Json schema_of(const ActionKind& kind) {
    Json properties{{"kind", {{"const", kind.name}}}};
    for (const CommonKey& key : common_keys()) {
        if (key.name == "kind" || !is_common(kind, key.name))
            continue;
        Json one{{"description", key.title}};
        if (key.whole)
            one["type"] = "integer";
        else if (key.name == "at" || key.name == "for" || key.name == "every" || key.name == "edge")
            one["type"] = "string";
        else
            one["type"] = {"string", "array"};
        properties[std::string{key.name}] = std::move(one);
    }
    Json required{"kind"};
    for (const ActionParameter& p : kind.parameters) {
        properties[std::string{p.name}] = schema_of(p);
        if (p.needed)
            required.push_back(p.name);
    }
    if (kind.lasting == Lasting::needed)
        required.push_back("for");
    return {{"title", kind.title},
            {"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(required)},
            {"additionalProperties", false}};
}

std::string heading_of(ActionTarget target) {
    switch (target) {
    case ActionTarget::supply:
        return "\n## On supplies\n";
    case ActionTarget::load:
        return "\n## On loads\n";
    case ActionTarget::meter:
        return "\n## On meters\n";
    case ActionTarget::line:
        return "\n## On lines, and the connections of meters\n\n"
               "Between a transport and the protocol on it, on the line itself or on what goes to "
               "and "
               "from the meters that are selected. Each counts the requests that it sees from when "
               "it "
               "begins; its draws come from the seed, the action's number, the place and that "
               "count, so "
               "that the same requests meet the same fate whenever they come. Several stack in the "
               "order "
               "in which they began. [Line faults](line-faults.md) says what each looks like on "
               "the "
               "wire.\n";
    case ActionTarget::broker:
        break;
    }
    return "\n## On messages\n\n"
           "On their way from the meters that are selected, or from all that have a broker. Each "
           "counts "
           "the messages of each meter from when it begins.\n";
}

std::string presets_text() {
    std::string md = "\n| preset | what causes it | faults |\n|---|---|---|\n";
    for (const FaultPreset& preset : fault_presets()) {
        std::vector<std::string> faults;
        for (const PresetFault& fault : preset.faults) {
            std::string text = fmt::format("`{}`", fault.kind);
            for (const auto& [key, value] : fault.number)
                text += key == "toxicity" ? fmt::format(" {:g} %", 100 * value)
                                          : fmt::format(" {} {:g}", key, value);
            for (const auto& [key, value] : fault.text)
                text += " " + value;
            faults.push_back(std::move(text));
        }
        md +=
            fmt::format("| `{}` | {} | {} |\n", preset.name, preset.title, fmt::join(faults, "; "));
    }
    return md;
}

std::string lasting_text(Lasting lasting) {
    switch (lasting) {
    case Lasting::instant:
        return "No `for`: it happens, and that is all";
    case Lasting::any:
        return "`for`, or until it is ended";
    case Lasting::needed:
        return "`for` is needed";
    case Lasting::own:
        break;
    }
    return "`for`, or as long as its parameters make of it";
}

/// How a wiring fault is told from the readings.
std::string signs_text() {
    std::string md =
        "\n## How wiring faults show\n\n"
        "Readings of a meter in star, 230 V, 1 kW a phase at 0.9 ind; of a lost neutral also with "
        "resistive loads of 1, 2 and 3 kW on phases a, b and c. A test plays each row. The truth "
        "of "
        "the API is what stands at the meter's terminals, so that it follows the fault, too.\n\n"
        "| action | reading | before | then | what it says |\n|---|---|---|---|---|\n";
    for (const WiringSign& sign : wiring_signs())
        md += fmt::format("| `{}`{}{} | `{}` | {:g} {} | {:g} {} | {} |\n", sign.kind,
                          sign.parameters.empty() ? std::string{}
                                                  : fmt::format(" `{}`", sign.parameters),
                          sign.kind != "neutral-lost" ? ""
                          : sign.uneven               ? " (1, 2, 3 kW)"
                                                      : " (balanced)",
                          sign.point, sign.before, sign.unit, sign.then, sign.unit, sign.says);
    return md +
           "\nAround a star point that nothing holds the currents sum to zero, order by order. "
           "Loads that hold their power or their current do so down to 5 % of their voltage, and "
           "are the impedance that they are there below: one that cannot have what it asks for "
           "ends with little voltage, not with a great one. A single load on one phase has neither "
           "voltage nor current. Harmonics that are in phase in all three (the third, of "
           "rectifiers) "
           "have no way back and do not flow: each load gives up its share of the sum, in "
           "proportion "
           "to what it draws.\n";
}

} // namespace

std::string action_kinds_json() {
    Json all = Json::array();
    for (const ActionKind& kind : action_kinds()) {
        Json one{{"kind", kind.name},          {"title", kind.title},
                 {"on", name_of(kind.target)}, {"lasting", name_of(kind.lasting)},
                 {"edge", kind.edge},          {"parameters", Json::array()}};
        for (const ActionParameter& p : kind.parameters)
            one["parameters"].push_back(parameter_json(p));
        all.push_back(std::move(one));
    }
    return all.dump();
}

std::string action_schema_json() {
    Json all{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
             {"title", "an action of kpmsim"},
             {"oneOf", Json::array()}};
    for (const ActionKind& kind : action_kinds())
        all["oneOf"].push_back(schema_of(kind));
    return all.dump();
}

std::string actions_page() {
    std::string md = "# Actions\n\n"
                     "What can be done to a farm while it runs: by `[[do]]` in its file, by "
                     "`kpmsim act`, by the "
                     "control API. One table in the program "
                     "(`scenarios/play/*_kinds.cpp`) makes the "
                     "reader, the flags, the schema and this page.\n\n"
                     "Every action has:\n\n| key | meaning | example |\n|---|---|---|\n";
    for (const CommonKey& key : common_keys())
        md += fmt::format("| `{}` | {} | `{}` |\n", key.name, key.title, key.example);
    md +=
        "\nLengths of time are written as everywhere: `\"200 ms\"`, `\"10 min\"`, `\"15m\"`, "
        "`\"2h\"`, "
        "`\"10 cycles\"` of the supply. An action on a supply, a load or the wiring has its exact "
        "time "
        "inside a window, to a sample; one on the meter acts from the first window that begins at "
        "or "
        "after it. Ending an action makes everything as it was.\n\n"
        "With `every` and `times` it happens again: each time is a whole action, over before the "
        "next one begins. Where actions overlap, each goes with its own end: on a load each "
        "acts on it as those that began before have left it, and what stands beside it adds; "
        "changes of "
        "the wiring come one on top of the other; of two that say what "
        "holds (a set point, what a point shows, which unit stands there) the later one does until "
        "it is over. Power is there when no cut holds, or the one that began last gives a voltage "
        "that does. When a swapped meter's action ends, the "
        "unit "
        "that stood there before stands there again, with its serial number, and counts from zero "
        "as "
        "the other one did. A counter that was reset or rolled over shows again what it has "
        "counted "
        "all the time.\n\n"
        "A meter without power is silent on every line and on Modbus-TCP, where its connections "
        "stay "
        "open as a gateway's do and a client waits in vain. Its MQTT connections end without "
        "DISCONNECT, so that the broker sees a dead client, and it connects again when power is "
        "back; both at the end of the step in which it happens (0.2 s in real time, else up to a "
        "second), and an advance waits for it.\n";
    ActionTarget last{};
    bool first = true;
    for (const ActionKind& kind : action_kinds()) {
        if (first || kind.target != last)
            md += heading_of(kind.target);
        first = false;
        last = kind.target;
        md += fmt::format("\n### {}\n\n{}. {}{}.\n", kind.name, kind.title,
                          lasting_text(kind.lasting), kind.edge ? "; `edge` makes it a ramp" : "");
        if (kind.parameters.empty())
            continue;
        md += "\n| parameter | meaning | range | default | example |\n|---|---|---|---|---|\n";
        for (const ActionParameter& p : kind.parameters)
            md += fmt::format("| `{}` | {} | {} | {} | `{}` |\n", p.name, p.title, range_of(p),
                              p.needed              ? "needed"
                              : p.otherwise.empty() ? "–"
                                                    : p.otherwise,
                              p.example);
        if (kind.name == "line-preset")
            md += presets_text();
    }
    return md + signs_text();
}

} // namespace kpmsim
