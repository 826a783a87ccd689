#pragma once

#include "files/mistake.hpp"
#include "models/type/point.hpp"
#include "scenarios/file/farm_plan.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace kpmsim {

/// One point of one circuit of one meter.
struct ConditionTerm {
    std::size_t meter{0}; ///< place in the farm
    int circuit{0};       ///< 0-based
    PointId point{};
};

/// What may be true of a farm at one moment: `shop-3.p > 2000 and shop-3.u_a < 207`.
///
/// A term is METER.POINT, or METER[2].POINT for the second circuit, with the point's unit of the
/// catalogue. Around terms and numbers: + - * / ^ and brackets; < <= > >= == !=; and, or, not (of what is
/// in brackets); abs(), min(), max(), sqrt(). A value that is no number makes every comparison false.
class Condition {
public:
    /// Nothing when it cannot be read; `fault` says why.
    static std::optional<Condition> read(std::string_view text,
                                         const std::vector<MeterPlan>& meters, Fault& fault);

    bool holds(const std::function<double(const ConditionTerm&)>& value) const;

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
