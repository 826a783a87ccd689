#include "servers/api/json.hpp"
#include "servers/api/routes.hpp"

namespace kpmsim::api {
namespace {

Json moment(ApiRoom& room) {
    return {{"now", moment_text(room.control.farm().start, room.control.now())}};
}

} // namespace

std::optional<Problem> is_moving(const Control& control) {
    return control.advancing() ? std::optional{Problem{409, "path", "an advance is under way",
                                                       "wait for its answer"}}
                               : std::nullopt;
}

void get_state(ApiRoom& room, const ApiCall& call) {
    room.control.between_steps([&room, call] {
        const Bytes saved = room.control.save();
        call.reply({200, "application/octet-stream", {saved.begin(), saved.end()}, {}, {}});
    });
}

void put_state(ApiRoom& room, const ApiCall& call) {
    if (const auto problem = is_moving(room.control))
        return call.reply(answer_of(*problem));
    room.control.between_steps([&room, call] {
        const std::string& body = call.request.body;
        const std::span<const std::uint8_t> saved{
            reinterpret_cast<const std::uint8_t*>(body.data()), body.size()};
        if (const auto fault = room.control.restore(saved))
            call.reply(answer_of({422, "body", fault->what, fault->cure}));
        else
            call.reply(json_answer(moment(room)));
    });
}

void post_reset(ApiRoom& room, const ApiCall& call) {
    if (!is_empty(call))
        return;
    if (const auto problem = is_moving(room.control))
        return call.reply(answer_of(*problem));
    room.control.between_steps([&room, call] {
        if (const auto fault = room.control.reset())
            return call.reply(answer_of({409, "path", fault->what, fault->cure}));
        room.journal.clear();
        call.reply(json_answer(moment(room)));
    });
}

void post_shutdown(ApiRoom& room, const ApiCall& call) {
    if (!is_empty(call))
        return;
    call.reply(json_answer({{"status", "stopping"}}, 202));
    room.control.shut_down();
}

} // namespace kpmsim::api
