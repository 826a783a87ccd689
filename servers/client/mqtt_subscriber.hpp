#pragma once

#include "models/type/meter_type.hpp"
#include "servers/client/ledger.hpp"
#include "servers/client/simulated_client.hpp"

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

/// A circuit whose messages a subscriber knows.
struct ClientSender {
    std::string serial; ///< the id in its packets
    std::string meter;
    int circuit{0};
    const MeterType* type{nullptr};
};

struct SubscriberPlan {
    std::string name;
    std::vector<ClientSender> senders;
    SimDuration every{std::chrono::minutes{5}};     ///< energies are expected so far apart
    SimDuration patience{std::chrono::seconds{30}}; ///< with a record whose packets do not all come
    Ledger::Plan books;
    ClientMistakes mistakes;
};

/// Listens to the meters' packets and joins those that belong together: of one topic, one id and one
/// time, up to the one whose isend is "1". A key that the sender's packets have becomes a value of its
/// point; numbers that come as texts count.
class MqttSubscriber final : public SimulatedClient {
public:
    explicit MqttSubscriber(SubscriberPlan plan);

    const std::string& name() const override { return plan_.name; }
    SimTime next_event() const override;
    void advance(SimTime to) override;
    void hear(SimTime at, const std::string& topic, const std::string& payload) override;
    const ClientLog& log() const override { return log_; }

private:
    /// One record that is not whole yet.
    struct Joining {
        std::string id;
        SimTime begun{};
        std::map<std::string, double> keys;
        int packets{0};
    };
    struct RecordName {
        std::string topic, id, time;
        auto operator<=>(const RecordName&) const = default;
    };

    void take_packet(SimTime at, const RecordName& of, bool last,
                     const std::map<std::string, double>& keys);
    void finish(SimTime at, const RecordName& of, const Joining& record);
    const ClientSender* sender(const std::string& id) const;
    bool does(ClientMistake mistake) const { return plan_.mistakes.contains(mistake); }

    SubscriberPlan plan_;
    Ledger ledger_;
    ClientLog log_;
    std::map<RecordName, Joining> joining_;
    std::set<RecordName> had_; ///< records of the last time of each meter
};

} // namespace kpmsim
