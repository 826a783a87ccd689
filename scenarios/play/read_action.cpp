#include "files/duration.hpp"
#include "files/name_pattern.hpp"
#include "scenarios/file/farm_reader.hpp"
#include "scenarios/play/action.hpp"
#include "sim/iso_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace kpmsim {
namespace {

constexpr int most_times = 1000;
constexpr double longest_s = 1.5e9;

constexpr std::array keys{
    CommonKey{"kind", "what happens", "\"dip\""},
    CommonKey{"supply", "the supplies it is on, by name; * and ? stand for any characters",
              "\"main\""},
    CommonKey{"load", "the loads, by name", "\"office\""},
    CommonKey{"line", "the lines, by the name of their bus", "\"line1\""},
    CommonKey{"meter", "the meters, by name", "\"shop-*\""},
    CommonKey{"tag", "the meters with this tag", "\"cellar\""},
    CommonKey{"model", "the meters of this model", "\"kpm37\""},
    CommonKey{"circuit", "one circuit of them, from 1", "2", true},
    CommonKey{"at", "when: so long after the farm's start, or a time of the site; else at once",
              "\"90 s\""},
    CommonKey{"for", "how long; without it until it is ended", "\"10 cycles\""},
    CommonKey{"every", "from one begin to the next, where it happens several times", "\"10 s\""},
    CommonKey{"times", "how often it happens in all; needs `every`", "3", true},
    CommonKey{"edge", "how long the way there takes, in a straight line, and the way back",
              "\"2 s\""},
};

class ActionReader {
public:
    ActionReader(const TomlNode& node, const FarmPlan& plan, SimTime now,
                 std::vector<Mistake>& mistakes)
        : node_{node}, plan_{plan}, now_{now}, mistakes_{mistakes}, action_{action_of(node)},
          table_{node,
                 action_.kind != nullptr ? fmt::format("action {}", action_.kind->name)
                                         : std::string{"this action"},
                 mistakes} {}

    std::optional<FarmAction> read() {
        const std::size_t before = mistakes_.size();
        if (action_.kind == nullptr) {
            note_kind();
            return std::nullopt;
        }
        table_.node("kind");
        read_who();
        read_moment();
        if (is_disturbance())
            read_disturbances();
        else
            read_parameters();
        if (action_.kind->lasting == Lasting::own && action_.length == for_good)
            action_.length = own_length();
        read_repeats();
        table_.finish();
        if (mistakes_.size() != before)
            return std::nullopt;
        return std::move(action_);
    }

private:
    bool has(std::string_view key) const { return node_.find(std::string{key}) != nullptr; }

    static FarmAction action_of(const TomlNode& node) {
        FarmAction action;
        action.kind = kind_of(node);
        return action;
    }

    static const ActionKind* kind_of(const TomlNode& node) {
        const TomlNode* kind = node.find("kind");
        const auto* name = kind != nullptr ? std::get_if<std::string>(&kind->value) : nullptr;
        return name != nullptr ? find_action_kind(*name) : nullptr;
    }

    void note_kind() {
        std::vector<std::string> known;
        for (const ActionKind& kind : action_kinds())
            known.emplace_back(kind.name);
        if (const auto name = table_.text("kind")) {
            const std::string near = nearest(*name, known);
            table_.wrong("kind", fmt::format("unknown kind of action \"{}\"", *name),
                         near.empty() ? "known: " + listed(known)
                                      : fmt::format("did you mean {}?", near));
        } else if (!has("kind")) {
            table_.missing("kind", "kind = \"dip\"; known: " + listed(known));
        }
    }

    // Who ------------------------------------------------------------------------------------

    std::vector<std::string> patterns(const std::string& key) {
        const TomlNode* node = table_.node(key);
        if (node == nullptr)
            return {};
        if (node->is_text())
            return {std::get<std::string>(node->value)};
        return table_.texts(key).value_or(std::vector<std::string>{});
    }

    /// The places of those that fit; a pattern that fits none is a mistake.
    template <class Named, class NameOf>
    std::vector<std::size_t> chosen(const std::string& key, const std::vector<Named>& all,
                                    const NameOf& name) {
        std::vector<bool> in(all.size());
        for (const std::string& pattern : patterns(key)) {
            bool any = false;
            for (std::size_t n = 0; n < all.size(); ++n)
                if (fits(name(all[n]), pattern))
                    in[n] = any = true;
            if (any)
                continue;
            std::vector<std::string> names;
            for (std::size_t n = 0; n < std::min<std::size_t>(all.size(), 20); ++n)
                names.push_back(name(all[n]));
            table_.wrong(key, fmt::format("no {} fits \"{}\"", key, pattern),
                         fmt::format("there {} {}{}", all.size() == 1 ? "is" : "are", listed(names),
                                     all.size() > names.size() ? ", …" : ""));
        }
        std::vector<std::size_t> out;
        for (std::size_t n = 0; n < all.size(); ++n)
            if (in[n])
                out.push_back(n);
        return out;
    }

    void read_who() {
        if (action_.kind->target == ActionTarget::supply) {
            read_supplies();
            return;
        }
        std::vector<std::size_t> meters = read_meters();
        std::optional<int> circuit;
        if (const auto n = table_.integer("circuit", 1, max_circuits))
            circuit = static_cast<int>(*n) - 1;
        if (circuit)
            std::erase_if(meters, [&](std::size_t m) {
                return plan_.meters[m].spec.type->circuits <= *circuit;
            });
        if (circuit && meters.empty())
            table_.wrong("circuit", "no selected meter has such a circuit", "leave circuit out");
        if (action_.kind->target == ActionTarget::line)
            read_lines();
        if (action_.kind->target == ActionTarget::load)
            read_loads(meters, circuit);
        else
            for (const std::size_t m : meters)
                action_.circuits.push_back({m, circuit.value_or(-1)});
        if (action_.kind->target == ActionTarget::line)
            keep_places();
        if (action_.kind->target == ActionTarget::broker)
            keep_uploaders();
    }

    void read_lines() {
        if (has("line"))
            action_.lines = chosen(
                "line", plan_.buses, [](const BusPlan& one) { return one.name; });
    }

    /// Of what is selected, where the kind has a meaning; nothing of that is a mistake.
    void keep_places() {
        const bool any = !action_.lines.empty() || !action_.circuits.empty();
        const WirePlaces places = action_.kind->places;
        std::erase_if(
            action_.lines,
            [&](std::size_t n) {
                return places == WirePlaces::connection && plan_.buses[n].endpoints.empty();
            });
        std::erase_if(action_.circuits, [&](const CircuitPlace& place) {
            return !is_reached(plan_.meters[place.meter], places);
        });
        if (!any || !action_.lines.empty() || !action_.circuits.empty())
            return;
        const bool rtu = places == WirePlaces::rtu;
        table_.wrong(has("line") ? "line" : "meter",
                     fmt::format("{} needs {}, and nothing that is selected has one",
                                 action_.kind->name,
                                 rtu                                ? "an RS-485 line"
                                 : places == WirePlaces::connection ? "a TCP connection"
                                                                    : "a way to a meter"),
                     rtu ? "select a line, or meters with bus or modbus_rtu"
                         : "select meters with modbus_tcp, or what is reached by rtu_tcp");
    }

    bool is_reached(const MeterPlan& meter, WirePlaces places) const {
        const auto bus = std::find_if(plan_.buses.begin(), plan_.buses.end(),
                                      [&](const BusPlan& one) { return one.name == meter.bus; });
        const bool on_bus = bus != plan_.buses.end();
        const bool own_rtu = std::any_of(
            meter.endpoints.begin(), meter.endpoints.end(),
            [](const EndpointPlan& one) { return one.protocol == WireProtocol::modbus_rtu; });
        switch (places) {
        case WirePlaces::rtu:
            return on_bus || own_rtu;
        case WirePlaces::connection:
            return !meter.endpoints.empty() || (on_bus && !bus->endpoints.empty());
        case WirePlaces::all:
            break;
        }
        return on_bus || !meter.endpoints.empty();
    }

    void keep_uploaders() {
        std::erase_if(action_.circuits,
                      [&](const CircuitPlace& place) { return !plan_.meters[place.meter].mqtt; });
        if (action_.circuits.empty())
            table_.wrong(has("meter") ? "meter" : "kind",
                         "no selected meter sends messages to a broker",
                         "write mqtt = true in its [[meter]]");
    }

    void read_supplies() {
        if (!has("supply") && plan_.supplies.size() == 1)
            action_.supplies = {0};
        else if (!has("supply"))
            table_.missing("supply", "supply = \"" + plan_.supplies.front().name + "\"");
        else
            action_.supplies =
                chosen("supply", plan_.supplies, [](const SupplyPlan& one) { return one.name; });
        for (const std::size_t n : action_.supplies)
            if (plan_.supplies[n].recording)
                table_.wrong("supply",
                             fmt::format("supply {} plays a recording", plan_.supplies[n].name),
                             "nothing can happen to it but what was recorded");
    }

    std::vector<std::size_t> read_meters() {
        std::vector<bool> in(plan_.meters.size(), true);
        const auto only = [&](const std::vector<std::size_t>& some) {
            std::vector<bool> kept(in.size());
            for (const std::size_t n : some)
                kept[n] = in[n];
            in = std::move(kept);
        };
        const bool named = has("meter") || has("tag") || has("model");
        const std::size_t before = mistakes_.size();
        if (!named && action_.kind->target == ActionTarget::line) {
            if (!has("line"))
                table_.missing("line", "line = \"line1\", or meter, tag or model");
            return {};
        }
        if (has("meter"))
            only(chosen("meter", plan_.meters, [](const MeterPlan& m) { return m.spec.name; }));
        if (has("model"))
            only(chosen("model", plan_.meters,
                        [](const MeterPlan& m) { return m.spec.type->name; }));
        if (has("tag"))
            only(tagged());
        if (!named && action_.kind->target == ActionTarget::meter)
            table_.missing("meter",
                           "meter = \"" +
                               (plan_.meters.empty() ? "main" : plan_.meters[0].spec.name) +
                               "\", or tag or model");
        std::vector<std::size_t> out;
        for (std::size_t n = 0; n < in.size(); ++n)
            if (in[n])
                out.push_back(n);
        if (named && out.empty() && mistakes_.size() == before)
            table_.wrong("meter", "no meter is selected by all of meter, tag and model together",
                         "leave one of them out");
        return out;
    }

    std::vector<std::size_t> tagged() {
        std::vector<std::string> tags;
        for (const MeterPlan& meter : plan_.meters)
            tags.insert(tags.end(), meter.tags.begin(), meter.tags.end());
        std::sort(tags.begin(), tags.end());
        tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
        std::vector<std::string> meant;
        for (const std::size_t n : chosen("tag", tags, [](const std::string& tag) { return tag; }))
            meant.push_back(tags[n]);
        std::vector<std::size_t> out;
        for (std::size_t m = 0; m < plan_.meters.size(); ++m)
            for (const std::string& tag : plan_.meters[m].tags)
                if (is_among(tag, meant)) {
                    out.push_back(m);
                    break;
                }
        return out;
    }

    void read_loads(const std::vector<std::size_t>& meters, std::optional<int> circuit) {
        const bool selected = has("meter") || has("tag") || has("model");
        if (!has("load") && !selected) {
            table_.missing("load", "load = \"" +
                                       (plan_.loads.empty() ? "office" : plan_.loads[0].name) +
                                       "\", or the meters whose loads are meant");
            return;
        }
        std::vector<std::string> names;
        if (has("load"))
            for (const std::size_t n :
                 chosen("load", plan_.loads, [](const LoadPlan& one) { return one.name; }))
                names.push_back(plan_.loads[n].name);
        if (has("load") && names.empty())
            return;
        for (const std::size_t m : meters)
            for (int c = 0; c < plan_.meters[m].spec.type->circuits; ++c) {
                const std::string& load = plan_.meters[m].loads[static_cast<std::size_t>(c)];
                if ((!circuit || *circuit == c) && (names.empty() || is_among(load, names)))
                    action_.circuits.push_back({m, c});
            }
        if (action_.circuits.empty())
            table_.wrong("load", "no selected circuit draws this load",
                         "name the meters that do, or another load");
    }

    // When -----------------------------------------------------------------------------------

    /// Of the first supply that is meant.
    std::optional<double> cycle_hz() const {
        if (!action_.supplies.empty())
            return plan_.supplies[action_.supplies.front()].spec.f_hz;
        if (!action_.circuits.empty())
            for (const SupplyPlan& supply : plan_.supplies)
                if (supply.name == plan_.meters[action_.circuits.front().meter].supply)
                    return supply.spec.f_hz;
        return std::nullopt;
    }

    std::optional<SimDuration> duration(const std::string& key) {
        const auto text = table_.text(key, "write a length of time such as \"10 s\"");
        if (!text)
            return std::nullopt;
        Fault fault;
        const auto length = read_duration(*text, cycle_hz(), fault);
        if (!length)
            table_.wrong(key, Fault{key + " " + fault.what, fault.cure});
        return length;
    }

    void read_moment() {
        action_.from = now_;
        read_at();
        const Lasting lasting = action_.kind->lasting;
        if (lasting == Lasting::instant)
            refuse("for", "happens, and that is all");
        else if (const auto length = duration("for"))
            take_length(*length);
        else if (lasting == Lasting::needed && !has("for"))
            table_.missing("for", "for = \"10 cycles\"");
        if (!action_.kind->edge)
            refuse("edge", "is a step");
        else if (const auto edge = duration("edge"))
            take_edge(*edge);
    }

    void refuse(const std::string& key, const std::string& why) {
        if (has(key) && table_.node(key) != nullptr)
            table_.wrong(key, fmt::format("{} {}", action_.kind->name, why),
                         "leave " + key + " out");
    }

    void take_length(SimDuration length) {
        if (length <= SimDuration::zero())
            table_.wrong("for", "for is 0", "write a length of time, or leave it out");
        action_.length = length;
    }

    void take_edge(SimDuration edge) {
        if (edge > std::chrono::hours{1} || edge > action_.length)
            table_.wrong("edge", "edge is out of range",
                         "an edge is no longer than an hour, nor than for");
        action_.edge = edge;
    }

    /// Of a transient whose end nobody wrote: e^-20 of it is below what any meter shows.
    SimDuration own_length() const {
        const auto of = [&](const char* parameter, double times) {
            const auto value = action_.number.find(parameter);
            return value == action_.number.end()
                       ? for_good
                       : SimDuration{std::llround(value->second * times * 1e9)};
        };
        if (action_.kind->name == "inrush")
            return of("decay", 20);
        if (action_.kind->name == "pv-day")
            return std::chrono::hours{12};
        if (action_.kind->name == "reboot")
            return action_.number.contains("takes") ? of("takes", 1)
                                                    : SimDuration{std::chrono::seconds{3}};
        return for_good;
    }

    /// The same for every kind: each time is a whole action, from its begin to its end.
    void read_repeats() {
        const auto times = table_.integer("times", 2, most_times);
        if (has("every") != has("times"))
            has("every") ? table_.missing("times", "times = 3: how often it happens in all")
                         : table_.missing("every", "every = \"10 s\": from one begin to the next");
        if (!has("every") || table_.node("every") == nullptr)
            return;
        const auto every = duration("every");
        if (!every || !times)
            return;
        const bool lasts = action_.kind->lasting != Lasting::instant;
        if (*every <= SimDuration::zero())
            table_.wrong("every", "every is 0", "write a length of time, or leave it out");
        else if (lasts && action_.length == for_good)
            table_.wrong("every", "what stays for good cannot happen again", "add for");
        else if (lasts && *every < action_.whole())
            table_.wrong("every", "the next one begins before this one is over",
                         "write every longer than for and edge together");
        else if (seconds(*every) * static_cast<double>(*times) > longest_s)
            table_.wrong("every", "every is out of range", "all of it lasts up to 47 years");
        else {
            action_.every = *every;
            action_.times = static_cast<int>(*times);
        }
    }

    void read_at() {
        if (!has("at"))
            return;
        const auto text =
            table_.text("at", "write \"90 s\" after the farm's start, or a time of the "
                              "site such as \"2026-01-01T08:30:00\"");
        if (!text)
            return;
        if (CivilTime civil; parse_iso(*text, civil)) {
            action_.from = SimTime{} + (civil - plan_.start);
        } else {
            Fault fault;
            const auto after = read_duration(*text, cycle_hz(), fault);
            if (!after) {
                table_.wrong("at", Fault{"at " + fault.what, fault.cure});
                return;
            }
            action_.from = SimTime{} + *after;
        }
        if (action_.from < now_)
            table_.wrong("at", fmt::format("at \"{}\" is over", *text),
                         fmt::format("the farm stands at {}, {:g} s after its start",
                                     iso_text(civil_time(plan_.start, now_)),
                                     seconds(now_.time_since_epoch())));
    }

    // What -----------------------------------------------------------------------------------

    bool is_disturbance() const {
        return action_.kind->target == ActionTarget::supply && action_.kind->name != "set-supply";
    }

    /// By the words and the checks of [[supply.NAME.disturbance]].
    void read_disturbances() {
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
            if (auto plan =
                    read_disturbance(supply.name, written, supply.spec, plan_.start, mistakes_))
                action_.disturbances.push_back(*plan);
        }
    }

    void read_parameters() {
        for (const ActionParameter& parameter : action_.kind->parameters) {
            const std::string key{parameter.name};
            if (has(key))
                read_parameter(key, parameter);
            else if (parameter.needed)
                table_.missing(key, fmt::format("{} = {}", key, parameter.example));
        }
        check_together();
    }

    void take(const std::string& key, const ActionParameter& parameter, double value,
              const std::string& shown) {
        if (value < parameter.least || value > parameter.most)
            table_.wrong(
                key, fmt::format("{} {} is out of range", key, shown),
                fmt::format("write from {:g} to {:g}{}", parameter.least, parameter.most,
                            parameter.form == ParameterForm::quantity ? " in SI units" : ""));
        action_.number[key] = value;
    }

    void read_parameter(const std::string& key, const ActionParameter& parameter) {
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
            if (const auto value = table_.integer(key, std::llround(parameter.least),
                                                  std::llround(parameter.most)))
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
            read_name(key, parameter.form);
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

    void read_name(const std::string& key, ParameterForm form) {
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
        action_.text[key] = *text;
    }

    /// Every selected meter has it, and it is a number.
    void check_point(const std::string& key, const std::string& name) {
        for (const CircuitPlace& place : action_.circuits) {
            const MeterType& type = *plan_.meters[place.meter].spec.type;
            const auto id = type.points.find(name);
            if (id && !type.points[*id].text)
                continue;
            const std::string near = nearest(name, type.points.names());
            table_.wrong(key,
                         fmt::format("{} {} point \"{}\"", type.name,
                                     id ? "has a text as its" : "has no", name),
                         near.empty() ? "`kpmsim map " + type.name + "` lists them"
                                      : "did you mean " + near + "?");
            return;
        }
    }

    void read_phases(const std::string& key, std::size_t least, std::size_t most) {
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

    void read_transformer(const std::string& key, const ActionParameter& parameter) {
        const auto text = table_.text(key);
        if (!text)
            return;
        const auto ratio = read_ratio(*text, parameter.form == ParameterForm::ct_ratio ? 'A' : 'V');
        if (!ratio)
            table_.wrong(key, fmt::format("{} \"{}\" cannot be read", key, *text),
                         fmt::format("write {}", parameter.example));
        action_.number[key] = ratio.value_or(1.0);
    }

    /// What is needed of several parameters together.
    void check_together() {
        const std::string_view kind = action_.kind->name;
        if (kind == "load-set" && has("p") == has("i"))
            table_.wrong(has("p") ? "i" : "kind",
                         has("p") ? "p and i say the same thing twice" : "load-set lacks its power",
                         "write p = \"12 kW\" or i = \"16 A\"");
        if (kind == "wrong-ratio" && !has("ct") && !has("pt"))
            table_.wrong("kind", "wrong-ratio lacks a ratio", "write ct = \"200/5 A\" or pt");
        if (kind == "set-supply" &&
            !(has("u") || has("f") || has("magnitude") || has("harmonics") ||
              has("interharmonic_f") || has("dc") || has("noise")))
            table_.wrong("kind", "set-supply sets nothing", "write u = \"240 V\", f, …");
        check_range();
        if (kind == "set-supply" && has("interharmonic_f") != has("interharmonic_u"))
            table_.wrong("kind", "an interharmonic has a frequency and a size",
                         "write interharmonic_f and interharmonic_u");
    }

    /// Of the requests that a fault hits.
    void check_range() {
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

    void read_factors(const std::string& key, const ActionParameter& parameter) {
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
                                     100 * parameter.least, 100 * parameter.most,
                                     parameter.example));
        action_.factors[key] = out;
    }

    void read_time(const std::string& key) {
        const auto text = table_.text(key);
        Fault fault;
        if (text && read_site_time(*text, fault))
            action_.text[key] = *text;
        else if (text)
            table_.wrong(key, fault);
    }

    const TomlNode& node_;
    const FarmPlan& plan_;
    SimTime now_;
    std::vector<Mistake>& mistakes_;
    FarmAction action_;
    TomlTable table_;
};

} // namespace

std::span<const CommonKey> common_keys() { return keys; }

const CommonKey* find_common_key(std::string_view name) {
    const auto key = std::find_if(keys.begin(), keys.end(),
                                  [&](const CommonKey& one) { return one.name == name; });
    return key == keys.end() ? nullptr : &*key;
}

std::optional<FarmAction> read_action(const TomlNode& node, const FarmPlan& plan, SimTime now,
                                      std::vector<Mistake>& mistakes) {
    if (!node.is_table()) {
        note(mistakes, node.place, "an action is not a table",
             "write { kind = \"dip\", residual = \"40 %\", for = \"10 cycles\" }");
        return std::nullopt;
    }
    return ActionReader{node, plan, now, mistakes}.read();
}

} // namespace kpmsim
