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
    /// It accepts a client and closes the connection soon, again and again.
    void shared_id(const std::string& client, const std::string& reason);
    /// It does not answer a client while it serves others.
    void turned_away(const std::string& client, const std::string& reason);
    /// `answer`: CONNACK return code (MQTT 3.1.1, table 3.1).
    void refused(const std::string& client, const std::string& account, int answer);

private:
    std::string broker_; ///< host:port
    bool said_down_{false};
    bool said_shared_id_{false};
    bool said_turned_away_{false};
    std::set<std::string> said_refused_; ///< accounts
};

} // namespace kpmsim
