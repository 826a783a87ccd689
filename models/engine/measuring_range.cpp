#include "models/engine/measuring_range.hpp"

namespace kpmsim {

namespace {

template <class Out>
unsigned bits(const MeterView& meter, int circuit, const Out& out) {
    const MeterSpec& spec = *meter.spec;
    const MeasuringRange& range = range_of(spec);
    const Readings& readings = meter.metered[static_cast<std::size_t>(circuit)].readings;
    const double pt = meter.memory->shown(*spec.type, Role::metering_pt, 1);
    const bool star = metered_phases(wiring_of(spec, *meter.memory)) > 0;
    unsigned bits = 0;
    for (int n = 0; n < 3; ++n) {
        if (star && range.phase && out(*range.phase, readings[slot_at(Slot::u_a, n)] / pt))
            bits |= 1u << n;
        if (range.line && out(*range.line, readings[slot_at(Slot::u_ab, n)] / pt))
            bits |= 8u << n;
    }
    return bits;
}

} // namespace

unsigned below_range(const MeterView& meter, int circuit) {
    return bits(
        meter, circuit, [](const VoltageSpan& range, double u_v) { return u_v < range.least; });
}

unsigned above_range(const MeterView& meter, int circuit) {
    return bits(
        meter, circuit, [](const VoltageSpan& range, double u_v) { return u_v > range.most; });
}

} // namespace kpmsim
