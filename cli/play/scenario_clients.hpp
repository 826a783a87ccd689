#pragma once

#include "cli/play/client_plan.hpp"
#include "cli/play/run_trace.hpp"
#include "cli/play/simulated_wires.hpp"
#include "cli/serve/farm_faults.hpp"
#include "servers/client/simulated_client.hpp"
#include "servers/line/wire_tap.hpp"

#include <map>
#include <memory>
#include <vector>

namespace kpmsim {

/// The clients of a scenario, in simulated time, and what goes wrong between them and the farm: no
/// socket, no thread. Whoever steps the farm does, for each stop `to`:
///
///     farm.advance(to); farm.publish(to);
///     for (const Message& message : farm.take_messages())
///         clients.hear(message);
///     clients.advance(to);
///
/// and stops at next_event() at the latest: what a client reads is what the farm has published then.
class ScenarioClients {
public:
    /// The farm, its actions and the trace, if there is one, outlive it.
    ScenarioClients(const std::vector<ClientPlan>& plans, Farm& farm, Actions& actions,
                    RunTrace* trace = nullptr);
    ~ScenarioClients();

    /// SimTime::max() for never.
    SimTime next_event() const;
    /// A message of the farm, in its order.
    void hear(const Message& message);
    void advance(SimTime to);

    const std::vector<std::unique_ptr<SimulatedClient>>& all() const { return clients_; }
    const SimulatedClient* find(const std::string& name) const;

private:
    void tap(const Farm& farm, RunTrace& trace);
    ByteServiceFactory& way_to(const WirePlace& place);
    std::unique_ptr<SimulatedClient> client_of(const ClientPlan& plan, Farm& farm, RunTrace* trace);
    void hand_on(const std::vector<UploadOnWay>& messages);
    /// Without power, or its broker, a circuit's messages are lost.
    bool is_cut_off(std::size_t circuit) const { return held_[circuit]; }

    Actions& actions_;
    SimulatedWires wires_;
    std::map<const WirePlace*, WireTap> taps_; ///< before the faults' seat, where a trace is kept
    FarmFaults faults_;
    std::vector<std::unique_ptr<SimulatedClient>> clients_;
    std::vector<std::size_t> first_circuit_; ///< by meter
    std::vector<bool> held_;
    SimTime now_{};
};

} // namespace kpmsim
