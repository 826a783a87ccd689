#pragma once

#include "cli/serve/farm_faults.hpp"
#include "cli/serve/farm_server.hpp"

#include <cstdint>

namespace kpmsim {

/// What actions do to the wires and brokers of a farm that is served: at its ports, and to its sessions. All outlive it.
class ServedFaults {
public:
    ServedFaults(Actions& actions, const Farm& farm, FarmServer& server);
    ~ServedFaults();
    ServedFaults(const ServedFaults&) = delete;
    ServedFaults& operator=(const ServedFaults&) = delete;

    /// For the runner's hooks: meters may have come or gone, a meter says something, all of it has gone
    /// out, and faults begin and end …
    void published();
    void says(const Message& message) { faults_.let_go(message.meter); }
    void sent() { faults_.sent(); }
    /// … at these moments; SimTime::max() for never.
    SimTime next_stop() const;

private:
    Actions& actions_;
    const Farm& farm_;
    FarmServer& server_;
    FarmFaults faults_;
    std::uint64_t followed_; ///< FarmServer::followed()
};

} // namespace kpmsim
