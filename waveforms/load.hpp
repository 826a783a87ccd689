#pragma once

#include "sim/clock.hpp"
#include "waveforms/spectrum.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kpmsim {

enum class LoadKind : std::uint8_t {
    constant_power,   ///< P per phase and pf, whatever the voltage is
    constant_current, ///< I per phase (rms, harmonics included) and pf; negative exports
    resistive,        ///< P at nominal voltage; the current follows the voltage, harmonics and all
    motor, ///< P and pf at its rating, three-phase; `scale` is its load, and pf falls with it, for
           ///< the magnetising current stays
    led,   ///< single-phase rectifiers: P, with a spectrum strong in the 3rd
    six_pulse_drive, ///< P, orders 6k±1
    ev_charger,      ///< constant current up to `p`, near unity pf, small spectrum
    pv_inverter,     ///< exports P (written positive), small spectrum
    profile,         ///< P per phase (and pf) over time, from a table
    capacitors,      ///< Q at nominal voltage; of order h, h times as much
    test_wave,       ///< the current of `wave`, cut from a sine of `i_a`, whatever U's size and
                     ///< harmonics are; DC included
};

/// One row of a profile.
struct ProfilePoint {
    SimDuration at{};
    std::array<double, 3> p_w{};
    double pf{1.0}; ///< signed as in the file: positive inductive, negative capacitive
};

enum class ProfileShape : std::uint8_t {
    line,  ///< between rows the values go straight
    steps, ///< a row holds until the next
};

enum class ProfileEnd : std::uint8_t {
    repeat, ///< begin again after the last row
    hold,   ///< keep the last row
    zero,   ///< nothing after the last row
};

/// The rows of a profile, which all copies of a load share.
class Profile {
public:
    Profile() = default;
    Profile(std::vector<ProfilePoint> rows)
        : rows_{std::make_shared<const std::vector<ProfilePoint>>(std::move(rows))} {}
    Profile(std::initializer_list<ProfilePoint> rows) : Profile{std::vector(rows)} {}

    std::span<const ProfilePoint> rows() const {
        return rows_ ? std::span{*rows_} : std::span<const ProfilePoint>{};
    }

private:
    std::shared_ptr<const std::vector<ProfilePoint>> rows_;
};

struct PeriodicWave; // waveforms/influence.hpp

/// Whole cycles on and off in turn, as burst-fired heaters do; always on without `off`.
struct BurstFiring {
    int on{0};
    int off{0};
};

/// A load as written in the farm file; currents are drawn from the supply's side of the CTs.
struct LoadSpec {
    LoadKind kind{LoadKind::constant_power};
    std::array<double, 3> p_w{};   ///< per phase; zero where the phase is not used
    std::array<double, 3> i_a{};   ///< per phase, for constant_current and test_wave
    std::array<double, 3> q_var{}; ///< per phase at nominal_u_v, for capacitors
    double pf{1.0};                ///< cos phi1, 0 to 1
    bool capacitive{false};
    double nominal_u_v{230.0};
    std::vector<Harmonic> harmonics{}; ///< of the current, against its own fundamental; adds to the
                                       ///< kind's spectrum data
    Profile profile{};
    ProfileShape profile_shape{ProfileShape::line};
    ProfileEnd profile_end{ProfileEnd::repeat};
    double scale{1.0}; ///< factor on P and I, for variation from meter to meter
    std::optional<int>
        one_phase{};     ///< 0, 1, 2: it hangs on this phase alone, with all of its P, and
                         ///< the greatest I of the three
    BurstFiring burst{}; ///< P and I are those of the cycles that are on
    const PeriodicWave* wave{nullptr}; ///< for test_wave, of periodic_waves(); null draws nothing
};

/// A load ready to draw: what does not change from window to window is worked out once. Where a
/// LoadSpec stands for it, that is done each time.
struct Load {
    Load(LoadSpec written); // NOLINT(google-explicit-constructor): a spec is a load

    LoadSpec spec;
    Spectrum shape;     ///< of a fundamental of 1 A, by order, before the voltage's angle
    int highest{1};     ///< order of it that is not zero
    double square{1.0}; ///< its rms value, squared
};

/// What a load's voltages stand against.
enum class StarPoint : std::uint8_t {
    held,  ///< by the neutral
    floats ///< nothing holds it: it goes where the currents sum to zero
};

/// The currents the load draws (bursts aside, see draw.hpp) at `at` from the voltages `u` (V rms,
/// primary), A rms. A pure function. A phase below 5 % of `nominal_u_v` counts as dead and draws
/// nothing; against a star point that floats, which stands where all currents agree, it is the impedance
/// that it is at those 5 %, and there is no edge (nor is there for a resistive load). Interharmonics of
/// the voltage draw nothing. Ask for the middle of a window: a ramp's mean over the window is then exact.
PhaseSpectra currents(const Load& load, const PhaseSpectra& u, SimTime at,
                      StarPoint star = StarPoint::held);

/// Until when the load draws what it draws at `at`, as long as the voltage stays: `at` itself where it
/// moves all the time, SimTime::max() where it never does.
SimTime steady_until(const LoadSpec& load, SimTime at);

/// The current spectrum that a kind brings along (waveforms/load_spectra.cpp says where each comes
/// from).
const std::vector<Harmonic>& kind_spectrum(LoadKind kind);

std::string_view name_of(LoadKind kind); ///< "six-pulse-drive"
bool load_kind_from(std::string_view name, LoadKind& out);

} // namespace kpmsim
