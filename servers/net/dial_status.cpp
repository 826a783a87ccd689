#include "servers/net/dial_status.hpp"

#include "servers/net/shared_on_loop.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <map>
#include <utility>

namespace kpmsim {

namespace {

using Statuses = std::map<std::pair<Endpoint, std::string>, std::weak_ptr<DialStatus>>;

/// Lives as long as one status of it does.
struct Shared : DialStatus {
    Shared(std::shared_ptr<Statuses> all, const Endpoint& server, std::string_view protocol)
        : DialStatus{server, protocol}, statuses{std::move(all)} {}
    std::shared_ptr<Statuses> statuses;
};

} // namespace

std::shared_ptr<DialStatus> DialStatus::of(EventLoop& loop, const Endpoint& server,
                                           std::string_view protocol) {
    auto statuses = shared_on<Statuses>(loop, [] { return new Statuses; });
    auto& known = (*statuses)[{server, std::string{protocol}}];
    std::shared_ptr<DialStatus> status = known.lock();
    if (!status) {
        status = std::make_shared<Shared>(statuses, server, protocol);
        known = status;
    }
    return status;
}

DialStatus::DialStatus(const Endpoint& server, std::string_view protocol)
    : server_{fmt::format("{} server {}", protocol, to_text(server))} {}

void DialStatus::down(const std::string& reason) {
    if (!std::exchange(said_down_, true))
        spdlog::warn(fmt::format("{} is down ({}): meters connect to it again and again, at the "
                                 "latest after half a minute",
                                 server_, reason));
}

void DialStatus::cut_off() {
    if (!std::exchange(said_cut_off_, true))
        spdlog::warn(fmt::format("{} takes connections and closes them at once, again and again: "
                                 "does it expect meters there?",
                                 server_));
}

void DialStatus::misfit(const std::string& what) {
    if (!std::exchange(said_misfit_, true))
        spdlog::warn(fmt::format("{} {}", server_, what));
}

void DialStatus::remark(std::string_view what) {
    if (!std::exchange(said_remark_, true))
        spdlog::warn(fmt::format("{} {}", server_, what));
}

void DialStatus::up() {
    if (std::exchange(said_down_, false))
        spdlog::info(fmt::format("{} is there", server_));
}

void DialStatus::holds() {
    if (std::exchange(said_cut_off_, false))
        spdlog::info(fmt::format("{} keeps connections open", server_));
}

} // namespace kpmsim
