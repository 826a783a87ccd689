#pragma once

#include "sim/meter_state.hpp"
#include "verification/errors.hpp"
#include "verification/values.hpp"

#include <vector>

namespace kpmsim {

/// What errors of a set-up count from.
struct Scale {
    double u_v{230};
    double i_a{5};
    double seconds{1}; ///< that the energies are of

    double power() const { return 3 * u_v * i_a; }
};

/// Holds what a meter shows to what stands on paper, each quantity of the catalogue under its name.
///
/// unit of an error: U of Un, I of In, powers and their demands of 3 Un In, energies of it times the
/// time; PF, ratios and percentages as fractions; Hz, degrees, kelvins, seconds, bits as they are
class Judge {
public:
    Judge();

    /// A quantity without a value on paper is not judged, and one without a deviation, or with an
    /// undecided one, not in deviations.
    void compare(const MeterState& shown, const Values& paper, const Values& deviations,
                 const Scale& scale);
    void tell(Errors& errors) const;

private:
    struct Worst {
        double error{0};
        bool judged{false};

        void add(double size);
    };
    std::vector<Worst> worst_, against_noise_;
};

/// What errors of a quantity are divided by.
double divisor(const QuantityInfo& of, const Scale& scale);
/// One error of one quantity, in its own unit; angles go round in a circle, from 0 to below 360 degrees.
double off_by(const QuantityInfo& of, double shown, double paper);

} // namespace kpmsim
