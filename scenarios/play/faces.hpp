#pragma once

#include "scenarios/file/formula.hpp"

#include <optional>

namespace kpmsim {

/// One way in which a meter shows a point to the outside, and what it can show of it.
struct PointFace {
    FormulaTerm term;
    double absolute{0}; ///< its smallest step
    double relative{0}; ///< … as a part of the value

    /// How far the shown value may be from the point's.
    double step_at(double value) const;
};

/// A point's register and its key in a packet, where it has them.
struct PointFaces {
    std::optional<PointFace> registers, packet;
};
PointFaces faces_of(const MeterPlan& meter, const FormulaTerm& point);

} // namespace kpmsim
