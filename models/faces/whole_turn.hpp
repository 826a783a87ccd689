#pragma once

#include "models/type/point.hpp"

namespace kpmsim {

/// The value as it is written down in steps of `step`: an angle that comes to a whole turn is 0.
inline double less_whole_turn(const Point& point, double value, double step) {
    return point.unit == "deg" && value + step / 2 >= 360 ? 0 : value;
}

} // namespace kpmsim
