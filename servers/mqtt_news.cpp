#include "servers/mqtt_news.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace kpmsim {
namespace {

std::string named(const std::string& account) {
    return account.empty() ? "clients without an account" : "account \"" + account + '"';
}

} // namespace

void MqttNews::down(const std::string& reason) {
    if (!std::exchange(said_down_, true)) {
        spdlog::warn("MQTT broker {} is down ({}): messages to it are dropped and counted until it "
                     "is back",
                     broker_, reason);
    }
}

void MqttNews::up(const std::string& account) {
    if (std::exchange(said_down_, false)) {
        spdlog::info("MQTT broker {} is back", broker_);
        said_unsteady_ = false;
    }
    if (said_refused_.erase(account) > 0)
        spdlog::info("MQTT broker {} accepts {} now", broker_, named(account));
}

void MqttNews::unsteady(const std::string& client, const std::string& reason) {
    if (!std::exchange(said_unsteady_, true)) {
        spdlog::warn(
            "MQTT broker {} does not keep client {} while it serves others ({}): is the id "
            "in use twice, or the broker full?",
            broker_, client, reason);
    }
}

void MqttNews::refused(const std::string& client, const std::string& account, int answer) {
    if (!said_refused_.insert(account).second)
        return;
    if (answer == 4 || answer == 5) {
        spdlog::warn("MQTT broker {} refuses {}: give one that it knows, as "
                     "mqtt://account:password@{}",
                     broker_, named(account), broker_);
        return;
    }
    spdlog::warn(
        "MQTT broker {} refuses {} ({}): kpmsim speaks MQTT 3.1.1, and the client id is {}",
        broker_, named(account), answer == 2 ? "client id not allowed" : "protocol version",
        client);
}

} // namespace kpmsim
