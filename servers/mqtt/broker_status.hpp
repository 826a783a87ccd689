#pragma once

#include <cstddef>
#include <set>
#include <string>

namespace kpmsim {

/// What the log is told of one broker's state: each thing once when it begins and once when it is
/// over, however many clients it happens to.
class BrokerStatus {
public:
    BrokerStatus(std::string broker, bool tls) : broker_{std::move(broker)}, tls_{tls} {}

    /// `cut_off`: it closes the connections of clients instead of answering.
    void down(const std::string& reason, bool cut_off);
    /// It is there, and TLS with it comes to nothing.
    void without_tls(const std::string& reason);
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
    bool tls_;
    bool said_down_{false};
    bool said_shared_id_{false};
    bool said_turned_away_{false};
    std::set<std::string> said_refused_; ///< accounts
};

} // namespace kpmsim
