#include "sim/meter_state.hpp"
#include "sim/window.hpp"

#include <cstdlib>

namespace kpmsim {

namespace {

constexpr int ratio_orders = max_harmonic - 1; // 2 to 31

EnergyCount sum(const EnergyCount& a, const EnergyCount& b) {
    EnergyCount whole{a.wh + b.wh, a.uj};
    whole.add_uj(b.uj);
    return whole;
}

/// |a - b|
EnergyCount distance(const EnergyCount& a, const EnergyCount& b) {
    const bool a_less = a.wh < b.wh || (a.wh == b.wh && a.uj < b.uj);
    const EnergyCount& more = a_less ? b : a;
    const EnergyCount& less = a_less ? a : b;
    EnergyCount rest{more.wh - less.wh, more.uj - less.uj};
    if (rest.uj < 0) {
        rest.uj += EnergyCount::uj_per_wh;
        --rest.wh;
    }
    return rest;
}

Energy moved(Energy first, std::size_t n) {
    return static_cast<Energy>(static_cast<std::size_t>(first) + n);
}

/// Order n of channel c over its fundamental. Of a channel that the meter takes for dead (its
/// distortion reads 0) only noise is left, and its ratio to noise says nothing.
double harmonic_ratio(const Readings& readings, int slot) {
    const int channel = slot / ratio_orders;
    const int order = slot % ratio_orders + 2;
    if (readings[slot_at(Slot::thd_u_a, channel)] == 0)
        return 0;
    return 100 * readings[harmonic_slot(channel, order)] / readings[harmonic_slot(channel, 1)];
}

} // namespace

double EnergyRegisters::kilo(Energy e) const {
    if (e < Energy::count)
        return (*this)[e].kwh();
    switch (e) {
    case Energy::p_total:
        return sum((*this)[Energy::p_import], (*this)[Energy::p_export]).kwh();
    case Energy::p_net:
        return distance((*this)[Energy::p_import], (*this)[Energy::p_export]).kwh();
    case Energy::q_total:
        return sum((*this)[Energy::q_import], (*this)[Energy::q_export]).kwh();
    case Energy::q_net:
        return distance((*this)[Energy::q_import], (*this)[Energy::q_export]).kwh();
    default:
        break;
    }
    const bool active = e < Energy::q_total_t1;
    const std::size_t t =
        static_cast<std::size_t>(e) -
        static_cast<std::size_t>(active ? Energy::p_total_t1 : Energy::q_total_t1);
    return sum((*this)[moved(active ? Energy::p_import_t1 : Energy::q_import_t1, t)],
               (*this)[moved(active ? Energy::p_export_t1 : Energy::q_export_t1, t)])
        .kwh();
}

double MeterState::get(Quantity q) const {
    const QuantityInfo& row = info(q);
    switch (row.kind) {
    case QuantityKind::reading:
        return readings.value[row.slot];
    case QuantityKind::ratio:
        return harmonic_ratio(readings, row.slot);
    case QuantityKind::energy:
        return energy.kilo(static_cast<Energy>(row.slot));
    case QuantityKind::demand:
        return demand.value[row.slot];
    case QuantityKind::status:
        return clip.get(static_cast<Status>(row.slot));
    }
    return 0;
}

} // namespace kpmsim
