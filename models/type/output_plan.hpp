#pragma once

#include "models/type/point.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kpmsim {

/// Quantities that an analogue output can put out, by the number that its setting has for them.
struct OutputPlan {
    struct Choice {
        PointId point{}; ///< a reading
        bool star{false};
        bool delta{false};
    };
    std::vector<Choice> choices;

    bool empty() const { return choices.empty(); }
    bool offers(bool star, std::int64_t number) const {
        if (number < 0 || number >= static_cast<std::int64_t>(choices.size()))
            return false;
        const Choice& one = choices[static_cast<std::size_t>(number)];
        return star ? one.star : one.delta;
    }
};

} // namespace kpmsim
