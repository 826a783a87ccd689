#pragma once

#include "models/type/point.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kpmsim {

/// What the percentage of a threshold is of.
enum class AlarmBase : std::uint8_t {
    none, ///< nothing: the reading is in % itself
    un,   ///< rated voltage, at the primary
    in,   ///< rated current, at the primary
    pn,   ///< rated power: 3 Un In in star, sqrt(3) Un In in delta, Un In of one phase
};

/// A condition that a meter watches in each of its circuits.
struct AlarmRow {
    std::string name; ///< over_voltage; the point is alarm_over_voltage
    std::string title;
    std::vector<PointId> of;       ///< readings: the size of any one of them is enough
    std::vector<PointId> of_delta; ///< … of a three-wire meter; empty = the same
    int threshold{-1};             ///< place of its setting; -1 = it is about an input
    bool below{false};             ///< holds below the threshold, not above it
    AlarmBase base{AlarmBase::none};
    int input{-1}; ///< 0-based, of the circuit: holds while that is closed
};

} // namespace kpmsim
