#include "files/duration.hpp"
#include "models/engine/command.hpp"
#include "servers/api/json.hpp"
#include "servers/api/routes.hpp"

#include <fmt/format.h>
#include <string>
#include <vector>

namespace kpmsim::api {
namespace {

/// Without a bound of its own a condition that never holds would be waited for for ever.
constexpr std::chrono::hours at_most_by_default{24};

std::optional<SimDuration> duration(const Control& control, Body& body, const std::string& key) {
    const auto text = body.text(key);
    if (!text)
        return std::nullopt;
    Fault fault;
    const auto length = read_duration(*text, control.farm().cycle_hz, fault);
    if (!length)
        body.wrong(key, key + ' ' + fault.what, fault.cure);
    return length;
}

/// The keys that say where it ends; one of them should.
std::vector<std::string> ends_of(Body& body) {
    std::vector<std::string> ends;
    for (const char* key : {"by", "to", "until"})
        if (body.has(key))
            ends.emplace_back(key);
    return ends;
}

/// Where an advance is to end; notes what is wrong.
ApiAdvance read_advance(ApiRoom& room, Body& body) {
    Control& control = room.control;
    ApiAdvance what{control.now(), {}};
    const auto by = duration(control, body, "by");
    const auto to = body.text("to");
    const auto until = body.text("until");
    const auto at_most = duration(control, body, "at_most");
    const std::vector<std::string> ends = ends_of(body);
    if (ends.size() > 1)
        body.wrong(ends[1], fmt::format("{} and {} each say where it ends", ends[0], ends[1]),
                   "keep one of them");
    if (ends.empty())
        body.missing("by",
                     "one of {\"by\": \"15m\"}, {\"to\": \"2026-01-01T12:00:00\"} or {\"until\": "
                     "\"shop-3.p > 2000\", \"at_most\": \"1h\"}");
    if (at_most && !until)
        body.wrong("at_most", "at_most bounds a condition, and there is none",
                   "leave it out, or add until");
    if (by)
        what.to += *by;
    if (to) {
        CivilTime civil;
        if (!parse_iso(*to, civil) || !on_meter_clock(civil))
            body.wrong("to", fmt::format("\"{}\" is no date and time of a meter's clock", *to),
                       "write \"2026-01-01T12:00:00\", the site's local time");
        else if (const auto there = SimTime{civil - control.farm().start}; there < control.now())
            body.wrong("to",
                       fmt::format("{} is over: it is {}", *to,
                                   moment_text(control.farm().start, control.now())),
                       "write a later time, or POST /v1/reset");
        else
            what.to = there;
    }
    if (until) {
        auto condition = control.condition(*until);
        if (condition)
            what.reached = std::move(*condition);
        else
            body.wrong("until", condition.error().what, condition.error().cure);
        what.to += at_most.value_or(at_most_by_default);
    }
    const CivilTime end = civil_time(control.farm().start, what.to);
    if (!within_reach(what.to) || !on_meter_clock(end))
        body.wrong(by   ? "by"
                   : to ? "to"
                        : "at_most",
                   "that leads out of the years that a meter's clock shows",
                   fmt::format("they go from {} to {}", first_clock_year, last_clock_year));
    return what;
}

std::optional<Problem> cannot_advance(const Control& control) {
    if (control.advancing())
        return Problem{409, "path", "another advance is under way", "wait for its answer"};
    if (control.pace().mode == Pace::Mode::realtime)
        return Problem{409, "path", "the clock is realtime, which passes by itself",
                       R"(PUT /v1/time/clock {"clock": "stepped"})"};
    if (control.pace().mode == Pace::Mode::paused)
        return Problem{409, "path", "the clock is paused",
                       R"(PUT /v1/time/clock {"clock": "stepped"})"};
    return std::nullopt;
}

Json time_json(const Control& control) {
    return {{"now", moment_text(control.farm().start, control.now())},
            {"elapsed", seconds_json(control.now().time_since_epoch())},
            {"start", iso_text(control.farm().start)},
            {"clock", to_text(control.pace())},
            {"advancing", control.advancing()}};
}

} // namespace

void get_time(ApiRoom& room, const ApiCall& call) {
    call.reply(json_answer(time_json(room.control)));
}

namespace {

void advance(ApiRoom& room, const ApiCall& call) {
    Body body{call.request.body, R"({"by": "15m"})"};
    const ApiAdvance what = read_advance(room, body);
    const bool wait = body.boolean("wait").value_or(true);
    body.finish();
    if (!body.mistakes().empty())
        return call.reply(answer_of(400, body.mistakes()));
    if (const auto problem = cannot_advance(room.control))
        return call.reply(answer_of(*problem));
    if (!wait)
        call.reply(json_answer({{"now", moment_text(room.control.farm().start, room.control.now())},
                                {"to", moment_text(room.control.farm().start, what.to)}},
                               202));
    const auto begun = std::chrono::steady_clock::now();
    room.control.advance(what, [&room, call, wait, begun](const ApiAdvanced& done) {
        if (!wait)
            return;
        if (done.stopped)
            return call.reply(
                answer_of({409, "path", "the farm ended on the way", "start it again"}));
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - begun;
        call.reply(json_answer({{"now", moment_text(room.control.farm().start, done.to)},
                                {"advanced", seconds_json(done.to - done.from)},
                                {"wall_ms", took.count()},
                                {"reached", done.reached},
                                {"undelivered", done.undelivered}}));
    });
}

} // namespace

/// From the moment that it really begins at: of a step under way its end.
void post_advance(ApiRoom& room, const ApiCall& call) {
    room.control.between_steps([&room, call] { advance(room, call); });
}

void put_clock(ApiRoom& room, const ApiCall& call) {
    Body body{call.request.body, R"({"clock": "stepped"})"};
    const auto text = body.text("clock");
    if (!body.has("clock"))
        body.missing("clock", R"("clock": "stepped")");
    const auto pace = text ? read_pace(*text) : std::nullopt;
    if (text && !pace)
        body.wrong("clock", fmt::format("unknown clock \"{}\"", *text), std::string{pace_cure});
    body.finish();
    if (!body.mistakes().empty())
        return call.reply(answer_of(400, body.mistakes()));
    room.control.set_pace(*pace,
                          [&room, call] { call.reply(json_answer(time_json(room.control))); });
}

} // namespace kpmsim::api
