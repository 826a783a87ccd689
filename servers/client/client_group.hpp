#pragma once

#include "servers/client/simulated_client.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

/// One client with several connections, each of which goes its own way: one log, in the order of its
/// moments, those of one moment in the order of the connections.
class ClientGroup final : public SimulatedClient {
public:
    ClientGroup(std::string name, std::vector<std::unique_ptr<SimulatedClient>> parts)
        : name_{std::move(name)}, parts_{std::move(parts)}, noted_(parts_.size()) {}

    const std::string& name() const override { return name_; }
    SimTime next_event() const override;
    void advance(SimTime to) override;
    const ClientLog& log() const override { return log_; }

private:
    std::string name_;
    std::vector<std::unique_ptr<SimulatedClient>> parts_;
    std::vector<std::size_t> noted_; ///< entries of each part's log
    ClientLog log_;
};

} // namespace kpmsim
