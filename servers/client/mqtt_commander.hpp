#pragma once

#include "models/engine/meter.hpp"
#include "servers/client/simulated_client.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace kpmsim {

/// One command to one circuit.
struct CommandOrder {
    SimTime at{};
    Circuit* circuit{nullptr}; ///< outlives the commander
    std::string topic;         ///< of the command
    std::string payload;
};

/// Publishes commands to meters at their moments and notes what they answer: a `request` with the
/// payload, an `answer` for each message that comes back, or a `failure` for silence.
class MqttCommander final : public SimulatedClient {
public:
    /// `orders` by time, none before the farm's present.
    MqttCommander(std::string name, std::vector<CommandOrder> orders);

    const std::string& name() const override { return name_; }
    SimTime next_event() const override;
    void advance(SimTime to) override;
    const ClientLog& log() const override { return log_; }

private:
    void give(const CommandOrder& order);

    std::string name_;
    std::vector<CommandOrder> orders_;
    std::size_t given_{0};
    ClientLog log_;
};

} // namespace kpmsim
