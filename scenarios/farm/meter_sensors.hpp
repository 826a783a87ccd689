#pragma once

#include "models/engine/extras.hpp"
#include "models/engine/memory.hpp"
#include "models/engine/meter_spec.hpp"
#include "scenarios/farm/leak.hpp"
#include "scenarios/file/farm_plan.hpp"
#include "sim/meter_state.hpp"

#include <array>
#include <span>
#include <vector>

namespace kpmsim {

/// What each sensor's input of a meter has drawn of the limits of its errors, for
/// MeterSpec::temperature_error: from streams of their own.
std::array<double, max_circuits> temperature_errors(const FarmPlan& plan, const MeterPlan& meter);

/// What a meter reads besides its voltages and currents: the temperature of a circuit that has one
/// sensor, and residual currents. As its farm file has them, or the actions that hold.
class MeterSensors {
public:
    /// `spec`: the meter's, which outlives it.
    MeterSensors(const FarmPlan& plan, const MeterPlan& meter, const MeterSpec& spec, double u_v);

    bool empty() const { return temperature_c_.empty() && leaks_.empty(); }
    /// Residual current inputs, one a circuit or none.
    std::size_t leaks() const { return leaks_.size(); }
    /// What the memory holds, from here on; true where a temperature reads another value.
    bool sense(const MeterMemory& memory);
    /// Goes through a window.
    void see(const SupplyWindow& window, const Random& noise, std::vector<ResidualProgress>& leaks);
    void show(const std::vector<ResidualProgress>& leaks, std::span<MeterState> states) const;
    /// Of several temperatures; `rtc` is the meter's clock.
    void keep_extremes(CivilTime rtc, Extras& extras) const;
    void show_truth(const std::vector<ResidualProgress>& leaks, std::size_t circuit,
                    Readings& truth) const;

private:
    const MeterSpec* spec_;
    std::vector<Leak> leaks_;
    std::vector<double> leakage_a_;     ///< by circuit, of the farm file
    std::vector<double> temperature_c_; ///< by circuit, as it shows; empty: it has no such input …
    std::vector<double> true_c_;        ///< … and as it is
    /// By circuit and sensor, where a circuit has several and extremes of them are kept: as they show.
    std::vector<double> several_c_;
};

} // namespace kpmsim
