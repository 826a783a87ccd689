#pragma once

#include "sim/clock.hpp"
#include "sim/meter_state.hpp"

#include <array>

namespace kpmsim {

/// Mean powers of one window. `phases` is false where a meter knows totals only (three-wire): the
/// totals then stand in place of phase a, and no register of a phase counts.
struct WindowPowers {
    std::array<double, 3> p_w{};
    std::array<double, 3> q_var{};
    double s_va{0};
    bool phases{true};
};

/// Turns powers into counts.
///
/// Each phase's energy becomes whole microjoules, and what rounding leaves goes into the next
/// window; from there on there are only integers. The total is the sum of the phases' signed counts
/// and goes to import or export, to a quadrant and to a tariff as one number, so parts and whole
/// agree to the microjoule.
///
/// unit    µJ (µvar·s, µVA·s)
/// error   a phase's register that never changes sign: below 1 µJ + 1e-15 of the amount; a total:
///         below three of these
class EnergyMeter {
public:
    /// `tariff` 0 to 5.
    void count(const WindowPowers& powers, SimDuration length, int tariff,
               EnergyRegisters& registers);
    void clear() { *this = {}; }
    KPMSIM_FIELDS(p_rest_uj_, q_rest_uj_, s_rest_uj_);

private:
    std::array<double, 3> p_rest_uj_{};
    std::array<double, 3> q_rest_uj_{};
    double s_rest_uj_{0};
};

} // namespace kpmsim
