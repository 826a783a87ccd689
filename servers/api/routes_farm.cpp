#include "servers/api/json.hpp"
#include "servers/api/routes.hpp"

namespace kpmsim::api {
namespace {

Json text_or_null(const std::optional<std::string>& text) {
    return text ? Json(*text) : Json(nullptr);
}

Json as_json(const ApiMeter& meter) {
    Json circuits = Json::array();
    for (std::size_t n = 0; n < meter.units.size(); ++n) {
        const ApiUnit& unit = meter.units[n];
        Json endpoints = Json::array();
        for (const ApiEndpoint& endpoint : unit.endpoints)
            endpoints.push_back({{"protocol", endpoint.protocol}, {endpoint.how, endpoint.where}});
        circuits.push_back(
            {{"circuit", n + 1},
             {"serial", unit.circuit->serial()},
             {"load", n < meter.loads.size() && !meter.loads[n].empty() ? Json(meter.loads[n])
                                                                        : Json(nullptr)},
             {"unit", unit.unit},
             {"modbus_tcp", text_or_null(unit.modbus_tcp)},
             {"pty", text_or_null(unit.pty)},
             {"mqtt_id", text_or_null(unit.mqtt_id)},
             {"endpoints", std::move(endpoints)}});
    }
    return {{"name", meter.name},
            {"model", meter.model},
            {"supply", meter.supply},
            {"circuits", std::move(circuits)}};
}

void answer_names(const std::vector<std::string>& names, const ApiCall& call) {
    Json list = Json::array();
    for (const std::string& name : names)
        list.push_back({{"name", name}});
    call.reply(json_answer(list));
}

} // namespace

void get_farm(ApiRoom& room, const ApiCall& call) {
    const Control& control = room.control;
    const ApiFarm& farm = control.farm();
    call.reply(json_answer(
        {{"file", farm.file},
         {"seed", farm.seed},
         {"fidelity", farm.fidelity},
         {"start", iso_text(farm.start)},
         {"now", moment_text(farm.start, control.now())},
         {"clock", to_text(control.pace())},
         {"state", control.advancing() || !control.pace().stands() ? "running" : "standing"},
         {"meters", control.meter_count()},
         {"broker", text_or_null(farm.broker)}}));
}

void get_meters(ApiRoom& room, const ApiCall& call) {
    Json list = Json::array();
    for (const ApiMeter& meter : room.control.meters())
        list.push_back(as_json(meter));
    call.reply(json_answer(list));
}

void get_meter(ApiRoom& room, const ApiCall& call) {
    if (const auto meter = meter_of(room, call))
        call.reply(json_answer(as_json(*meter)));
}

void post_meters(ApiRoom& room, const ApiCall& call) {
    if (!is_json(call, R"({"name": "shop-9", "model": "kpm37", "modbus_tcp": "127.0.0.1:0"})"))
        return;
    room.control.between_steps([&room, call] {
        const auto added = room.control.add_meters(call.request.body);
        if (!added)
            return call.reply(answer_of(added.error().status, added.error().mistakes));
        Json list = Json::array();
        for (const ApiMeter& meter : *added)
            list.push_back(as_json(meter));
        ApiAnswer answer = json_answer(list, 201);
        answer.headers.emplace_back("Location",
                                    "/v1/meters/" + percent_encoded(added->front().name));
        call.reply(std::move(answer));
    });
}

void delete_meter(ApiRoom& room, const ApiCall& call) {
    if (const auto problem = is_moving(room.control))
        return call.reply(answer_of(*problem));
    room.control.between_steps([&room, call] {
        const std::string& name = call.names.front();
        if (const auto refused = room.control.remove_meter(name))
            return call.reply(answer_of(refused->status, refused->mistakes));
        call.reply(json_answer({{"removed", name}}));
    });
}

void get_supplies(ApiRoom& room, const ApiCall& call) {
    answer_names(room.control.farm().supplies, call);
}
void get_loads(ApiRoom& room, const ApiCall& call) {
    answer_names(room.control.farm().loads, call);
}

void get_lines(ApiRoom& room, const ApiCall& call) {
    Json list = Json::array();
    for (const ApiLine& line : room.control.farm().lines)
        list.push_back({{"name", line.name},
                        {"pty", text_or_null(line.pty)},
                        {"baud", line.baud},
                        {"format", line.format},
                        {"meters", line.meters}});
    call.reply(json_answer(list));
}

} // namespace kpmsim::api
