#pragma once

#include "models/type/terminal_limits.hpp"
#include "sim/clock.hpp"
#include "sim/fields.hpp"
#include "sim/window.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace kpmsim {

/// rms at a circuit's terminals: u_a, u_b, u_c, i_a, i_b, i_c.
using TerminalRms = std::array<double, 6>;

/// What the inputs of one circuit bear for good, and at most for the limits' times.
struct Bearable {
    TerminalRms lasting{};
    TerminalRms at_most{};
    std::array<double, 6> for_s{};
};
Bearable bearable(const OverloadLimits& limits, double u_v, double widest_v, double i_a);

/// Whether a circuit's inputs had to bear more than they can: as with heat, what is above the lasting limit
/// gathers with its square and goes again below it, and 2 Un for 10 s or 20 In for 1 s fill it.
///
/// shape   any number of windows with the same rms at a time
/// unit    parts of what is full
/// error   the limits' own points are borne: full by more than 1e-9
/// source  KPM312, KPM37, KPM53 manuals 1.2; the square between their points is ours
struct Overload {
    std::array<double, 6> heat{};
    std::uint8_t beyond{0}; ///< bits of those that were, for good
    CivilTime since{};      ///< when the first of them was, by the meter's clock
    KPMSIM_FIELDS(heat, beyond, since);

    /// With this rms it gathers, or goes: else no window does anything to it.
    bool moves(const TerminalRms& rms, const Bearable& can) const;
    /// When something was too much that was not before; nothing where nothing was.
    std::optional<SimTime> bear(const Window& windows, const TerminalRms& rms, const Bearable& can);
};

} // namespace kpmsim
