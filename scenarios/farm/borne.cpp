#include "scenarios/farm/borne.hpp"

#include <numbers>

namespace kpmsim {

TerminalRms at_terminals(const Readings& truth, const WiringSpec& wiring, int circuit) {
    const bool star = metered_phases(wiring.mode) > 0;
    TerminalRms rms{};
    for (int n = 0; n < 3; ++n) {
        const auto k = static_cast<std::size_t>(n);
        if (star)
            rms[k] = truth[slot_at(Slot::u_a, n)] / wiring.pt_ratio;
        rms[3 + k] =
            truth[slot_at(Slot::i_a, n)] / wiring.ct_ratio[static_cast<std::size_t>(circuit)];
    }
    if (!star) {
        rms[0] = truth[Slot::u_ab] / wiring.pt_ratio;
        rms[2] = truth[Slot::u_bc] / wiring.pt_ratio;
    }
    return rms;
}

Bearable bearable(const MeterSpec& spec, int circuit) {
    const MeterType& type = *spec.type;
    const bool star = metered_phases(wiring_of(spec)) > 0;
    double u_v = type.nominal_u_v;
    if (const SettingRow* row = type.setting(Role::metering_rated_voltage))
        u_v = row->shown(row->most);
    double widest_v = 0;
    const MeasuringRange& range = range_of(spec);
    if (star && range.phase)
        widest_v = range.phase->most;
    if (!star) {
        u_v *= std::numbers::sqrt3;
        widest_v = range.line ? range.line->most : 0;
    }
    return bearable(*type.overload, u_v, widest_v, rating_of(spec, circuit).rated_a);
}

} // namespace kpmsim
