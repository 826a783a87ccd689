#include "models/engine/rated.hpp"

#include <numbers>

namespace kpmsim {

Rated rated(const MeterSpec& spec, const MeterMemory& memory, int circuit) {
    const MeterType& type = *spec.type;
    const int phases = metered_phases(wiring_of(spec, memory));
    Rated of;
    of.star = phases > 0;
    of.u_v = memory.shown(type, Role::metering_rated_voltage, type.nominal_u_v) *
             memory.shown(type, Role::metering_pt, 1);
    of.line_v = of.star ? std::numbers::sqrt3 * of.u_v : of.u_v;
    of.i_a = memory.shown(type, Role::metering_rated_current, rating_of(spec, circuit).rated_a,
                          circuit) *
             memory.shown(type, Role::metering_ct, 1, circuit);
    of.phase_w = of.u_v * of.i_a;
    of.output_w = (of.star ? phases : 3) * of.phase_w;
    of.p_w = (of.star ? phases : std::numbers::sqrt3) * of.phase_w;
    return of;
}

} // namespace kpmsim
