#pragma once

#include "sim/clock.hpp"
#include "sim/window.hpp"
#include "waveforms/spectrum.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace kpmsim {

enum class DisturbanceKind : std::uint8_t {
    level,          ///< the voltage times `factor`: dip, swell, interruption, rapid change
    set_level,      ///< the voltage becomes `factor` of what is written, before other factors
    flicker_sine,   ///< the voltage times 1 + depth/2 sin(2 pi hz t), t from `start`
    flicker_square, ///< the same with that sine's sign
    frequency,      ///< f plus `hz`, on all phases
    phase_jump,     ///< the phases turned on by `angle_deg`, order h by h times it
    notches,        ///< the voltage times 1 - depth, `per_cycle` times a cycle for `width_deg`, the
                    ///< first at `angle_deg` of the phase's own fundamental; band-limited
    oscillation,    ///< plus volts e^(-t / decay) sin(2 pi hz t), t from `start`
    impulse,        ///< plus volts (e^(-t / decay) - e^(-t / front)), t from `start`
    harmonics,      ///< plus `harmonics` of each phase's own fundamental, and `volts` of DC
    noise, ///< plus white noise of `volts` rms, from the first window that begins after `start`
};

/// How long a change lasts that does not go back.
inline constexpr SimDuration for_good{std::int64_t{1} << 61};

/// Something that happens to the supply: from `start` for `length`, then everything is as before.
///
/// Level and frequency go straight from what they were to what they become in `edge`, and back in
/// as much after `length`; 0 is a step. A frequency ramp of 1 Hz/s to 52 Hz is {hz 2, edge 2 s,
/// length for_good}.
///
/// An instant acts on the samples at and after it. Where disturbances overlap, factors multiply and
/// the rest adds; of set levels the last in the list holds. Noise is not touched.
struct Disturbance {
    DisturbanceKind kind{DisturbanceKind::level};
    SimTime start{};
    SimDuration length{};
    SimDuration edge{}; ///< no longer than `length`, nor than an hour
    std::array<bool, 3> phases{true, true, true};
    double factor{1.0}; ///< level: of the rms it would have; set level: of the one that is written
    double depth{0.0};  ///< flicker: dU/U from peak to peak; notches: what is missing
    double hz{0.0};     ///< frequency: by how much; oscillation, flicker: the sine's own
    double angle_deg{0.0};
    double width_deg{0.0};
    int per_cycle{6};
    double volts{0.0};   ///< of an oscillation that would not decay; of an impulse before its front
    SimDuration decay{}; ///< time constants
    SimDuration front{};
    std::vector<Harmonic> harmonics{};
    std::uint64_t action{0}; ///< whose it is; 0 = the supply's own
};

/// Flicker tables count changes of a square wave per minute, two a period.
constexpr double flicker_hz(double changes_per_minute) { return changes_per_minute / 120.0; }

/// Until when the supply stays as this leaves it at `at`; `at` itself while it moves, SimTime::max()
/// when nothing more comes.
SimTime steady_until(const Disturbance& d, SimTime at);

/// The moment of a window's row: whole nanoseconds and part / of of one.
struct RowTime {
    SimTime at{};
    std::int64_t part{0};
    std::int64_t of{1};
};
RowTime row_time(const Window& window, int row);

/// Where a disturbance stands. What has no edges is never in one.
enum class Stage : std::uint8_t { before, rising, on, falling, over };
Stage stage(const Disturbance& d, SimTime at);

/// How much of it is there: 0 to 1, in its edges in between.
double share(const Disturbance& d, const RowTime& t);
/// Factor on the voltage of the phases it is on; 1 unless it is a level or flicker.
double level_factor(const Disturbance& d, const RowTime& t);
/// Volts added to the phases it is on; 0 unless it is a transient.
double added_volts(const Disturbance& d, const RowTime& t);
/// How far the phase has gone further because of it, 2^64 = one turn; 0 unless it is a frequency.
///
/// error   2^-62 turn; at whole nanoseconds it depends on the moment alone
__int128 turned_further(const Disturbance& d, const RowTime& t);
/// The spectrum of one phase, whose fundamental stands at `own`, with notches cut out of it: the
/// exact Fourier series of the notched wave, orders 0 to 50.
Spectrum notched(const Disturbance& d, Turn own, const Spectrum& u);
/// Every order h turned by h times the angle.
Spectrum turned_by(Turn angle, const Spectrum& u);

} // namespace kpmsim
