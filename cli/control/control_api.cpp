#include "cli/control/control_api.hpp"

#include "cli/control/farm_events.hpp"
#include "cli/serve/kept_farm.hpp"
#include "servers/api/problem.hpp"
#include "servers/net/asio.hpp"

#include <optional>

namespace kpmsim {

struct ControlApi::Parts {
    FarmControl control;
    ApiRoom room;
    KeptFarm* kept{nullptr};
    ApiListener listener;

    Parts(EventLoop& loop, const Endpoint& endpoint, const std::string& token, Farm& farm,
          FarmServer& server, Runner& runner, Actions& actions, FarmEvents& events)
        : // After the answer is on its way.
          control{
              farm,   server,
              runner, actions,
              events, [&loop, &runner] {
                      boost::asio::post(loop, [&runner] { runner.stop(); }); }},
          room{control, events.journal(), events.hub(), 0},
          listener{loop, endpoint, options_with(token),
                   [this](ApiRequest request, ApiReply reply) {
                       if (const auto problem = cannot_be_kept(request))
                           return reply(answer_of(*problem));
                       serve(room, std::move(request), std::move(reply));
                   },
                   body_limit} {}

    std::optional<Problem> cannot_be_kept(const ApiRequest& request) const {
        const bool changes_nothing = request.method == "GET" || request.method == "HEAD" ||
                                     request.method == "OPTIONS" ||
                                     request.target.starts_with("/v1/shutdown");
        const auto fault = kept == nullptr || changes_nothing ? std::nullopt : kept->try_to_write();
        return fault ? std::optional{Problem{503, "state", fault->what, fault->cure}}
                     : std::nullopt;
    }

    static ApiListenerOptions options_with(const std::string& token) {
        ApiListenerOptions options;
        options.token = token;
        return options;
    }
};

ControlApi::ControlApi(EventLoop& loop, const Endpoint& endpoint, const std::string& token,
                       Farm& farm, FarmServer& server, Runner& runner, Actions& actions,
                       FarmEvents& events)
    : parts_{
          std::make_unique<Parts>(loop, endpoint, token, farm, server, runner, actions, events)} {}

ControlApi::~ControlApi() = default;

std::string ControlApi::url() const { return "http://" + to_text(parts_->listener.endpoint()); }

void ControlApi::judged_by(ExpectationsPort& expectations) {
    parts_->control.judged_by(&expectations);
}

void ControlApi::kept_by(KeptFarm& kept) {
    parts_->kept = &kept;
    parts_->control.kept_by(&kept);
}

void ControlApi::close(std::function<void()> done) { parts_->listener.close(std::move(done)); }

} // namespace kpmsim
