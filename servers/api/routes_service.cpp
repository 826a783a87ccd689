#include "files/embedded_file.hpp"
#include "servers/api/api_files.hpp"
#include "servers/api/json.hpp"
#include "servers/api/routes.hpp"

#include <fmt/format.h>

namespace kpmsim::api {

void get_healthz(ApiRoom&, const ApiCall& call) { call.reply(json_answer({{"status", "ok"}})); }

void get_readyz(ApiRoom& room, const ApiCall& call) {
    if (const auto why = room.control.stands_still())
        return call.reply(json_answer(
            {{"status", "stands still"}, {"detail", why->what}, {"cure", why->cure}}, 503));
    const bool ready = room.control.ready();
    call.reply(json_answer({{"status", ready ? "ready" : "starting"}}, ready ? 200 : 503));
}

void get_version(ApiRoom& room, const ApiCall& call) {
    const ApiFarm& farm = room.control.farm();
    call.reply(json_answer(
        {{"name", "kpmsim"}, {"version", farm.version}, {"commit", farm.commit}, {"api", "v1"}}));
}

/// Prometheus' text format, version 0.0.4. No label per meter: a farm has thousands.
void get_metrics(ApiRoom& room, const ApiCall& call) {
    std::vector<ApiMetric> metrics = room.control.metrics();
    metrics.push_back({"api_requests_total", "Requests to this API, this one included.", true,
                       static_cast<double>(room.requests)});
    metrics.push_back({"event_listeners", "Streams of /v1/events that are open.", false,
                       static_cast<double>(room.events.size())});
    std::string text;
    for (const ApiMetric& metric : metrics)
        text += fmt::format("# HELP kpmsim_{0} {1}\n# TYPE kpmsim_{0} {2}\nkpmsim_{0} {3}\n",
                            metric.name, metric.help, metric.counter ? "counter" : "gauge",
                            metric.value);
    const ApiFarm& farm = room.control.farm();
    text += fmt::format("# HELP kpmsim_build_info Which program this is.\n"
                        "# TYPE kpmsim_build_info gauge\n"
                        "kpmsim_build_info{{version=\"{}\",commit=\"{}\"}} 1\n",
                        farm.version, farm.commit);
    call.reply({200, "text/plain; version=0.0.4; charset=utf-8", std::move(text), {}, {}});
}

void get_openapi(ApiRoom&, const ApiCall& call) {
    call.reply({200, "application/json", std::string{api_files().front().text}, {}, {}});
}

} // namespace kpmsim::api
