#include "models/engine/allowed_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kpmsim {

std::string allowed_values(const SettingRow& row) {
    std::string choices;
    for (const std::int64_t each : row.choices)
        choices += fmt::format("{}{:g}", choices.empty() ? "" : ", ", row.shown(each));
    const std::string step =
        row.scale == 1 ? "a whole number" : fmt::format("a multiple of {:g}", 1.0 / row.scale);
    return choices.empty() ? fmt::format("write {} from {:g} to {:g}", step, row.shown(row.least),
                                         row.shown(row.most))
                           : "write one of " + choices;
}

bool is_between(const SettingRow& row, double value) {
    const double kept = value * row.scale;
    return std::abs(kept - std::round(kept)) > 1e-6 * std::max(1.0, std::abs(kept));
}

} // namespace kpmsim
