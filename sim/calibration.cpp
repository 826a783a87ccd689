// At power factor 1 the gains are what U and I read too much. P there is g S1 cos d, d the lag
// between the channels; at phi it is g S2 cos(phi + d). The gains cancel in their ratio r, each
// over its S: r = cos phi - sin phi tan d.
#include "sim/calibration.hpp"

#include <cmath>

namespace kpmsim {

Trim calibrate(const CalibrationPoint& pf_1, const CalibrationPoint& pf_half) {
    const auto factor = [](const CalibrationPoint& at, double p_w) {
        return p_w / (at.u_v * at.i_a);
    };
    const double true_cos = factor(pf_half, pf_half.p_w);
    const double ratio = factor(pf_half, pf_half.read_p_w) / factor(pf_1, pf_1.read_p_w);
    const double lag = std::atan((true_cos - ratio) / std::sqrt(1 - true_cos * true_cos));
    return {pf_1.u_v / pf_1.read_u_v, pf_1.i_a / pf_1.read_i_a, lag};
}

void apply(const Trim& trim, AdcChannel& u, AdcChannel& i) {
    u.gain_error = (1 + u.gain_error) * trim.gain_u - 1;
    i.gain_error = (1 + i.gain_error) * trim.gain_i - 1;
    i.phase_error_rad -= trim.lag_rad;
}

} // namespace kpmsim
