#include "cli/serve/farm_radios.hpp"

#include "models/faces/mqtt_commands.hpp"
#include "models/type/serial.hpp"
#include "servers/net/asio.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <utility>

namespace kpmsim {

namespace {

/// The word MSTA, as far as it is known: there is no radio whose signal its first digit could show.
void show_wireless(Meter& meter, bool connected) {
    const int mode = meter.image().memory.broker.debug ? 0x0002 : 0x0001;
    meter.set_radio(static_cast<std::uint16_t>(mode | (connected ? 0x0100 : 0)));
}

/// The client id of the unit that stands there: where it is another one, what its pattern has of the
/// serial number is that one's.
std::string id_of(std::string id, const Meter& meter) {
    const std::string& own = meter.spec().serial;
    const std::string others = meter.image().memory.serial();
    if (const auto at = id.find(own); !others.empty() && at != id.npos)
        id.replace(at, own.size(), others);
    return id;
}

} // namespace

FarmRadios::FarmRadios(EventLoop& loop, const MqttPlan& plan) : loop_{loop}, plan_{plan} {
    if (plan.maintenance)
        endpoint_of(*plan.maintenance); // an embedded one is there before it is needed
}

void FarmRadios::add(Meter& meter, const MeterPlan& plan, std::vector<std::size_t> circuits) {
    Radio& radio = radios_.emplace_back();
    radio.meter = &meter;
    radio.client_id = plan.client_id;
    radio.plan = *plan.mqtt;
    radio.circuits = std::move(circuits);
    for (const std::size_t circuit : radio.circuits)
        by_circuit_[circuit] = &radio;
    open(radio);
}

void FarmRadios::remove(std::size_t circuit) {
    Radio* const radio = radio_of(circuit);
    if (radio == nullptr)
        return;
    close(*radio);
    for (const std::size_t each : radio->circuits)
        by_circuit_.erase(each);
    radios_.remove_if([&](const Radio& one) { return &one == radio; });
}

void FarmRadios::follow() {
    for (Radio& radio : radios_)
        if (radio.followed != radio.meter->image().memory.broker ||
            radio.serial != radio.meter->image().memory.serial()) {
            close(radio);
            open(radio);
        }
}

// Where they go -----------------------------------------------------------------------------------

MqttFleet& FarmRadios::fleet() {
    if (!fleet_) {
        MqttOptions options;
        options.qos = plan_.qos;
        options.keepalive_s = plan_.keepalive_s;
        options.tls = {plan_.ca, plan_.certificate, plan_.key, plan_.check_name};
        fleet_ = std::make_unique<MqttFleet>(loop_, options);
        fleet_->on_change([this](std::size_t client, bool connected) {
            const auto found = by_client_.find(client);
            if (found == by_client_.end())
                return;
            Meter& meter = *found->second->meter;
            show_wireless(meter, connected);
            if (connected && meter.image().memory.broker.debug) {
                const Upload request = config_request(meter.circuits().front());
                fleet_->publish(client, request.topic, request.payload);
            }
        });
    }
    return *fleet_;
}

MqttEndpoint FarmRadios::endpoint_of(const BrokerPlan& broker) {
    if (!broker.embedded)
        return broker.at;
    if (!broker_)
        broker_ = std::make_unique<EmbeddedBroker>();
    MqttEndpoint endpoint = broker.at;
    endpoint.host = broker_->endpoint().host;
    endpoint.port = broker_->endpoint().port;
    return endpoint;
}

/// Nothing: it asks the maintenance platform, and there is none.
std::optional<MqttEndpoint> FarmRadios::broker_of(const Radio& radio) {
    const Meter& meter = *radio.meter;
    if (radio.followed.debug)
        return plan_.maintenance ? std::optional{endpoint_of(*plan_.maintenance)} : std::nullopt;
    const bool wifi = carrier_of(meter.type().serial, meter.spec().serial) != Carrier::gsm;
    if (const auto info = read_broker_info(radio.followed.info, wifi)) {
        MqttEndpoint endpoint;
        endpoint.host = info->host;
        endpoint.port = info->port;
        endpoint.account = info->account;
        endpoint.password = info->password;
        return endpoint;
    }
    return endpoint_of(radio.plan);
}

void FarmRadios::open(Radio& radio) {
    radio.followed = radio.meter->image().memory.broker;
    radio.serial = radio.meter->image().memory.serial();
    show_wireless(*radio.meter, false);
    const auto at = broker_of(radio);
    if (!at) {
        const std::string& name = radio.meter->spec().name;
        spdlog::warn(fmt::format(
            "meter {0} has left its broker for the maintenance platform (MQTT_RECONFIG), and there "
            "is none: it sends nothing; write mqtt_maintenance into [farm], or bring it back: "
            "kpmsim act factory-settings --meter {0}, or kpmsim act mqtt-command --meter {0} "
            "--command SET --payload '{{\"info\":\"…\"}}'",
            name));
        return;
    }
    const auto publish = [this, circuit = radio.circuits.front()](const std::string& topic,
                                                                  const std::string& payload) {
        answer(circuit, topic, payload);
    };
    const std::size_t client =
        fleet().add(id_of(radio.client_id, *radio.meter), *at, desk_.inbox(*radio.meter, publish));
    radio.client = client;
    by_client_[client] = &radio;
    if (!radio.held.empty())
        fleet_->hold(client, true);
}

void FarmRadios::close(Radio& radio) {
    if (!radio.client)
        return;
    by_client_.erase(*radio.client);
    fleet_->remove(*radio.client);
    radio.client.reset();
}

void FarmRadios::answer(std::size_t circuit, const std::string& topic, const std::string& payload) {
    if (const auto client = client_of(circuit))
        fleet_->publish(*client, topic, payload);
    // What it was told may be to go elsewhere; not while its client takes a message.
    boost::asio::post(loop_, [this, alive = std::weak_ptr{alive_}] {
        if (alive.lock())
            follow();
    });
}

// What they send ----------------------------------------------------------------------------------

FarmRadios::Radio* FarmRadios::radio_of(std::size_t circuit) const {
    const auto found = by_circuit_.find(circuit);
    return found == by_circuit_.end() ? nullptr : found->second;
}

std::optional<std::size_t> FarmRadios::client_of(std::size_t circuit) const {
    const Radio* const radio = radio_of(circuit);
    return radio == nullptr ? std::nullopt : radio->client;
}

void FarmRadios::publish(std::size_t circuit, const Message& message) {
    const auto client = client_of(circuit);
    if (!client)
        return;
    if (faults_ == nullptr || faults_->idle()) {
        send(*client, message.topic, message.payload);
        return;
    }
    std::vector<UploadOnWay> out;
    faults_->take({message.at.time_since_epoch(), circuit, message.topic, message.payload}, out);
    send(out);
}

void FarmRadios::flush(SimTime to) {
    follow();
    if (faults_ == nullptr || faults_->idle())
        return;
    std::vector<UploadOnWay> out;
    faults_->advance(to.time_since_epoch(), out);
    send(out);
}

void FarmRadios::send(const std::vector<UploadOnWay>& messages) {
    for (const UploadOnWay& message : messages)
        if (const auto client = client_of(message.client))
            send(*client, message.topic, message.payload);
}

/// An answer to a command is for who asked: no broker keeps it for others.
void FarmRadios::send(std::size_t client, const std::string& topic, const std::string& payload) {
    fleet_->publish(client, topic, payload, plan_.retain && !answers_command(topic));
}

void FarmRadios::drop(std::size_t circuit) {
    if (const auto client = client_of(circuit))
        fleet_->drop(*client);
}

void FarmRadios::hold(std::size_t circuit, bool held) {
    Radio* const radio = radio_of(circuit);
    if (radio == nullptr)
        return;
    if (held)
        radio->held.insert(circuit);
    else
        radio->held.erase(circuit);
    if (radio->client)
        fleet_->hold(*radio->client, !radio->held.empty());
}

void FarmRadios::lose_supply(std::size_t circuit) {
    Radio* const radio = radio_of(circuit);
    if (radio == nullptr)
        return;
    radio->held.insert(circuit);
    if (radio->client)
        fleet_->leave(*radio->client);
}

void FarmRadios::leave_retained(std::size_t circuit, const std::string& topic,
                                const std::string& payload) {
    if (const auto client = client_of(circuit))
        fleet_->publish(*client, topic, payload, true);
}

// All of them -------------------------------------------------------------------------------------

void FarmRadios::settle(std::chrono::milliseconds patience,
                        std::function<void(std::size_t missing)> done) {
    if (fleet_)
        fleet_->settle(patience, std::move(done));
    else
        done(0);
}

std::optional<Endpoint> FarmRadios::broker() const {
    return broker_ ? std::optional{broker_->endpoint()} : std::nullopt;
}

void FarmRadios::close(std::function<void()> done) {
    alive_.reset();
    if (fleet_)
        fleet_->close(std::move(done));
    else
        done();
}

} // namespace kpmsim
