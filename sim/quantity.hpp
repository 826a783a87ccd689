#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kpmsim {

/// The one vocabulary: every quantity has one name, one unit and one sign convention, and
/// registers, packets, CSV columns and the command line all use them. Values are on the primary
/// side. Import is positive.
///
/// Families: u, i, p, q, s, pf and their phases are instantaneous (one window); demand_ is a
/// sliding mean; e_ is an energy register; clip_ says what was beyond a converter's range. Harmonics are families of their own: hr_u_a_5 (ratio to
/// the fundamental, %), h_i_a_5 (rms, A), orders 2 to 31 (h_ also has 1).
///
/// A Quantity is an index into the catalogue; quantity.cpp builds the table.
struct Quantity {
    std::uint16_t index{0};
    constexpr bool operator==(const Quantity&) const = default;
};

enum class QuantityKind : std::uint8_t {
    reading, ///< stored in Readings
    ratio,   ///< harmonic ratio, worked out from two stored harmonics when asked for
    energy,  ///< integer register, see EnergyRegisters
    demand,  ///< sliding mean and its maxima, see DemandReadings
    status,  ///< how far the readings can be trusted, see ClipStatus
};

struct QuantityInfo {
    std::string name;  ///< u_a, e_p_import
    std::string unit;  ///< V A W var VA Hz % deg degC kWh kvarh kVAh s, or empty for a plain number
    std::string title; ///< "Active power, total"
    QuantityKind kind;
    std::uint16_t slot; ///< index inside its kind
};

std::span<const QuantityInfo> catalogue();
const QuantityInfo& info(Quantity q);
std::optional<Quantity> find_quantity(std::string_view name);
/// The names nearest to a misspelt one, for messages.
std::string nearest_quantity(std::string_view name);

/// Slots of the readings. Phases a, b, c and the total always stand together in that order, so that
/// `Slot::p_a + phase` is a phase's slot.
// clang-format off
enum class Slot : std::uint16_t {
    u_a, u_b, u_c,                   // V, line to neutral; zero in three-wire systems
    u_ab, u_bc, u_ca,                // V, line to line
    i_a, i_b, i_c,                   // A
    p_a, p_b, p_c, p,                // W
    q_a, q_b, q_c, q,                // var, fundamental; positive = inductive
    s_a, s_b, s_c, s,                // VA, rms times rms; total is the arithmetic sum
    pf_a, pf_b, pf_c, pf,            // P / S, signed
    f,                               // Hz
    u_zero, u_pos, u_neg,            // V, symmetrical components of the fundamental
    i_zero, i_pos, i_neg,            // A
    angle_u_a, angle_u_b, angle_u_c, // deg, lag against Ua, 0 to 360
    angle_i_a, angle_i_b, angle_i_c,
    unb_u, unb_i,                    // %, (max - min) / mean of the phase values
    unb_u2, unb_u0,                  // %, u_neg / u_pos and u_zero / u_pos
    thd_u_a, thd_u_b, thd_u_c,       // %, orders 2 to 31 over the fundamental
    thd_i_a, thd_i_b, thd_i_c,
    temp,                            // degC, of the circuit's sensor
    i_residual,                      // A
    i_n,                             // A, of the neutral, where it has a channel
    h_first,                         // rms of orders 1 to 31: u_a (V), u_b, u_c, i_a (A), i_b, i_c
    count = h_first + 6 * 31,
};
// clang-format on
inline constexpr std::size_t reading_slots = static_cast<std::size_t>(Slot::count);

/// Energies, in the order of their slots. Each exists as total and per phase where the meters show
/// it.
// clang-format off
enum class Energy : std::uint16_t {
    p_import, p_import_a, p_import_b, p_import_c, // kWh
    p_export, p_export_a, p_export_b, p_export_c,
    q_import, q_import_a, q_import_b, q_import_c, // kvarh, Q > 0
    q_export, q_export_a, q_export_b, q_export_c, // kvarh, Q < 0
    q_q1, q_q2, q_q3, q_q4,                       // kvarh by quadrant of the totals
    s,                                            // kVAh
    p_import_t1, p_import_t2, p_import_t3, p_import_t4, p_import_t5, p_import_t6, // by tariff
    p_export_t1, p_export_t2, p_export_t3, p_export_t4, p_export_t5, p_export_t6,
    q_import_t1, q_import_t2, q_import_t3, q_import_t4, q_import_t5, q_import_t6,
    q_export_t1, q_export_t2, q_export_t3, q_export_t4, q_export_t5, q_export_t6,
    count,
    // Not stored, but worked out when asked for: import + export and |import - export|, …
    p_total = count, p_net, q_total, q_net,
    // … and import + export by tariff.
    p_total_t1, p_total_t2, p_total_t3, p_total_t4, p_total_t5, p_total_t6,
    q_total_t1, q_total_t2, q_total_t3, q_total_t4, q_total_t5, q_total_t6,
    all,
};
// clang-format on
inline constexpr std::size_t energy_slots = static_cast<std::size_t>(Energy::count);

// clang-format off
enum class Demand : std::uint16_t {
    p, q, s, i_a, i_b, i_c, // present value of the sliding window: W, var, VA, A
    s_a, s_b, s_c,          // VA by phase (KPM33B registers 0200 to 0204)
    p_max, s_max,           // the month's maxima
    p_max_time, s_max_time, // when they were, as Unix seconds of the meter's clock
    q_max, i_a_max, i_b_max, i_c_max,
    q_max_time, i_a_max_time, i_b_max_time, i_c_max_time,
    count,
};
// clang-format on
inline constexpr std::size_t demand_slots = static_cast<std::size_t>(Demand::count);

enum class Status : std::uint16_t {
    clip_u,       ///< bits: channels that clipped in the window, 0 = a, 1 = b, 2 = c
    clip_i,       ///< the same of the circuit's currents
    clip_windows, ///< how many windows had any of them since counting began
    count,
};

Quantity quantity(Slot s);
Quantity quantity(Energy e);
Quantity quantity(Demand d);
Quantity quantity(Status s);

} // namespace kpmsim
