#include "scenarios/play/wiring_signs.hpp"

#include <array>

// 1 kW at 0.9 ind is 1111.1 VA and 4.831 A, 25.84 degrees behind; a current that is measured against
// another phase's voltage stands 120 degrees further on: 1111.1 cos(25.84 + 120) = -919.4 W, and
// 1111.1 cos(25.84 - 120) = -80.6 W. The uneven load's star point stands at the mean of the voltages,
// weighted 1, 2, 3.

namespace kpmsim {
namespace {

constexpr std::array signs{
    WiringSign{"ct-reversed", R"("phase": "b")", false, "p_b", "W", 1000, -1000,
               "P and Q of the phase change their sign"},
    WiringSign{"ct-reversed", R"("phase": "b")", false, "p", "W", 3000, 1000,
               "the total is a third of what it was"},
    WiringSign{"ct-reversed", R"("phase": "b")", false, "i_b", "A", 4.831, 4.831,
               "the current stays"},
    WiringSign{"ct-swapped", R"("phases": "ab")", false, "p_a", "W", 1000, -919.4,
               "measured against the voltage of another phase"},
    WiringSign{"ct-swapped", R"("phases": "ab")", false, "p_b", "W", 1000, -80.57, "likewise"},
    WiringSign{"ct-swapped", R"("phases": "ab")", false, "p_c", "W", 1000, 1000,
               "the third phase is right"},
    WiringSign{"ct-swapped", R"("phases": "ab")", false, "p", "W", 3000, 0,
               "of a balanced load the total vanishes"},
    WiringSign{"ct-open", R"("phase": "c")", false, "i_c", "A", 4.831, 0,
               "no current at the terminal"},
    WiringSign{"ct-open", R"("phase": "c")", false, "p", "W", 3000, 2000,
               "the phase's power is missing"},
    WiringSign{"ct-shorted", R"("phase": "c")", false, "i_c", "A", 4.831, 0.09662,
               "a fiftieth of the current"},
    WiringSign{"ct-on-phase", R"("phase": "a", "sees": "c")", false, "p_a", "W", 1000, -80.57,
               "the current of another phase against its own voltage"},
    WiringSign{"phase-rotation", R"("phases": "bc")", false, "p_b", "W", 1000, -80.57,
               "voltages exchanged, currents not"},
    WiringSign{"phase-rotation", R"("phases": "bc")", false, "p", "W", 3000, 0,
               "of a balanced load the total vanishes"},
    WiringSign{"phase-rotation", R"("phases": "bc")", false, "u_b", "V", 230, 230,
               "the voltages stay, their order turns"},
    WiringSign{"u-open", R"("phase": "a")", false, "u_a", "V", 230, 0, "no voltage"},
    WiringSign{"u-open", R"("phase": "a")", false, "i_a", "A", 4.831, 4.831,
               "the current flows on"},
    WiringSign{"u-open", R"("phase": "a")", false, "p", "W", 3000, 2000,
               "the phase's power is missing"},
    WiringSign{"pt-fuse-blown", R"("phase": "a")", false, "u_a", "V", 230, 34.5,
               "what the others leave: 15 %, or `residual`"},
    WiringSign{"pt-fuse-blown", R"("phase": "a")", false, "p_a", "W", 1000, 150, "likewise"},
    WiringSign{"wrong-ratio", R"("ct": "10/5 A")", false, "i_a", "A", 4.831, 2.415,
               "every current and power by the same factor"},
    WiringSign{"wrong-ratio", R"("pt": "1000/100 V")", false, "u_a", "V", 230, 23,
               "every voltage and power by the same factor"},
    WiringSign{"neutral-lost", "", true, "u_a", "V", 230, 289.4,
               "the phase with the least load has too much voltage"},
    WiringSign{"neutral-lost", "", true, "u_c", "V", 230, 175.7,
               "the one with the most has too little"},
    WiringSign{"neutral-lost", "", true, "i_a", "A", 4.348, 5.471,
               "a resistance follows its voltage"},
    WiringSign{"neutral-lost", "", false, "u_a", "V", 230, 230, "a balanced load shows nothing"},
};

} // namespace

std::span<const WiringSign> wiring_signs() { return signs; }

} // namespace kpmsim
