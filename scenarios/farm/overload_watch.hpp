#pragma once

#include "scenarios/farm/by_meter.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kpmsim {

/// Inputs of a circuit that bore more than their maker says they can.
struct Overloaded {
    std::size_t meter{0};
    int circuit{0};
    std::vector<std::string> inputs; ///< ua, …, ic: those that were not told yet
    CivilTime since{};               ///< the circuit's first of all, by the meter's clock
};
/// A sentence for the log.
std::string to_text(const Farm& farm, const Overloaded& one);

/// Tells of them, once a unit and input.
class OverloadWatch {
public:
    /// To be called after each publish().
    std::vector<Overloaded> look(const Farm& farm);

private:
    ByMeter<std::vector<std::uint8_t>> told_; ///< by circuit: Overload::beyond
};

} // namespace kpmsim
