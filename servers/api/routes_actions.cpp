#include "servers/api/json.hpp"
#include "servers/api/routes.hpp"

#include <fmt/format.h>

namespace kpmsim::api {
namespace {

ApiAnswer as_it_is(std::string json) {
    return {200, "application/json", std::move(json) + '\n', {}, {}};
}

} // namespace

void get_action_kinds(ApiRoom& room, const ApiCall& call) {
    const ActionsPort* actions = room.control.actions();
    call.reply(as_it_is(actions != nullptr ? actions->kinds() : "[]"));
}

void get_actions(ApiRoom& room, const ApiCall& call) {
    const ActionsPort* actions = room.control.actions();
    call.reply(as_it_is(actions != nullptr ? actions->list() : "[]"));
}

void post_action(ApiRoom& room, const ApiCall& call) {
    if (room.control.actions() == nullptr)
        return call.reply(answer_of(
            {409, "path", "this farm takes no actions", "GET /v1/action-kinds is empty"}));
    if (!is_json(call, R"({"kind": "dip", "supply": "main", "residual": "40 %", "for": "2 s"})"))
        return;
    room.control.between_steps([&room, call] {
        const auto started = room.control.actions()->start(call.request.body);
        if (!started)
            return call.reply(answer_of(422, started.error()));
        const CivilTime start = room.control.farm().start;
        const Json json{
            {"id", started->id},
            {"from", moment_text(start, started->from)},
            {"until", started->until ? Json(moment_text(start, *started->until)) : Json(nullptr)}};
        ApiAnswer answer = json_answer(json, 201);
        answer.headers.emplace_back("Location", "/v1/actions/" + percent_encoded(started->id));
        call.reply(std::move(answer));
    });
}

void delete_actions(ApiRoom& room, const ApiCall& call) {
    room.control.between_steps([&room, call] {
        ActionsPort* actions = room.control.actions();
        call.reply(json_answer({{"ended", actions != nullptr ? actions->end_all() : 0}}));
    });
}

void delete_action(ApiRoom& room, const ApiCall& call) {
    room.control.between_steps([&room, call] {
        ActionsPort* actions = room.control.actions();
        if (actions == nullptr || !actions->end(call.names.front()))
            return call.reply(answer_of(
                {404, "path", fmt::format("there is no action \"{}\"", call.names.front()),
                 "GET /v1/actions lists them"}));
        call.reply(json_answer({{"ended", 1}}));
    });
}

} // namespace kpmsim::api
