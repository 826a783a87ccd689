#include "sim/channels.hpp"

#include "sim/window.hpp"

#include <algorithm>
#include <array>

namespace kpmsim {

namespace {

constexpr std::array one_phase_readings{
    Slot::u_a,       Slot::i_a,     Slot::p_a,     Slot::p,    Slot::q_a,       Slot::q,
    Slot::s_a,       Slot::s,       Slot::pf_a,    Slot::pf,   Slot::f,         Slot::angle_u_a,
    Slot::angle_i_a, Slot::thd_u_a, Slot::thd_i_a, Slot::temp, Slot::i_residual};
constexpr std::array other_phase_energies{
    Energy::p_import_b, Energy::p_import_c, Energy::p_export_b, Energy::p_export_c,
    Energy::q_import_b, Energy::q_import_c, Energy::q_export_b, Energy::q_export_c};
constexpr std::array other_phase_demands{Demand::i_b,          Demand::i_c,         Demand::s_b,
                                         Demand::s_c,          Demand::i_b_max,     Demand::i_c_max,
                                         Demand::i_b_max_time, Demand::i_c_max_time};

template <class List, class Item>
bool holds(const List& list, Item item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

/// Harmonics are kept of u_a, u_b, u_c, i_a, i_b, i_c.
constexpr bool is_phase_a(int channel) { return channel % 3 == 0; }

bool one_phase_reads(Slot slot) {
    if (slot < Slot::h_first)
        return holds(one_phase_readings, slot);
    return is_phase_a((static_cast<int>(slot) - static_cast<int>(Slot::h_first)) / max_harmonic);
}

} // namespace

bool has_quantity(const ChannelList& channels, Quantity q) {
    const QuantityInfo& about = info(q);
    if (about.kind == QuantityKind::reading && static_cast<Slot>(about.slot) == Slot::i_n)
        return channels.neutral;
    if (channels.phases == 3)
        return true;
    switch (about.kind) {
    case QuantityKind::reading:
        return one_phase_reads(static_cast<Slot>(about.slot));
    case QuantityKind::ratio:
        return is_phase_a(about.slot / (max_harmonic - 1));
    case QuantityKind::energy:
        return !holds(other_phase_energies, static_cast<Energy>(about.slot));
    case QuantityKind::demand:
        return !holds(other_phase_demands, static_cast<Demand>(about.slot));
    case QuantityKind::status:
        return true;
    }
    return true;
}

} // namespace kpmsim
