#pragma once

#include "sim/random.hpp"
#include "sim/residual_current.hpp"
#include "waveforms/load.hpp"
#include "waveforms/terminals.hpp"

#include <vector>

namespace kpmsim {

/// What a meter's residual input remembers, and the last window's current.
struct ResidualProgress {
    ResidualState meter;
    double shown_a{0};
    double truth_a{0};
    KPMSIM_FIELDS(meter, shown_a, truth_a);
};

/// A resistance from a meter's phase a to earth, and the residual current input that sees what goes
/// through it.
class Leak {
public:
    /// For currents at the voltage `u_v`; `error`: fraction by which the input reads too much.
    Leak(double u_v, Random noise, double error);

    /// So much current from here on.
    void set(double leak_a);

    /// Goes through a window.
    void see(const SupplyWindow& supply, const Random& supply_noise, ResidualProgress& progress);

private:
    double u_v_;
    double leak_a_{0};
    Load load_;
    WiringSpec wiring_;
    ResidualInput input_;
    Random noise_;
    std::vector<double> samples_;
};

} // namespace kpmsim
