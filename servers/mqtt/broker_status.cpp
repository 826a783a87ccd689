#include "servers/mqtt/broker_status.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace kpmsim {
namespace {

std::string named(const std::string& account) {
    return account.empty() ? "clients without an account" : "account \"" + account + '"';
}

} // namespace

void BrokerStatus::down(const std::string& reason, bool cut_off) {
    if (std::exchange(said_down_, true))
        return;
    const char* const hint = !cut_off ? ""
                             : tls_   ? "; is it an mqtt:// broker, or does it want a certificate "
                                        "of its clients (mqtt_certificate)?"
                                      : "; does it speak TLS, as mqtts://?";
    spdlog::warn(fmt::format("MQTT broker {} is down ({}{}): messages to it are dropped and "
                             "counted until it is back",
                             broker_, reason, hint));
}

void BrokerStatus::without_tls(const std::string& reason) {
    if (!std::exchange(said_down_, true)) {
        spdlog::warn(fmt::format("MQTT broker {} is not spoken to over TLS: {}; messages to it are "
                                 "dropped and counted until it is",
                                 broker_, reason));
    }
}

void BrokerStatus::up(const std::string& account) {
    if (std::exchange(said_down_, false)) {
        spdlog::info(fmt::format("MQTT broker {} is back", broker_));
        said_shared_id_ = said_turned_away_ = false;
    }
    if (said_refused_.erase(account) > 0)
        spdlog::info(fmt::format("MQTT broker {} accepts {} now", broker_, named(account)));
}

void BrokerStatus::shared_id(const std::string& client, const std::string& reason) {
    if (!std::exchange(said_shared_id_, true)) {
        spdlog::warn(fmt::format(
            "MQTT broker {} accepts client {} and lets go of it, again and again ({}): most likely "
            "another client has the same id, as those of a second farm from the same file; give "
            "one farm mqtt_client_id = \"east-{{serial}}\" in its [farm]",
            broker_, client, reason));
    }
}

void BrokerStatus::turned_away(const std::string& client, const std::string& reason) {
    if (!std::exchange(said_turned_away_, true)) {
        spdlog::warn(fmt::format(
            "MQTT broker {} turns client {} away while it serves others ({}): is it full?", broker_,
            client, reason));
    }
}

void BrokerStatus::refused(const std::string& client, const std::string& account, int answer) {
    if (!said_refused_.insert(account).second)
        return;
    if (answer == 4 || answer == 5) {
        spdlog::warn(fmt::format("MQTT broker {} refuses {}: give one that it knows, as "
                                 "mqtt://account:password@{}",
                                 broker_, named(account), broker_));
        return;
    }
    spdlog::warn(fmt::format(
        "MQTT broker {} refuses {} ({}): kpmsim speaks MQTT 3.1.1, and the client id is {}",
        broker_, named(account), answer == 2 ? "client id not allowed" : "protocol version",
        client));
}

} // namespace kpmsim
