#pragma once

#include "verification/rig.hpp"
#include "verification/shapes.hpp"

#include <array>
#include <string>
#include <vector>

namespace kpmsim {

/// Supply and currents of one meter as a case file describes them; lists and ranges are drawn anew
/// for each set-up.
struct Source {
    double un_v{230};
    double in_a{5};
    Parameter u{1.0};          ///< of Un
    Parameter f{50.0};         ///< Hz
    Parameter i{1.0};          ///< of In
    Parameter angle_deg{0.0};  ///< by which the current lags
    Parameter scatter{0.0};    ///< each phase's U and I are greater by up to this part
    Parameter skew_deg{0.0};   ///< added to each phase voltage's angle, drawn per phase
    Parameter phases_out{0.0}; ///< how many voltages are missing: 0, 1, 2
    std::vector<std::array<double, 3>> levels; ///< of u, by phase; one triple after the other
    bool reversed{false};                      ///< phase sequence
    bool one_phase{false};                     ///< current in phase a only
    std::string u_shape{"sine"}, i_shape{"sine"};
    Parameter order{3.0}, fraction{0.1};           ///< see ShapeNumbers
    Parameter tone_order{1.5}, tone_fraction{0.0}; ///< a tone between the harmonics of U
    double u_room{1 / 0.9};                        ///< full scale: a sine of this many Un
    double i_room{1.2 / 0.9};
};

/// Takes the source's keys of a case's [signal].
void take(TomlTable& signal, Source& source);

/// The key "wiring": p4l, p3l3, p3l2 or 1p2w.
Wiring take_wiring(TomlTable& signal);

/// A source drawn for one set-up.
struct Drawn {
    SupplySpec supply;
    PhaseSpectra u; ///< of a window without drift, V
    PhaseSpectra i; ///< A
    double un_v, in_a;
    double u_v, i_a; ///< of the whole sines, before scatter
    double full_u_v, full_i_a;
    double f_hz;

    /// Puts the voltages into an opened window: shapes that a SupplySpec cannot write go this way.
    void into(SupplyWindow& window) const { window.u = u; }
};
Drawn draw_source(const Source& source, Draw& draw);

/// A meter on the drawn source, one window after its clock has settled.
Rig settled(const Drawn& drawn, const WiringSpec& wiring, Mode mode, const Draw& draw);

} // namespace kpmsim
