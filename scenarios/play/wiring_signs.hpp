#pragma once

#include <span>
#include <string_view>

namespace kpmsim {

/// How one wiring fault shows in a reading: for the reference page, and for the test that holds the page
/// to the program. Of a KPM37 wired in star at 230 V and 50 Hz, without errors of its own.
struct WiringSign {
    std::string_view kind;
    std::string_view parameters; ///< as JSON has them behind the kind: "phase": "b"
    bool uneven{false};          ///< resistive, 1, 2 and 3 kW; else 1 kW a phase at 0.9 ind
    std::string_view point;
    std::string_view unit;
    double before{0}; ///< to four digits
    double then{0};
    std::string_view says; ///< what to recognise it by
};
std::span<const WiringSign> wiring_signs();

} // namespace kpmsim
