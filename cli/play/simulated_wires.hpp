#pragma once

#include "cli/serve/wire_place.hpp"
#include "scenarios/farm/farm.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace kpmsim {

/// The ways to a farm's meters without sockets, for clients in simulated time: each bus as its line, and
/// for each meter a port of Modbus-TCP of its own, or one that meters share where they share it in the
/// file. A meter that the file gives no way to has a port, too.
class SimulatedWires {
public:
    /// The farm outlives it.
    explicit SimulatedWires(Farm& farm);

    const std::vector<WirePlace>& places() const { return places_; }
    const WirePlace* line(const std::string& bus) const; ///< null: no such bus has meters
    const WirePlace& port(std::size_t meter) const;      ///< of Modbus-TCP

private:
    std::vector<WirePlace> places_;
    std::vector<std::size_t> port_of_meter_; ///< in `places_`
};

} // namespace kpmsim
