#include "files/duration.hpp"
#include "files/name_pattern.hpp"
#include "models/engine/fitted_names.hpp"
#include "models/engine/lacking.hpp"
#include "servers/api/json.hpp"
#include "servers/api/routes.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <limits>

namespace kpmsim::api {
namespace {

constexpr std::size_t limit_by_default = 100;
constexpr std::size_t most = 10'000;

std::string hex_of(const std::vector<std::uint8_t>& bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes)
        text += fmt::format("{}{:02X}", text.empty() ? "" : " ", byte);
    return text;
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string_view name_of(JournalEntry::Kind kind) {
    return kind == JournalEntry::Kind::upload ? "upload" : "request";
}

std::optional<JournalEntry::Kind> kind_from(const std::string& name) {
    for (const auto kind : {JournalEntry::Kind::request, JournalEntry::Kind::upload})
        if (name == name_of(kind))
            return kind;
    return std::nullopt;
}

/// As the journal names them.
std::vector<std::string> lines_of(const ApiRoom& room) {
    std::vector<std::string> lines{"mqtt"};
    for (const ApiLine& line : room.control.farm().lines)
        lines.push_back(line.name);
    for (const ApiMeter& meter : room.control.meters())
        for (const ApiUnit& unit : meter.units)
            for (const ApiEndpoint& endpoint : unit.endpoints)
                lines.push_back(endpoint.where);
    return lines;
}

/// A whole number from the query; answers itself when it is none.
bool read_number(const ApiCall& call, const std::string& key, std::uint64_t most_,
                 std::uint64_t& out) {
    const auto found = call.query.find(key);
    if (found == call.query.end())
        return true;
    const char* const last = found->second.data() + found->second.size();
    const auto [end, error] = std::from_chars(found->second.data(), last, out);
    if (error == std::errc{} && end == last && out <= most_)
        return true;
    call.reply(answer_of({400, "query " + key, fmt::format("{} is out of range", key),
                          fmt::format("write a whole number up to {}", most_)}));
    return false;
}

/// The meter and the line are there, or have been; answers itself when they are not.
bool is_known(const ApiRoom& room, const JournalFilter& filter, const std::string& place,
              const ApiCall& call) {
    const auto was_there = [&](const JournalFilter& one) { return room.journal.count(one) > 0; };
    const std::vector<std::string> meters = room.control.meter_names();
    if (filter.meter && std::find(meters.begin(), meters.end(), *filter.meter) == meters.end()) {
        JournalFilter one;
        one.meter = filter.meter;
        if (!was_there(one)) {
            const std::string near = nearest(*filter.meter, meters);
            call.reply(answer_of(
                {404, place + "meter", fmt::format("there is no meter \"{}\"", *filter.meter),
                 near.empty() ? "GET /v1/meters lists them" : "did you mean " + near + '?'}));
            return false;
        }
    }
    if (!filter.line)
        return true;
    JournalFilter one;
    one.line = filter.line;
    const std::vector<std::string> lines = lines_of(room);
    if (std::find(lines.begin(), lines.end(), *filter.line) != lines.end() || was_there(one))
        return true;
    const std::string near = nearest(*filter.line, lines);
    call.reply(
        answer_of({404, place + "line", fmt::format("there is no line \"{}\"", *filter.line),
                   near.empty() ? "write the name of a bus, an endpoint of GET /v1/meters, or mqtt"
                                : "did you mean " + near + '?'}));
    return false;
}

/// What the query asks for; answers itself when it cannot be read.
std::optional<JournalFilter> filter_of(const ApiRoom& room, const ApiCall& call) {
    JournalFilter filter;
    if (const auto meter = call.query.find("meter"); meter != call.query.end())
        filter.meter = meter->second;
    if (const auto line = call.query.find("line"); line != call.query.end())
        filter.line = line->second;
    if (const auto kind = call.query.find("kind"); kind != call.query.end()) {
        filter.kind = kind_from(kind->second);
        if (!filter.kind) {
            call.reply(
                answer_of({400, "query kind", fmt::format("unknown kind \"{}\"", kind->second),
                           "write request or upload"}));
            return std::nullopt;
        }
    }
    if (call.query.contains("since") &&
        !read_number(call, "since", std::numeric_limits<std::uint64_t>::max(),
                     filter.since.emplace()))
        return std::nullopt;
    return is_known(room, filter, "query ", call) ? std::optional{filter} : std::nullopt;
}

Json list_of(ApiRoom& room, const JournalFilter& filter, std::size_t limit) {
    std::vector<const JournalEntry*> found = room.journal.find(filter, limit + 1);
    const bool more = found.size() > limit;
    if (more)
        found.erase(filter.since ? found.end() - 1 : found.begin());
    Json list = Json::array();
    for (const JournalEntry* entry : found)
        list.push_back(journal_json(*entry, room.control.farm().start));
    return {{"entries", std::move(list)}, {"more", more}, {"forgotten", room.journal.forgotten()}};
}

} // namespace

Json journal_json(const JournalEntry& entry, CivilTime start) {
    Json json{{"id", entry.id},
              {"kind", name_of(entry.kind)},
              {"at", moment_text(start, entry.at)},
              {"meter", text_or_null(entry.meter)},
              {"circuit", entry.circuit > 0 ? Json(entry.circuit) : Json(nullptr)},
              {"line", entry.line}};
    if (entry.kind == JournalEntry::Kind::upload) {
        json["topic"] = entry.topic;
        json["payload"] = entry.payload;
        return json;
    }
    const auto asked = asked_in(entry.request);
    const auto exception = exception_in(entry.answer);
    json["unit"] = entry.unit;
    json["function"] = entry.request.empty() ? Json(nullptr) : Json(entry.request.front());
    json["address"] = asked ? Json(fmt::format("{:04X}", asked->address)) : Json(nullptr);
    json["count"] = asked ? Json(asked->count) : Json(nullptr);
    json["exception"] = exception ? Json(*exception) : Json(nullptr);
    json["request"] = hex_of(entry.request);
    json["answer"] = entry.answer.empty() ? Json(nullptr) : Json(hex_of(entry.answer));
    json["near_miss"] = text_or_null(near_miss_of(entry));
    return json;
}

void get_journal(ApiRoom& room, const ApiCall& call) {
    const auto filter = filter_of(room, call);
    std::uint64_t limit = limit_by_default;
    if (filter && read_number(call, "limit", most, limit))
        call.reply(json_answer(list_of(room, *filter, limit)));
}

void get_journal_count(ApiRoom& room, const ApiCall& call) {
    if (const auto filter = filter_of(room, call))
        call.reply(json_answer(
            {{"count", room.journal.count(*filter)}, {"forgotten", room.journal.forgotten()}}));
}

void get_near_misses(ApiRoom& room, const ApiCall& call) {
    auto filter = filter_of(room, call);
    std::uint64_t limit = limit_by_default;
    if (!filter || !read_number(call, "limit", most, limit))
        return;
    filter->near_misses = true;
    call.reply(json_answer(list_of(room, *filter, limit)));
}

void post_journal_find(ApiRoom& room, const ApiCall& call) {
    Body body{call.request.body, R"({"function": 3, "address": "0240"})"};
    JournalFilter filter;
    filter.meter = body.text("meter");
    filter.line = body.text("line");
    filter.topic = body.text("topic");
    const auto kind = body.text("kind");
    if (kind)
        filter.kind = kind_from(*kind);
    if (kind && !filter.kind)
        body.wrong("kind", fmt::format("unknown kind \"{}\"", *kind), "write request or upload");
    const auto number = [&](const char* key, std::int64_t last) {
        const auto read = body.integer(key, 0, last);
        return read ? std::optional{static_cast<int>(*read)} : std::nullopt;
    };
    filter.unit = number("unit", 255);
    filter.function = number("function", 255);
    filter.words = number("count", 65535);
    filter.exception = number("exception", 255); // 0: none
    if (const auto text = body.text("address")) {
        const auto address = read_address(*text);
        if (!address)
            body.wrong("address", fmt::format("\"{}\" is no address", *text),
                       "write hexadecimal digits: \"0240\"");
        filter.address = address.value_or(0);
    }
    if (const auto since = body.integer("since", 0, std::numeric_limits<std::int64_t>::max()))
        filter.since = static_cast<std::uint64_t>(*since);
    const auto limit =
        static_cast<std::size_t>(body.integer("limit", 0, most).value_or(limit_by_default));
    body.finish();
    if (!body.mistakes().empty())
        return call.reply(answer_of(400, body.mistakes()));
    if (is_known(room, filter, "body/", call))
        call.reply(json_answer(list_of(room, filter, limit)));
}

void delete_journal(ApiRoom& room, const ApiCall& call) {
    const std::size_t count = room.journal.count({});
    room.journal.clear();
    call.reply(json_answer({{"deleted", count}}));
}

/// Some meter fits the pattern, and each of the points is one of a meter that does; answers itself when
/// not.
static bool any_meter_has(ApiRoom& room, const std::string& pattern,
                          const std::vector<std::string>& points, const ApiCall& call) {
    std::vector<const MeterSpec*> specs;
    for (const ApiMeter& meter : room.control.meters())
        if ((pattern.empty() || fits(meter.name, pattern)) && !meter.units.empty())
            specs.push_back(&meter.units.front().circuit->meter().spec());
    if (specs.empty() && !pattern.empty()) {
        call.reply(answer_of({404, "query meter", fmt::format("no meter fits \"{}\"", pattern),
                              "GET /v1/meters lists them; * and ? stand for any characters"}));
        return false;
    }
    for (const std::string& point : points) {
        const std::string near = specs.empty() ? "" : nearest(point, fitted_points(*specs.front()));
        const auto fault = lacking(specs, point,
                                   {fmt::format("no such meter has a point \"{}\"", point),
                                    near.empty() ? "GET /v1/meters/{name}/points lists them"
                                                 : "did you mean " + near + '?'});
        if (!fault)
            continue;
        call.reply(answer_of({404, "query names", fault->what, fault->cure}));
        return false;
    }
    return true;
}

void get_events(ApiRoom& room, const ApiCall& call) {
    const std::vector<std::string> none;
    Listener listener;
    const auto asked = [&](const char* key, const std::string& otherwise) {
        const auto found = call.query.find(key);
        return found == call.query.end() ? otherwise : found->second;
    };
    const auto words = [](const std::string& text) {
        std::vector<std::string> list;
        for (std::size_t from = 0; from < text.size();) {
            const std::size_t comma = std::min(text.find(',', from), text.size());
            list.push_back(text.substr(from, comma - from));
            from = comma + 1;
        }
        return list;
    };
    const std::vector<std::string> known{std::begin(event_kinds), std::end(event_kinds)};
    for (const std::string& kind : words(asked("kinds", "time,uploads,relays,actions"))) {
        if (std::find(known.begin(), known.end(), kind) == known.end())
            return call.reply(answer_of(
                {400, "query kinds", fmt::format("unknown kind \"{}\"", kind),
                 "known: time, readings, requests, uploads, relays, actions, overloads"}));
        listener.kinds.insert(kind);
    }
    Fault fault;
    const auto every = read_duration(asked("every", "1s"), room.control.farm().cycle_hz, fault);
    if (!every || every->count() == 0)
        return call.reply(answer_of(
            {400, "query every", every ? "every is no time that can pass" : "every " + fault.what,
             every ? "write every=1s" : fault.cure}));
    listener.every = *every;
    listener.next = room.control.now();
    listener.meter = asked("meter", "");
    listener.names = call.query.contains("names") ? words(asked("names", "")) : usual_readings();
    if (!any_meter_has(room, listener.meter, call.query.contains("names") ? listener.names : none,
                       call))
        return;
    ApiAnswer answer{200, "text/event-stream", "", {{"Cache-Control", "no-cache"}}, {}};
    answer.stream = [&room,
                     listener = std::move(listener)](std::shared_ptr<EventSink> sink) mutable {
        listener.sink = std::move(sink);
        room.events.add(std::move(listener));
    };
    call.reply(std::move(answer));
}

} // namespace kpmsim::api

std::string kpmsim::journal_text(const JournalEntry& entry, CivilTime start) {
    return json_text(api::journal_json(entry, start), -1);
}
