#include "cli/play/scenario_companions.hpp"

#include "cli/play/scenario_clients.hpp"

#include <utility>

namespace kpmsim {
namespace {

/// Clients of servers/client as a conductor takes them along.
class SimulatedCompanions : public Companions {
public:
    SimulatedCompanions(const std::vector<ClientPlan>& plans, Farm& farm, Actions& actions,
                        RunTrace* trace)
        : clients_{plans, farm, actions, trace}, noted_(clients_.all().size()) {}

    SimTime next_event() const override { return clients_.next_event(); }
    void hear(const Message& message) override { clients_.hear(message); }
    std::vector<Noted> advance(SimTime to) override {
        clients_.advance(to);
        std::vector<Noted> news;
        for (std::size_t c = 0; c < noted_.size(); ++c) {
            const SimulatedClient& client = *clients_.all()[c];
            for (; noted_[c] < client.log().size(); ++noted_[c]) {
                const ClientEntry& entry = client.log()[noted_[c]];
                news.push_back({entry.at, client.name(), std::string{name_of(entry.event)},
                                entry.meter, entry.what, entry.value, entry.text, entry.circuit});
            }
        }
        return news;
    }

private:
    ScenarioClients clients_;
    std::vector<std::size_t> noted_; ///< entries of each one's log
};

} // namespace

ScriptRules script_rules(bool open_ended) {
    ScriptRules rules;
    rules.open_ended = open_ended;
    rules.check_client = [](const TomlNode& node, const FarmPlan& farm,
                            std::vector<Mistake>& mistakes) { read_client(node, farm, mistakes); };
    return rules;
}

void add_clients(Conductor& conductor, RunTrace* trace) {
    const ScenarioPlan& plan = conductor.script().plan;
    if (plan.clients.empty())
        return;
    std::vector<Mistake> mistakes;
    std::vector<ClientPlan> clients;
    for (const TomlNode& node : plan.clients)
        if (auto client = read_client(node, plan.farm, mistakes))
            clients.push_back(std::move(*client));
    conductor.accompany(std::make_unique<SimulatedCompanions>(clients, conductor.farm(),
                                                              conductor.actions(), trace));
}

} // namespace kpmsim
