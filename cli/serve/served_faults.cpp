#include "cli/serve/served_faults.hpp"

namespace kpmsim {

ServedFaults::ServedFaults(Actions& actions, const Farm& farm, FarmServer& server)
    : actions_{actions}, farm_{farm}, server_{server}, faults_{actions, farm},
      followed_{server.followed()} {
    FarmFaults::Hooks hooks;
    hooks.disconnect = [this](std::size_t circuit) { server_.radios().drop(circuit); };
    hooks.hold = [this](std::size_t circuit, bool held) { server_.radios().hold(circuit, held); };
    hooks.lose_supply = [this](std::size_t circuit) { server_.radios().lose_supply(circuit); };
    hooks.leave_retained = [this](std::size_t circuit, const std::string& topic,
                                  const std::string& payload) {
        server_.radios().leave_retained(circuit, topic, payload);
    };
    faults_.follow(server.places(), server.circuit_numbers());
    faults_.set(std::move(hooks));
    server.radios().put(&faults_.uploads());
    actions.on_change([this] { faults_.look(farm_.now()); });
    faults_.look(farm.now());
    faults_.sent();
}

ServedFaults::~ServedFaults() {
    actions_.on_change({});
    server_.radios().put(nullptr);
}

void ServedFaults::published() {
    if (followed_ != server_.followed()) {
        followed_ = server_.followed();
        faults_.follow(server_.places(), server_.circuit_numbers());
    }
    faults_.look(farm_.now());
}

SimTime ServedFaults::next_stop() const { return faults_.next_change(farm_.now()); }

} // namespace kpmsim
