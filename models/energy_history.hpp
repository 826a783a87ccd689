#pragma once

#include "sim/clock.hpp"
#include "sim/meter_state.hpp"

#include <optional>
#include <vector>

namespace kpmsim {

/// What a loop used in this month and the twelve before it, by settlement day (0:00 on day S_d).
class EnergyHistory {
public:
    static constexpr int months = 13; ///< [0] is the running one

    /// Tells it the registers at a moment; a settlement moment passed since the last call closes
    /// the month.
    void update(const EnergyRegisters& now, CivilTime rtc, int settlement_day);
    void clear();
    /// kWh or kvarh of month 0..12.
    double kilo(Energy e, int month) const;

private:
    EnergyRegisters now_;
    /// Registers when a month began: [0] of the running one, then of those that were closed.
    std::vector<EnergyRegisters> at_start_{1};
    std::optional<CivilTime> next_settlement_;
};

} // namespace kpmsim
