#pragma once

#include "sim/folded_dft.hpp"
#include "sim/meter_state.hpp"

#include <array>

namespace kpmsim {

/// What one window's sums say about the voltages, primary side, DC removed.
struct VoltageWindow {
    bool star{true};                   ///< voltages against the neutral wire; else three-wire
    int phases{3};                     ///< with one only [0] counts
    std::array<Phasors, 3> x{};        ///< V; star: Ua Ub Uc, three-wire: Uab Ubc Uca
    std::array<double, 3> phase_rms{}; ///< V; three-wire: 0
    std::array<double, 3> line_rms{};  ///< V; Uab Ubc Uca
    std::array<double, 3> dead{};      ///< V; a fundamental below this is noise
    double f_hz{0};
};

/// The same for one circuit's currents. Powers are 0 where the meter has not started.
struct CurrentWindow {
    std::array<Phasors, 3> x{};    ///< A
    std::array<double, 3> rms{};   ///< A
    std::array<double, 3> dead{};  ///< A
    std::array<bool, 3> started{}; ///< at or above the start current; three-wire: all or none
    std::array<double, 3> p_w{};   ///< three-wire: the total at [0]
    std::array<double, 3> q_var{};
    double neutral_rms{0}; ///< A, where it is measured
};

/// Fills the slots that only the voltages decide; a KPM312's circuits share them.
void voltage_readings(const VoltageWindow& u, Readings& readings);
/// Fills those that need the currents.
void current_readings(const VoltageWindow& u, const CurrentWindow& i, Readings& readings);

} // namespace kpmsim
