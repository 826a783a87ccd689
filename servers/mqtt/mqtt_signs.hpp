#pragma once

#include "servers/mqtt/mqtt_session.hpp"
#include "servers/net/event_loop.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace kpmsim {

/// Waits until the brokers have shown that they have everything that the clients of a fleet have
/// sent so far.
class MqttSigns {
public:
    using SessionOf = std::function<MqttSession*(std::size_t client)>; ///< null unless it is up

    /// `coming`: clients are on their way that are to be waited for, too.
    MqttSigns(EventLoop& loop, SessionOf session_of, std::function<bool()> coming);
    ~MqttSigns();

    void sent(std::size_t client);
    /// … what it was given while it was coming: where somebody waits already, for its sign, too.
    void sent_late(std::size_t client);
    /// Messages of clients that were coming went nowhere.
    void dropped(std::size_t messages);
    /// Asks all that have sent something since the last call, and returns them: their sessions may
    /// have moved on. `done`, from the loop, hears how many messages lack their sign, after `patience` at
    /// the latest. One at a time.
    std::vector<std::size_t> ask(std::chrono::milliseconds patience,
                                 std::function<void(std::size_t missing)> done);
    /// To be called when a session may have moved on …
    void look();
    /// … and when it is over.
    void lost(std::size_t client, std::size_t unacknowledged);
    void stop();

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
