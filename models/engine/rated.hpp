#pragma once

#include "models/engine/memory.hpp"
#include "models/engine/meter_spec.hpp"

namespace kpmsim {

/// What 100 % of a circuit is by its menu, at the primary.
struct Rated {
    bool star{true};
    double u_v{0};    ///< Un times PT: to neutral in star, between lines in delta
    double line_v{0}; ///< between lines
    double i_a{0};    ///< In times CT
    double phase_w{0};
    double p_w{0};      ///< 3 Un In in star, sqrt(3) Un In in delta, Un In of one phase
    double output_w{0}; ///< an analogue output's Pe: 3 Un In in star and in delta
};

Rated rated(const MeterSpec& spec, const MeterMemory& memory, int circuit);

} // namespace kpmsim
