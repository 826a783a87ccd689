#pragma once

#include "scenarios/farm/farm.hpp"
#include "sim/fields.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kpmsim {

/// Tells, once a meter, that its converter keeps window fidelity from jumping.
class HeldWatch {
public:
    /// Sentences for the log. To be called after each publish().
    std::vector<std::string> look(Farm& farm);

    KPMSIM_FIELDS(told_);

private:
    std::vector<std::uint8_t> told_; ///< by meter
};

} // namespace kpmsim
