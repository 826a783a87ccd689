#pragma once

#include "cli/control/farm_control.hpp"
#include "servers/api/api.hpp"
#include "servers/api/listener.hpp"

#include <functional>
#include <memory>
#include <string>

namespace kpmsim {

class FarmEvents;
class KeptFarm;

/// The control API of a running farm: the port, and what is asked through it.
class ControlApi {
public:
    /// Throws CannotListen.
    ControlApi(EventLoop& loop, const Endpoint& endpoint, const std::string& token, Farm& farm,
               FarmServer& server, Runner& runner, Actions& actions, FarmEvents& events);
    ~ControlApi();

    std::string url() const; ///< http://127.0.0.1:40123
    /// Who answers to what is expected; outlives this.
    void judged_by(ExpectationsPort& expectations);
    /// Who keeps the farm; outlives this. Nothing is asked for that could not be kept.
    void kept_by(KeptFarm& kept);
    void close(std::function<void()> done);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim
