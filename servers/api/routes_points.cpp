#include "models/faces/registers.hpp"
#include "servers/api/json.hpp"
#include "servers/api/refused.hpp"
#include "servers/api/routes.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace kpmsim::api {
namespace {

constexpr int most_words = 125;

/// The points asked for, all that the unit has when none is named; answers itself when one is unknown.
std::optional<std::vector<PointId>> points_of(const MeterSpec& spec, const ApiCall& call) {
    const PointTable& points = spec.type->points;
    std::vector<PointId> ids;
    const auto asked = call.query.find("names");
    if (asked == call.query.end()) {
        for (std::size_t n = 0; n < points.all().size(); ++n)
            if (const PointId id{static_cast<std::uint16_t>(n)}; fitted(spec, points[id]))
                ids.push_back(id);
        return ids;
    }
    std::string_view names = asked->second;
    while (!names.empty()) {
        const std::string name{names.substr(0, names.find(','))};
        names.remove_prefix(std::min(names.size(), name.size() + 1));
        if (const auto problem = no_such_point(spec, name, "query names")) {
            call.reply(answer_of(*problem));
            return std::nullopt;
        }
        ids.push_back(*points.find(name));
    }
    return ids;
}

std::optional<bool> flag_of(const ApiCall& call, const std::string& key) {
    const auto found = call.query.find(key);
    if (found == call.query.end() || found->second == "false")
        return false;
    if (found->second == "true")
        return true;
    call.reply(answer_of(
        {400, "query " + key, key + " is neither true nor false", "write " + key + "=true"}));
    return std::nullopt;
}

/// It shows something else than it holds.
bool is_overridden(const Circuit& circuit, PointId id) {
    const auto& overrides = circuit.meter().image().memory.overrides;
    return std::any_of(overrides.begin(), overrides.end(), [&](const Override& each) {
        return each.point == id && each.circuit == circuit.index();
    });
}

/// Demands and what tells of converters are the meter's own.
bool has_truth(const Point& point) {
    if (point.kind == PointKind::output || point.kind == PointKind::relay)
        return true;
    if (point.kind != PointKind::quantity)
        return false;
    const QuantityKind kind = info(Quantity{point.index}).kind;
    return kind != QuantityKind::demand && kind != QuantityKind::status;
}

/// `truth`: the circuit's. An output of the meter as it would be of the truth; of a relay its contact.
double true_number(const Circuit& circuit, PointId id, const MeterState& truth) {
    const Point& point = circuit.type().points[id];
    if (point.kind == PointKind::quantity)
        return truth.get(Quantity{point.index});
    MeterView view = circuit.meter().view();
    if (point.kind == PointKind::relay)
        return view.memory->relay_contact(
            circuit.type(), circuit.index() * circuit.type().coils_per_unit() + point.index);
    std::vector<MeterState> truths(view.metered.begin(), view.metered.end());
    truths[static_cast<std::size_t>(circuit.index())] = truth;
    view.metered = truths;
    return number(view, id, circuit.index());
}

Json point_json(const Circuit& circuit, PointId id, const MeterState* truth) {
    const Point& point = circuit.type().points[id];
    Json json{{"value", point.text ? Json(circuit.text(id)) : number_or_null(circuit.number(id))},
              {"unit", point.unit},
              {"override", is_overridden(circuit, id)}};
    if (truth != nullptr)
        json["truth"] =
            has_truth(point) ? number_or_null(true_number(circuit, id, *truth)) : Json(nullptr);
    return json;
}

/// What is asked on the wire or at the keys, which a meter without its supply leaves unanswered; answers itself then.
bool is_powered(const Meter& meter, const ApiCall& call) {
    if (meter.powered())
        return true;
    call.reply(answer_of({409, "path", fmt::format("{} has no power", meter.spec().name),
                          "end the action that took it: GET /v1/actions; its points can be read, "
                          "and overridden"}));
    return false;
}

void answer_written(ApiRoom& room, const ApiMeter& meter, const std::vector<Assignment>& what,
                    const std::string& as, const ApiCall& call) {
    const PointTable& points = meter.units.front().circuit->type().points;
    Json shown = Json::object();
    for (const Assignment& each : what) {
        const Circuit& unit = *meter.units[static_cast<std::size_t>(each.circuit)].circuit;
        shown[points[each.point].name] =
            number_or_null(as == "override" ? each.value : unit.number(each.point));
    }
    call.reply(json_answer({{"name", meter.name},
                            {"circuit", what.empty() ? 1 : what.front().circuit + 1},
                            {"as", as},
                            {"at", moment_text(room.control.farm().start, room.control.now())},
                            {"values", std::move(shown)}}));
}

constexpr const char* stuck = "point-stuck"; ///< the action that an override is

/// From the next window on, on every protocol; an action each, so that it shows among them. All or none.
void override_points(ApiRoom& room, const ApiMeter& meter, std::vector<Assignment> what,
                     const ApiCall& call) {
    room.control.between_steps([&room, meter, what = std::move(what), call] {
        ActionsPort* actions = room.control.actions();
        if (actions == nullptr)
            return call.reply(answer_of(
                {409, "body/as", "this farm takes no actions", "write \"as\": \"wire\""}));
        const PointTable& points = meter.units.front().circuit->type().points;
        std::vector<std::string> begun;
        for (const Assignment& each : what) {
            const std::string& name = points[each.point].name;
            const auto started = actions->start(Json{
                {"kind", stuck},
                {"meter", meter.name},
                {"circuit", each.circuit + 1},
                {"point", name},
                {"value", each.value}}.dump());
            if (started) {
                begun.push_back(started->id);
                continue;
            }
            for (const std::string& id : begun)
                actions->end(id);
            std::vector<Mistake> mistakes = started.error();
            mistakes.front().place = {"body/values/" + name, 0, 0};
            return call.reply(answer_of(422, mistakes));
        }
        answer_written(room, meter, what, "override", call);
    });
}

/// Of the path; answers itself when it is none.
std::optional<std::uint16_t> address_of(const ApiCall& call) {
    if (const auto address = read_address(call.names[1]))
        return address;
    call.reply(answer_of({400, "path", fmt::format("\"{}\" is no address", call.names[1]),
                          "write hexadecimal digits: 0240"}));
    return std::nullopt;
}

std::optional<int> words_of(const ApiCall& call) {
    const auto asked = call.query.find("words");
    if (asked == call.query.end())
        return 1;
    int words = 0;
    const char* const last = asked->second.data() + asked->second.size();
    const auto [end, error] = std::from_chars(asked->second.data(), last, words);
    if (error == std::errc{} && end == last && words >= 1 && words <= most_words)
        return words;
    call.reply(answer_of(
        {400, "query words", "words is out of range", fmt::format("write 1 to {}", most_words)}));
    return std::nullopt;
}

Json registers_json(std::uint16_t address, const std::vector<std::uint16_t>& words) {
    return {{"address", fmt::format("{:04X}", address)}, {"words", words}};
}

/// The circuit that is meant; null where there is none, which has been answered.
Circuit* unit_of(ApiRoom& room, const ApiCall& call) {
    const auto meter = meter_of(room, call);
    if (!meter)
        return nullptr;
    const auto circuit = circuit_of(*meter, call);
    return circuit ? meter->units[static_cast<std::size_t>(*circuit)].circuit : nullptr;
}

/// Answers itself where the query names none.
std::optional<RegisterSpace> space_of(const ApiCall& call) {
    const auto space = call.query.find("space");
    if (space == call.query.end() || space->second == "holding")
        return RegisterSpace::holding;
    if (space->second == "input")
        return RegisterSpace::input;
    call.reply(
        answer_of({400, "query space", fmt::format("there is no space \"{}\"", space->second),
                   "write holding (functions 03, 06, 16) or input (function 04)"}));
    return std::nullopt;
}

} // namespace

void get_points(ApiRoom& room, const ApiCall& call) {
    const Circuit* const asked = unit_of(room, call);
    if (asked == nullptr)
        return;
    const Circuit& unit = *asked;
    const auto ids = points_of(unit.meter().spec(), call);
    if (!ids)
        return;
    const auto with_truth = flag_of(call, "truth");
    if (!with_truth)
        return;
    const auto answer = [&room, call, ids = *ids, &unit, circuit = unit.index(),
                         with_truth = *with_truth] {
        std::optional<MeterState> truth;
        if (with_truth)
            truth = room.control.truth(unit.meter().spec().name, circuit);
        Json points = Json::object();
        for (const PointId id : ids)
            points[unit.type().points[id].name] = point_json(unit, id, truth ? &*truth : nullptr);
        call.reply(json_answer({{"name", unit.meter().spec().name},
                                {"circuit", circuit + 1},
                                {"at", moment_text(room.control.farm().start, unit.state().at)},
                                {"points", std::move(points)}}));
    };
    if (*with_truth)
        room.control.between_steps(answer);
    else
        answer();
}

namespace {

/// What is entered at the keys of the meter; asked for there, by a model that has a password, and nowhere else.
std::optional<int> password_of(Body& body, const MeterType& type, const std::string& as) {
    const bool given = body.has("password");
    if (given && as != "keys") {
        body.wrong("password", fmt::format("writing as \"{}\" asks for no password", as),
                   "write \"as\": \"keys\", or leave it out");
        return std::nullopt;
    }
    if (!given && as == "keys" && type.setting(Role::menu_password) != nullptr)
        body.wrong("password", fmt::format("the keys of a {} ask for its password", type.name),
                   "add \"password\": its four digits; " + password_cure(type));
    const auto entered = body.integer("password", 0, 9999);
    return entered ? std::optional{static_cast<int>(*entered)} : std::nullopt;
}

} // namespace

void patch_points(ApiRoom& room, const ApiCall& call) {
    const auto meter = meter_of(room, call);
    if (!meter)
        return;
    Meter& target = meter->units.front().circuit->meter();
    const PointTable& points = target.type().points;
    Body body{call.request.body, R"({"values": {"demand_minutes": 10}})"};
    const auto circuit = body.integer("circuit", 1, static_cast<int>(meter->units.size()));
    const std::string as = body.text("as").value_or("wire");
    if (as != "wire" && as != "keys" && as != "override")
        body.wrong("as", fmt::format("\"{}\" is no way to write", as),
                   "write \"wire\", \"keys\" or \"override\"");
    const bool at_keys = as == "keys";
    std::vector<Assignment> what;
    std::optional<Problem> problem;
    if (const Json* values = body.value("values"); values == nullptr || !values->is_object()) {
        body.missing("values", R"("values": {"demand_minutes": 10})");
    } else {
        for (const auto& [name, value] : values->items()) {
            const std::string key = "values/" + name;
            if (!problem)
                problem = no_such_point(target.spec(), name, "body/" + key);
            const auto id = points.find(name);
            if (id && points[*id].text) {
                if (!problem) // nobody writes those
                    problem = not_written(target.spec(), {*id, 0, 0},
                                          at_keys ? Access::keys : Access::wire);
            } else if (!value.is_number() || !std::isfinite(value.get<double>()))
                body.wrong(key, fmt::format("{} is no number", name), "write a number");
            else if (id)
                what.push_back(
                    {*id, static_cast<int>(circuit.value_or(1)) - 1, value.get<double>()});
        }
    }
    const auto password = password_of(body, target.type(), as);
    body.finish();
    if (!body.mistakes().empty())
        return call.reply(answer_of(400, body.mistakes()));
    if (as == "override" && !problem)
        return override_points(room, *meter, std::move(what), call);
    // Keys without power do nothing, and nothing is written before the password is entered.
    if (at_keys && !problem && !is_powered(target, call))
        return;
    if (at_keys && !problem)
        problem = wrong_password(target, password);
    for (const Assignment& each : what)
        if (!problem)
            problem = not_written(target.spec(), each, at_keys ? Access::keys : Access::wire);
    if (problem)
        return call.reply(answer_of(*problem));
    if (!is_powered(target, call))
        return;
    const std::vector<Assignment> written = what;
    if (!what.empty())
        if (const auto done = at_keys ? target.set_at_keys(std::move(what), password)
                                      : target.set(std::move(what), Access::wire);
            !done)
            return call.reply(
                answer_of(refused_now(target, written)
                              .value_or(refused(done.error(), "body/values", meter->name))));
    answer_written(room, *meter, written, as, call);
}

void delete_point(ApiRoom& room, const ApiCall& call) {
    const auto meter = meter_of(room, call);
    if (!meter)
        return;
    const auto circuit = circuit_of(*meter, call);
    if (!circuit)
        return;
    const MeterSpec& spec = meter->units.front().circuit->meter().spec();
    if (const auto problem = no_such_point(spec, call.names[1], "path"))
        return call.reply(answer_of(*problem));
    room.control.between_steps([&room, call, circuit = *circuit] {
        ActionsPort* actions = room.control.actions();
        bool ended = false;
        const Json all = Json::parse(actions != nullptr ? actions->list() : "[]");
        for (const Json& one : all) {
            const Json& action = one["action"];
            if (action["kind"] == stuck && action.value("meter", Json()) == call.names[0] &&
                action.value("point", Json()) == call.names[1] &&
                action.value("circuit", 1) == circuit + 1)
                ended = actions->end(one["id"].get<std::string>()) || ended;
        }
        if (ended)
            call.reply({204, "", "", {}, {}});
        else
            call.reply(
                answer_of({404, "path", fmt::format("{} is not overridden", call.names[1]),
                           "only an override of this meter can be ended here; see /v1/actions"}));
    });
}

void get_registers(ApiRoom& room, const ApiCall& call) {
    const Circuit* const unit = unit_of(room, call);
    if (unit == nullptr)
        return;
    const auto address = address_of(call);
    if (!address)
        return;
    const auto count = words_of(call);
    if (!count)
        return;
    const auto space = space_of(call);
    if (!space)
        return;
    if (!is_powered(unit->meter(), call))
        return;
    std::vector<std::uint16_t> words(static_cast<std::size_t>(*count));
    if (const auto done = read_registers(*unit, *address, words, *space); !done)
        return call.reply(answer_of(
            {404, "path", fmt::format("not every word from {:04X}H on is there", *address),
             "`kpmsim map MODEL` lists the registers"}));
    call.reply(json_answer(registers_json(*address, words)));
}

void put_registers(ApiRoom& room, const ApiCall& call) {
    Circuit* const unit = unit_of(room, call);
    if (unit == nullptr)
        return;
    const auto address = address_of(call);
    if (!address)
        return;
    Body body{call.request.body, R"({"words": [17254, 0]})"};
    std::vector<std::uint16_t> words;
    const Json* list = body.value("words");
    if (list == nullptr || !list->is_array() || list->empty() || list->size() > most_words)
        body.missing("words", "\"words\": [17254, 0], 1 to 125 of them");
    else
        for (const Json& word : *list) {
            if (word.is_number_unsigned() && word.get<std::uint64_t>() <= 0xFFFF)
                words.push_back(word.get<std::uint16_t>());
            else
                body.wrong(fmt::format("words/{}", words.size()), "this is no word",
                           "write whole numbers from 0 to 65535");
            if (!body.mistakes().empty())
                break;
        }
    body.finish();
    if (!body.mistakes().empty())
        return call.reply(answer_of(400, body.mistakes()));
    if (!is_powered(unit->meter(), call))
        return;
    if (const auto done = write_registers(*unit, *address, words); !done)
        return call.reply(answer_of(not_written_words(done.error(), *address, words.size())));
    call.reply(json_answer(registers_json(*address, words)));
}

} // namespace kpmsim::api
