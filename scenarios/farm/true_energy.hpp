#pragma once

#include "sim/meter_state.hpp"

#include <array>

namespace kpmsim {

/// The energies of the analytic truth, booked as a meter books them: each phase and the total by
/// direction, the totals by quadrant and tariff.
///
/// unit    inside Ws (vars, VAs) in long double; out: counts of 1 µJ
/// error   below 1e-15 of the sum of what was added
class TrueEnergy {
public:
    /// The powers of one window; so many `phases` are known besides the totals (metered_phases()).
    void add(const Readings& truth, SimDuration length, int tariff, int phases);
    void clear() { joule_ = {}; }
    /// The registers that it has from before.
    void begin(const EnergyRegisters& registers);
    EnergyRegisters registers() const;

    KPMSIM_FIELDS(joule_);

private:
    std::array<long double, energy_slots> joule_{};
};

} // namespace kpmsim
