#include "servers/api/json.hpp"
#include "servers/api/routes.hpp"

namespace kpmsim::api {
namespace {

ApiAnswer as_it_is(std::string json, int status = 200) {
    return {status, "application/json", std::move(json) + '\n', {}, {}};
}

} // namespace

void get_scenario(ApiRoom& room, const ApiCall& call) {
    room.control.between_steps([&room, call] {
        const ExpectationsPort* port = room.control.expectations();
        call.reply(as_it_is(port != nullptr ? port->scenario() : "null"));
    });
}

void get_expectations(ApiRoom& room, const ApiCall& call) {
    room.control.between_steps([&room, call] {
        const ExpectationsPort* port = room.control.expectations();
        call.reply(as_it_is(port != nullptr ? port->list() : "[]"));
    });
}

void post_expect(ApiRoom& room, const ApiCall& call) {
    if (room.control.expectations() == nullptr)
        return call.reply(
            answer_of({409, "path", "nobody judges this farm", "run it by `kpmsim up`"}));
    if (!is_json(call, R"({"expect": "shop-3.p > 2000", "within": "10 s"})"))
        return;
    room.control.between_steps([&room, call] {
        const auto taken = room.control.expectations()->expect(call.request.body);
        call.reply(taken ? as_it_is(*taken, 201) : answer_of(422, taken.error()));
    });
}

} // namespace kpmsim::api
