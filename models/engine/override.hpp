#pragma once

#include "models/type/point.hpp"
#include "sim/fields.hpp"

#include <cstdint>
#include <string>

namespace kpmsim {

enum class OverrideForm : std::uint8_t {
    stand_still, ///< shows `value`
    add,         ///< shows `value` more than there is
    wrap,        ///< begins again at 0 at each `value`
};

constexpr bool valid(OverrideForm form) { return form <= OverrideForm::wrap; }

/// Makes a circuit show something else than it holds, on every protocol. What it measures, counts and
/// does is untouched.
struct Override {
    std::uint64_t action{0}; ///< whose it is
    PointId point{};
    int circuit{0};
    OverrideForm form{};
    double value{0};
    KPMSIM_FIELDS(action, point, circuit, form, value);

    double shown(double real) const;
};

/// Another unit of its type that stands in a meter's place.
struct OtherUnit {
    std::uint64_t action{0}; ///< whose it is
    std::string serial;
    KPMSIM_FIELDS(action, serial);
};

} // namespace kpmsim
