#include "files/duration.hpp"
#include "files/mqtt_url.hpp"
#include "files/name_pattern.hpp"
#include "files/number.hpp"
#include "files/printable.hpp"
#include "models/engine/fitted_names.hpp"
#include "scenarios/play/companions.hpp"
#include "scenarios/play/comparison_reader.hpp"
#include "scenarios/play/expectation.hpp"
#include "scenarios/play/faces.hpp"
#include "sim/iso_time.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_title = 200;

class ExpectationReader {
public:
    ExpectationReader(const TomlNode& node, const ExpectationContext& context,
                      std::vector<Mistake>& mistakes)
        : node_{node}, context_{context}, words_{context.farm.meters, true, context.others},
          table_{node, title_of(node), mistakes} {}

    std::optional<Expectation> read() {
        if (!read_kind())
            return std::nullopt;
        e_.place = node_.place;
        e_.id = table_.text("id").value_or("");
        if (has("id") && e_.id.empty())
            table_.wrong("id", "id is empty", "write a name of its own, or leave it out");
        read_subject();
        if (e_.kind->compares)
            read_comparison(node_, context_, words_, table_, e_);
        read_timing();
        if (e_.kind->name == "faces" && !e_.timing.at && e_.timing.after.empty())
            e_.timing.at = SimDuration{}; // a packet is waited for, from the start on
        const auto title = table_.text("title");
        e_.title = title ? *title : own_title();
        if (title)
            e_.subject = own_title();
        table_.finish();
        return std::move(e_);
    }

private:
    bool has(const std::string& key) const { return node_.find(key) != nullptr; }

    static std::string title_of(const TomlNode& node) {
        const TomlNode* id = node.find("id");
        const auto* text = id != nullptr ? std::get_if<std::string>(&id->value) : nullptr;
        return text != nullptr ? "expectation " + *text : "this expectation";
    }

    bool read_kind() {
        const auto name = table_.text("kind");
        e_.kind = name ? find_expectation_kind(*name) : &expectation_kinds().front();
        if (e_.kind != nullptr)
            return true;
        std::vector<std::string> known;
        for (const ExpectationKind& kind : expectation_kinds())
            known.emplace_back(kind.name);
        const std::string near = nearest(*name, known);
        table_.wrong("kind", fmt::format("unknown kind of expectation \"{}\"", *name),
                     near.empty() ? "known: " + listed(known)
                                  : fmt::format("did you mean {}?", near));
        return false;
    }

    // What ----------------------------------------------------------------------------------

    void read_subject() {
        const std::string_view kind = e_.kind->name;
        for (const ExpectationKey& key : e_.kind->keys) {
            const std::string name{key.name};
            table_.node(name); // known, if it is there or not
            if (!has(name)) {
                if (key.needed)
                    table_.missing(name, fmt::format("{} = {}", name, key.example));
                continue;
            }
            if (name == "what" && kind != "client")
                read_what();
            else if (name == "since")
                e_.since = moment(name);
            else if (name == "for")
                e_.timing.length = length(name);
            else if (name == "of")
                e_.ids = table_.texts(name).value_or(std::vector<std::string>{});
            else if (const TomlNode* node = node_.find(name);
                     name == "row" && std::holds_alternative<std::int64_t>(node->value))
                e_.text[name] = std::to_string(table_.integer(name, 1, 1'000'000'000).value_or(1));
            else if (const auto text = table_.text(name))
                e_.text[name] = *text;
        }
        if (kind == "text" && !has("is") && !has("contains"))
            table_.missing("is", "is = \"…\" or contains = \"…\"");
        if (const auto event = e_.text.find("event"); event != e_.text.end()) {
            static const std::vector<std::string> known{"request", "answer", "failure", "value",
                                                        "record",  "booked", "alarm"};
            if (std::find(known.begin(), known.end(), event->second) == known.end())
                table_.wrong("event", fmt::format("unknown event \"{}\"", event->second),
                             "known: " + listed(known));
        }
        check_client();
        if (kind == "mqtt") {
            const std::string& topic = e_.text["topic"];
            if (topic.find_first_of("+#") != std::string::npos)
                table_.wrong("topic", fmt::format("\"{}\" stands for several topics", topic),
                             "name one");
            Fault fault;
            if (const std::string& url = e_.text["url"];
                !url.empty() && !parse_mqtt_url(url, fault))
                table_.wrong("url", fault.what, fault.cure);
        }
        if (kind == "order" && e_.ids.size() < 2 && has("of"))
            table_.wrong("of", "an order has two members or more", "name their ids");
        if (kind == "faces" && !e_.timing.length)
            e_.timing.length = 1min;
        if (kind == "faces" && e_.point) {
            const PointFaces faces = faces_of(context_.farm.meters[e_.point->meter], *e_.point);
            if (!faces.registers && !faces.packet)
                table_.wrong("what",
                             fmt::format("{} has neither a register nor a packet", e_.point->name),
                             "name a point that clients can see");
        }
        if (kind == "http" && !e_.text["url"].empty() && !e_.text["url"].starts_with("http://"))
            table_.wrong("url", "this is read over http:// only",
                         "write http://HOST:PORT/PATH, or read it by a command");
        if (const auto meters = e_.text.find("meter"); meters != e_.text.end())
            check_meters(meters->second);
        if (const auto unit = e_.text.find("unit"); unit != e_.text.end() && !is_unit(unit->second))
            table_.wrong("unit", fmt::format("unknown unit \"{}\"", unit->second),
                         "write one of V, A, W, var, VA, Hz, %, Wh, varh, VAh, s, deg, degC, with "
                         "k, M, G, m or u "
                         "before it, or leave it out");
    }

    void check_meters(const std::string& pattern) {
        std::vector<std::string> names;
        for (const MeterPlan& meter : context_.farm.meters)
            names.push_back(meter.spec.name);
        if (std::any_of(names.begin(), names.end(),
                        [&](const std::string& name) { return fits(name, pattern); }))
            return;
        const std::string near = nearest(pattern, names);
        table_.wrong("meter", fmt::format("no meter is called \"{}\"", pattern),
                     near.empty() ? "known: " + listed(names) : "did you mean " + near + '?');
    }

    /// Somebody must be meant.
    void check_client() {
        const auto pattern = e_.text.find("client");
        if (e_.kind->name != "client" || pattern == e_.text.end() ||
            std::any_of(context_.clients.begin(), context_.clients.end(),
                        [&](const std::string& name) { return fits(name, pattern->second); }))
            return;
        table_.wrong("client", fmt::format("no client is called \"{}\"", pattern->second),
                     pattern->second == outside_client ? "real clients are there with --exec"
                     : context_.clients.empty()        ? "add a [[client]]"
                                                       : "known: " + listed(context_.clients));
    }

    void read_what() {
        const auto text = table_.text("what");
        if (!text)
            return;
        if (e_.kind->name == "value") {
            e_.what = formula("what", *text);
            return;
        }
        // One point, which may be a text: the place of the last dot parts it.
        const auto dot = text->rfind('.');
        std::string meter = text->substr(0, dot);
        int circuit = 0;
        if (const auto open = meter.find('['); open != std::string::npos && meter.back() == ']') {
            const auto number =
                read_number(meter.substr(open + 1, meter.size() - open - 2)).value_or(0);
            circuit = static_cast<int>(number) - 1;
            meter.resize(open);
        }
        std::vector<std::string> names;
        for (std::size_t m = 0; m < context_.farm.meters.size() && dot != std::string::npos; ++m) {
            const MeterSpec& spec = context_.farm.meters[m].spec;
            names.push_back(spec.name);
            if (spec.name != meter)
                continue;
            const std::string point = text->substr(dot + 1);
            const auto id = spec.type->points.find(point);
            const bool wants_text = e_.kind->name == "text";
            if (!id || spec.type->points[*id].text != wants_text || circuit < 0 ||
                circuit >= spec.type->circuits) {
                const std::string near = nearest(point, fitted_points(spec));
                table_.wrong("what",
                             fmt::format("{} ({}) has no point \"{}\" that is a {}", meter,
                                         spec.type->name, point, wants_text ? "text" : "number"),
                             near.empty() || near == point ? "see kpmsim map " + spec.type->name
                                                           : "did you mean " + near + '?');
                return;
            }
            if (!fitted(spec, spec.type->points[*id]))
                return table_.wrong("what", lacks(spec, *id), "fit it, or name another");
            FormulaTerm term;
            term.meter = m;
            term.meter_name = spec.name;
            term.circuit = circuit;
            term.point = *id;
            term.name = point;
            term.unit = spec.type->points[*id].unit;
            e_.point = term;
            return;
        }
        const std::string near = nearest(meter, names);
        table_.wrong("what", fmt::format("\"{}\" is no point of a meter", *text),
                     near.empty() ? "write METER.POINT" : "did you mean " + near + '?');
    }

    std::optional<Formula> formula(const std::string& key, const std::string& text) {
        Fault fault;
        auto formula = Formula::read(text, words_, fault);
        if (!formula)
            table_.wrong(key, fault.what, fault.cure);
        return formula;
    }

    // When -----------------------------------------------------------------------------------

    std::optional<SimDuration> moment(const std::string& key) {
        const auto text = table_.text(key, "write \"90 s\" after the start, or a time of the site");
        if (!text)
            return std::nullopt;
        Fault fault;
        const auto at = read_moment(*text, context_.farm, fault);
        if (!at)
            table_.wrong(key, key + ' ' + fault.what, fault.cure);
        else
            check_reach(key, *at);
        return at;
    }

    void check_reach(const std::string& key, SimDuration at) {
        if (context_.length && e_.timing.after.empty() && at > *context_.length)
            table_.wrong(key, key + " lies behind the end of the scenario",
                         "the scenario takes " + number_text(seconds(*context_.length)) +
                             " s; give [scenario] a longer `for`");
    }

    std::optional<SimDuration> length(const std::string& key) {
        const TomlNode* node = table_.node(key);
        if (const auto* flag = std::get_if<bool>(&node->value); flag != nullptr && *flag)
            return std::nullopt;
        if (!node->is_text()) {
            table_.wrong(key, key + " is no length of time", "write \"10 min\", or true");
            return std::nullopt;
        }
        return table_.duration(key);
    }

    void read_timing() {
        Timing& timing = e_.timing;
        timing.after = table_.text("after").value_or("");
        if (has("at"))
            timing.at = moment("at");
        if (!e_.kind->timed)
            return;
        timing.every =
            context_.farm.fidelity == Fidelity::sample ? SimDuration{200ms} : SimDuration{1s};
        using Mode = Timing::Mode;
        std::string chosen;
        for (const auto& [key, mode] :
             {std::pair{"always", Mode::always}, std::pair{"never", Mode::never},
              std::pair{"eventually", Mode::eventually}}) {
            if (table_.node(key) == nullptr)
                continue;
            if (!chosen.empty()) {
                table_.wrong(key, fmt::format("{} and {} exclude each other", chosen, key),
                             "write two expectations");
                continue;
            }
            chosen = key;
            timing.mode = mode;
            timing.length = length(key);
            if (timing.length)
                check_reach(key, timing.at.value_or(SimDuration{}) + *timing.length);
        }
        if (table_.node("every") != nullptr) {
            if (chosen.empty())
                table_.wrong("every", "it is looked at once",
                             "write always, never or eventually as well");
            if (const auto every = table_.duration("every")) {
                timing.every = *every;
                if (*every < 20ms)
                    table_.wrong("every", "every is too short",
                                 "a meter shows something else every 200 ms");
            }
        }
    }

    // ----------------------------------------------------------------------------------------

    std::string own_title() const {
        const TomlNode* what = node_.find("what");
        const auto* text = what != nullptr ? std::get_if<std::string>(&what->value) : nullptr;
        std::string title = text != nullptr ? *text : std::string{e_.kind->name};
        for (const auto& [key, value] : e_.text)
            if (key != "is" && key != "contains" && key != "unit")
                title += ' ' + value;
        return printable(title).substr(0, longest_title);
    }

    const TomlNode& node_;
    const ExpectationContext& context_;
    Vocabulary words_;
    TomlTable table_;
    Expectation e_;
};

} // namespace

std::optional<SimDuration> read_moment(const std::string& text, const FarmPlan& farm,
                                       Fault& fault) {
    if (CivilTime civil; parse_iso(text, civil)) {
        if (civil >= farm.start)
            return civil - farm.start;
        fault = {fmt::format("\"{}\" is before the start", text),
                 fmt::format("the farm starts at {}", iso_text(farm.start))};
        return std::nullopt;
    }
    if (read_iso(text)) { // with a fraction, or a zone
        read_site_time(text, fault);
        return std::nullopt;
    }
    const double hz = farm.supplies.empty() ? 50.0 : farm.supplies.front().spec.f_hz;
    return read_duration(text, hz, fault);
}

std::optional<Expectation> read_expectation(const TomlNode& node, const ExpectationContext& context,
                                            std::vector<Mistake>& mistakes) {
    if (!node.is_table()) {
        note(mistakes, node.place, "an expectation is no table",
             "write [[expect]] with what = \"main.u_a\" and is = \"truth\" below");
        return std::nullopt;
    }
    return ExpectationReader{node, context, mistakes}.read();
}

} // namespace kpmsim
