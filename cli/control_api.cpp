#include "cli/control_api.hpp"

#include "cli/farm_events.hpp"
#include "servers/net/asio.hpp"

namespace kpmsim {

struct ControlApi::Parts {
    FarmControl control;
    ApiRoom room;
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
                       serve(room, std::move(request), std::move(reply));
                   },
                   body_limit} {}

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

void ControlApi::close(std::function<void()> done) { parts_->listener.close(std::move(done)); }

} // namespace kpmsim
