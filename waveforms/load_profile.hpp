#pragma once

#include "waveforms/load.hpp"

#include <array>
#include <span>

namespace kpmsim {

/// What a profile asks for at one moment.
struct ProfileDraw {
    std::array<double, 3> p_w{};
    double pf{1.0}; ///< signed: positive inductive, negative capacitive
};

/// The table read at `at`. Before the first row the first row holds (when
/// the table repeats, it does so backwards too: it has no beginning). A power factor that changes
/// its side passes through 1, not through 0.
///
/// shape   rows ascending in time; of rows at the same moment the last one rules from then on
ProfileDraw read_profile(std::span<const ProfilePoint> rows, ProfileShape shape, ProfileEnd end,
                         SimTime at);
/// As steady_until() of a load.
SimTime profile_steady_until(std::span<const ProfilePoint> rows, ProfileShape shape, ProfileEnd end,
                             SimTime at);

} // namespace kpmsim
