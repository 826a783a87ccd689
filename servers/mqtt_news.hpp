#pragma once

#include <cstddef>
#include <set>
#include <string>

namespace kpmsim {

/// What the log hears of one broker: each thing once when it begins and once when it is over, however
/// many clients it happens to.
class MqttNews {
public:
    explicit MqttNews(std::string broker) : broker_{std::move(broker)} {}

    void down(const std::string& reason);
    /// A client came up.
    void up(const std::string& account);
    /// It closes a client's connections again and again while it serves others.
    void unsteady(const std::string& client, const std::string& reason);
    /// `answer`: CONNACK return code (MQTT 3.1.1, table 3.1).
    void refused(const std::string& client, const std::string& account, int answer);

private:
    std::string broker_; ///< host:port
    bool said_down_{false};
    bool said_unsteady_{false};
    std::set<std::string> said_refused_; ///< accounts
};

} // namespace kpmsim
