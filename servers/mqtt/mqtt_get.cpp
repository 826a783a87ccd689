#include "servers/mqtt/mqtt_get.hpp"

#include <fmt/format.h>
#include <memory>
#include <mosquitto.h>
#include <optional>

namespace kpmsim {
namespace {

using Answer = Result<std::string, std::string>;

struct Heard {
    std::string topic;
    int refused{0}; ///< what CONNACK said
    std::optional<std::string> payload;
};

Answer none(const MqttEndpoint& broker, const std::string& why) {
    return Unexpected<std::string>{fmt::format("{}: {}", to_text(broker), why)};
}

void on_connect(mosquitto* client, void* self, int code) {
    auto& heard = *static_cast<Heard*>(self);
    heard.refused = code;
    if (code == 0)
        mosquitto_subscribe(client, nullptr, heard.topic.c_str(), 1);
}

void on_message(mosquitto*, void* self, const mosquitto_message* message) {
    auto& heard = *static_cast<Heard*>(self);
    if (!heard.payload)
        heard.payload.emplace(static_cast<const char*>(message->payload),
                              static_cast<std::size_t>(message->payloadlen));
}

} // namespace

Answer mqtt_get(const MqttEndpoint& broker, const std::string& topic,
                std::chrono::seconds patience) {
    using Clock = std::chrono::steady_clock;
    if (mosquitto_sub_topic_check(topic.c_str()) != MOSQ_ERR_SUCCESS)
        return none(broker, fmt::format("\"{}\" is no topic", topic));
    mosquitto_lib_init();
    Heard heard{topic, 0, {}};
    const std::unique_ptr<mosquitto, void (*)(mosquitto*)> client{
        mosquitto_new(nullptr, true, &heard), mosquitto_destroy};
    if (!client)
        return none(broker, "no client can be made");
    if (!broker.account.empty())
        mosquitto_username_pw_set(client.get(), broker.account.c_str(), broker.password.c_str());
    if (broker.tls && mosquitto_tls_set(client.get(), nullptr, "/etc/ssl/certs", nullptr, nullptr,
                                        nullptr) != MOSQ_ERR_SUCCESS)
        return none(broker, "its TLS cannot be set up");
    mosquitto_connect_callback_set(client.get(), on_connect);
    mosquitto_message_callback_set(client.get(), on_message);
    int error = mosquitto_connect(client.get(), broker.host.c_str(), broker.port, 60);
    const auto deadline = Clock::now() + patience;
    while (error == MOSQ_ERR_SUCCESS && !heard.payload && heard.refused == 0) {
        if (Clock::now() > deadline)
            return none(broker,
                        fmt::format("no message on {} within {} s", topic, patience.count()));
        error = mosquitto_loop(client.get(), 50, 1);
    }
    if (heard.payload)
        return *heard.payload;
    return none(broker, heard.refused != 0 ? mosquitto_connack_string(heard.refused)
                                           : mosquitto_strerror(error));
}

} // namespace kpmsim
