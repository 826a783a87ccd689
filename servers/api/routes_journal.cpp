#include "files/duration.hpp"
#include "servers/api/json.hpp"
#include "servers/api/routes.hpp"

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

/// What the query asks for; answers itself when it cannot be read.
std::optional<JournalFilter> filter_of(const ApiCall& call) {
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
    if (!read_number(call, "since", std::numeric_limits<std::uint64_t>::max(), filter.since))
        return std::nullopt;
    return filter;
}

Json list_of(ApiRoom& room, const JournalFilter& filter, std::size_t limit) {
    Json list = Json::array();
    for (const JournalEntry* entry : room.journal.find(filter, limit))
        list.push_back(journal_json(*entry, room.control.farm().start));
    return {{"entries", std::move(list)}, {"forgotten", room.journal.forgotten()}};
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

void get_journal(ApiRoom& room, ApiCall call) {
    const auto filter = filter_of(call);
    std::uint64_t limit = limit_by_default;
    if (filter && read_number(call, "limit", most, limit))
        call.reply(json_answer(list_of(room, *filter, limit)));
}

void get_journal_count(ApiRoom& room, ApiCall call) {
    if (const auto filter = filter_of(call))
        call.reply(json_answer(
            {{"count", room.journal.count(*filter)}, {"forgotten", room.journal.forgotten()}}));
}

void get_near_misses(ApiRoom& room, ApiCall call) {
    auto filter = filter_of(call);
    std::uint64_t limit = limit_by_default;
    if (!filter || !read_number(call, "limit", most, limit))
        return;
    filter->near_misses = true;
    call.reply(json_answer(list_of(room, *filter, limit)));
}

void post_journal_find(ApiRoom& room, ApiCall call) {
    Body body{call.request.body};
    JournalFilter filter;
    filter.meter = body.text("meter");
    filter.line = body.text("line");
    filter.topic = body.text("topic");
    if (const auto kind = body.text("kind"); kind && !(filter.kind = kind_from(*kind)))
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
        int address = 0;
        const char* const last = text->data() + text->size();
        const auto [end, error] = std::from_chars(text->data(), last, address, 16);
        if (error != std::errc{} || end != last)
            body.wrong("address", fmt::format("\"{}\" is no address", *text),
                       "write hexadecimal digits: \"0240\"");
        filter.address = address;
    }
    filter.since = static_cast<std::uint64_t>(
        body.integer("since", 0, std::numeric_limits<std::int64_t>::max()).value_or(0));
    const auto limit =
        static_cast<std::size_t>(body.integer("limit", 0, most).value_or(limit_by_default));
    body.finish();
    if (!body.mistakes().empty())
        return call.reply(answer_of(400, body.mistakes()));
    call.reply(json_answer(list_of(room, filter, limit)));
}

void delete_journal(ApiRoom& room, ApiCall call) {
    const std::size_t count = room.journal.count({});
    room.journal.clear();
    call.reply(json_answer({{"deleted", count}}));
}

void get_events(ApiRoom& room, ApiCall call) {
    Listener listener;
    const auto asked = [&](const char* key, std::string otherwise) {
        const auto found = call.query.find(key);
        return found == call.query.end() ? std::move(otherwise) : found->second;
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
            return call.reply(
                answer_of({400, "query kinds", fmt::format("unknown kind \"{}\"", kind),
                           "known: time, readings, requests, uploads, relays, actions"}));
        listener.kinds.insert(kind);
    }
    Fault fault;
    const auto every = read_duration(asked("every", "1s"), std::nullopt, fault);
    if (!every || every->count() == 0)
        return call.reply(answer_of(
            {400, "query every", every ? "every is no time that can pass" : "every " + fault.what,
             every ? "write every=1s" : fault.cure}));
    listener.every = *every;
    listener.next = room.control.now();
    listener.meter = asked("meter", "");
    listener.names = call.query.contains("names") ? words(asked("names", "")) : usual_readings();
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
