#pragma once

#include "cli/serve/command_desk.hpp"
#include "models/engine/broker_setting.hpp"
#include "scenarios/farm/farm.hpp"
#include "servers/faults/upload_faults.hpp"
#include "servers/mqtt/embedded_broker.hpp"
#include "servers/mqtt/mqtt_fleet.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kpmsim {

/// The radios of a farm's meters, and the embedded broker. Each meter that uploads has one, with one MQTT
/// client whatever its circuits, and it goes where its meter is told to go. Circuits go by numbers that
/// no other circuit has or had; one without a radio is passed over.
class FarmRadios {
public:
    /// `plan` outlives it. Throws CannotListen.
    FarmRadios(EventLoop& loop, const MqttPlan& plan);

    /// That of a meter whose circuits have these numbers. Throws CannotListen.
    void add(Meter& meter, const MeterPlan& plan, std::vector<std::size_t> circuits);
    /// Says goodbye to it, where the circuit's meter has one.
    void remove(std::size_t circuit);
    /// Meters that were told to go elsewhere do, and those that are other units come as such.
    void follow();

    /// Whether the circuit's messages go anywhere.
    bool sends(std::size_t circuit) const { return client_of(circuit).has_value(); }
    void publish(std::size_t circuit, const Message& message);
    /// Every message up to this moment has been published: what goes wrong with them lets go of what
    /// is due by then.
    void flush(SimTime to);
    /// What goes wrong with messages, by the circuits' numbers; null: nothing can. It outlives the radios.
    void put(UploadFaults* faults) { faults_ = faults; }
    /// The client of a circuit's meter, see MqttFleet. It is held as long as one of its circuits is.
    void drop(std::size_t circuit);
    void hold(std::size_t circuit, bool held);
    /// Held as well, behind what it was given: its meter has lost its supply.
    void lose_supply(std::size_t circuit);
    void leave_retained(std::size_t circuit, const std::string& topic, const std::string& payload);

    /// Calls `done` when every message so far has arrived, see MqttFleet::settle().
    void settle(std::chrono::milliseconds patience, std::function<void(std::size_t missing)> done);
    std::optional<Endpoint> broker() const; ///< the embedded one
    std::size_t clients() const { return fleet_ ? fleet_->size() : 0; }
    std::size_t connected() const { return fleet_ ? fleet_->connected() : 0; }
    bool coming() const { return fleet_ && fleet_->coming(); }
    Traffic traffic() const { return fleet_ ? fleet_->traffic() : Traffic{}; }
    /// Says goodbye on every connection; calls `done` within about a second.
    void close(std::function<void()> done);

private:
    struct Radio {
        Meter* meter{nullptr};
        std::string client_id;
        BrokerPlan plan;
        std::vector<std::size_t> circuits;
        BrokerSetting followed;            ///< as its client follows it
        std::string serial;                ///< … of another unit in its place, empty: its own
        std::optional<std::size_t> client; ///< in the fleet
        std::set<std::size_t> held;        ///< of its circuits, whose connection is held away
    };

    Radio* radio_of(std::size_t circuit) const;
    std::optional<std::size_t> client_of(std::size_t circuit) const;
    MqttEndpoint endpoint_of(const BrokerPlan& broker);
    std::optional<MqttEndpoint> broker_of(const Radio& radio);
    void open(Radio& radio);
    void close(Radio& radio);
    void send(const std::vector<UploadOnWay>& messages);
    void send(std::size_t client, const std::string& topic, const std::string& payload);
    void answer(std::size_t circuit, const std::string& topic, const std::string& payload);
    MqttFleet& fleet();

    EventLoop& loop_;
    const MqttPlan& plan_;
    std::list<Radio> radios_;
    std::map<std::size_t, Radio*> by_circuit_;
    std::map<std::size_t, Radio*> by_client_;
    std::unique_ptr<EmbeddedBroker> broker_; // outlives the fleet
    CommandDesk desk_;                       // outlives the fleet
    std::unique_ptr<MqttFleet> fleet_;
    UploadFaults* faults_{nullptr};
    std::shared_ptr<bool> alive_{std::make_shared<bool>(true)}; ///< for what is posted
};

} // namespace kpmsim
