#pragma once

#include "sim/clock.hpp"
#include "sim/fields.hpp"
#include "sim/meter_state.hpp"
#include "sim/shared.hpp"

#include <vector>

namespace kpmsim {

/// To less from; nothing when the register was cleared in between.
EnergyCount used(const EnergyCount& from, const EnergyCount& to);

/// What a circuit used in the running month and in the twelve before it; a month ends at the
/// settlement moment, 0:00 on the settlement day of the meter's clock.
class EnergyHistory {
public:
    static constexpr int months = 13; ///< [0] is the running one

    /// Ends the running month with these registers.
    void close(const EnergyRegisters& now);
    void clear() { at_start_.reset(); }
    /// kWh or kvarh used in month 0..12; `now` are the registers of the present.
    double kilo(Energy e, int month, const EnergyRegisters& now) const;
    /// The registers as they were when the month before the running one ended (1), the one before
    /// that (2), …; null for a month that the meter did not close.
    const EnergyRegisters* at_end_of(int months_ago) const;
    /// The registers as the last settlement moment froze them; null when there was none.
    const EnergyRegisters* frozen() const;
    /// As if these had been used before, newest first: `used[0]` in the running month.
    void begin_with(const EnergyRegisters& now, const std::vector<EnergyRegisters>& used);

    /// Registers when a month began: [0] of the running one, then of those that were closed. Empty
    /// while the running one began with the meter.
    using Starts = std::vector<EnergyRegisters>;
    const Starts& starts() const;

    KPMSIM_FIELDS(at_start_);
    bool valid() const { return starts().size() <= months; }

private:
    void set_starts(Starts starts);

    Shared<Starts> at_start_;
};

/// The first settlement moment after `t`.
CivilTime settlement_after(CivilTime t, int day);

} // namespace kpmsim
