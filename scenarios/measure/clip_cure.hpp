#pragma once

#include "scenarios/measure/measure.hpp"

#include <string>

namespace kpmsim {

/// What there is to know of the voltages or of the currents whose terminals may clip.
struct ClipCase {
    bool current{false};
    bool has_ratio{false}; ///< the meter is told one
    bool may_be_primary{
        false};       ///< the file does not rule out that its values are the primary side's
    double peak{0.0}; ///< V or A, of the values as they stand
};

/// What brings them back into the converter's range. A ratio divides primary values only; the one
/// that is named suffices, and where the given one does, none is named.
std::string clip_cure(const MeasureSpec& spec, const ClipCase& of);

} // namespace kpmsim
