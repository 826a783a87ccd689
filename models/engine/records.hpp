#pragma once

#include "sim/clock.hpp"
#include "sim/meter_state.hpp"

#include <array>
#include <span>
#include <vector>

namespace kpmsim {

/// Running and load time, in this order.
using Hours = std::array<SimDuration, 2>;
double in_hours(SimDuration time);

/// What a circuit used on a day, of P and Q, both ways.
class DayEnergies {
public:
    static constexpr int days = 3; ///< [0] is today

    /// As many days on, the registers being these.
    void pass(std::int64_t days_on, const EnergyRegisters& now);
    void begin_with(const EnergyRegisters& now) { pass(days, now); }
    /// kWh or kvarh used today (0), yesterday, the day before; of the totals of both ways alone.
    double kilo(Energy e, int ago, const EnergyRegisters& now) const;

    KPMSIM_FIELDS(at_start_);

private:
    using Counts = std::array<EnergyCount, 4>;
    std::array<Counts, days> at_start_{}; ///< of today, yesterday, the day before
};

/// What a circuit wrote down besides its months of energies.
struct CircuitRecords {
    static constexpr int months = 4; ///< [0] is the running one

    std::vector<DayEnergies> days;        ///< one, where the type keeps days
    std::array<Hours, months> at_start{}; ///< hours when a month began
    KPMSIM_FIELDS(days, at_start);
    bool valid() const { return days.size() <= 1; }

    /// Of the running month (0) or one before it; `now` are those of the present.
    SimDuration month(std::size_t which, int ago, const Hours& now) const;
    void close_month(const Hours& now);
};

/// What a meter wrote down of the past besides the months of its circuits' energies.
struct MeterRecords {
    CivilTime frozen{}; ///< when the last freeze was, by its clock; CivilTime{} = there was none
    CivilTime today{};  ///< 0:00 of it
    std::vector<CircuitRecords> circuits;
    KPMSIM_FIELDS(frozen, today, circuits);

    bool has_days() const { return !circuits.empty() && !circuits.front().days.empty(); }
    /// When the day ends; CivilTime::max() where none is kept.
    CivilTime day_ends() const;
    /// The clock shows another day, perhaps; `energies` as they are now. A clock that is set back
    /// goes on with its day. True when days were closed.
    bool pass_days(CivilTime now, std::span<const MeterState> circuits_now);
    /// Energies begin at 0.
    void clear_energies();
};

} // namespace kpmsim
