#include "waveforms/load.hpp"

// The current spectra that the kinds bring along, and the reason for each number. Angles count from
// the zero crossing of the current's own fundamental, in degrees of the harmonic. Real devices
// scatter around these; who knows his own writes it into the farm file.

namespace kpmsim {
namespace {

// LED drivers below 25 W: a rectifier into a capacitor, without power factor correction. The mains
// refills the capacitor while its voltage is above it, here for 66 degrees around the crest, in a
// pulse shaped like half a cosine. The Fourier series of such a pulse of half width a = 33 degrees,
//     I_h ~ cos(h a) / (1 - (2 h a / pi)^2),   cos h(theta - 90 deg),
// gives the fractions; a positive I_h stands at -90 (h - 1) degrees of its own zero crossing, a
// negative one opposite. Inside IEC 61000-3-2, class C up to 25 W (3rd <= 86 %, 5th <= 61 %).
const std::vector<Harmonic> led = {
    {3, 0.769, 180}, {5, 0.422, 0},    {7, 0.116, 180},  {9, 0.047, 180},
    {11, 0.068, 0},  {13, 0.017, 180}, {15, 0.025, 180},
};

// A six-pulse rectifier with a smooth direct current: blocks of 120 degrees hold 6k +- 1 only, 1/h
// each, with the signs of the star-connected bridge (5, 7, 17, 19 against the fundamental). The
// current cannot jump through the line's inductance: a commutation of 10 degrees turns the blocks
// into trapezoids, which multiplies order h by sin(h 5 deg) / (h 5 deg in rad), against the
// fundamental's 0.9987.
const std::vector<Harmonic> six_pulse = {
    {5, 0.194, 180},  {7, 0.134, 180},  {11, 0.078, 0}, {13, 0.062, 0},
    {17, 0.040, 180}, {19, 0.032, 180}, {23, 0.020, 0}, {25, 0.015, 0},
};

// On-board chargers have active power factor correction. What is left is the cusp: near the zero
// crossing the boost stage has no voltage to push with and the current stays behind, which leaves a
// slightly peaked wave: odd orders, alternately against and with the fundamental, falling about as
// 1/h. The size puts THD at 4.8 %, and each order at no more than a third of IEC 61000-3-2, class
// A, for 16 A (3rd 2.30, 5th 1.14, 7th 0.77, 9th 0.40, 11th 0.33, 13th 0.21 A).
const std::vector<Harmonic> ev = {
    {3, 0.040, 180}, {5, 0.020, 0},    {7, 0.012, 180},
    {9, 0.008, 0},   {11, 0.006, 180}, {13, 0.004, 0},
};

// A three-phase photovoltaic inverter switches well above the harmonics; its low orders come from
// the dead time between the switches of a leg. That is a square voltage (1/h) against the current,
// and the filter choke (h L) lets through 1/h^2 of it, a quarter later: order h stands at +90
// degrees. No orders divisible by three without a neutral. The 5th is set to 1.5 %, so that THD is
// 1.8 %, inside IEEE 1547 (4 % below the 11th, 5 % in all).
const std::vector<Harmonic> pv = {
    {5, 0.0150, 90},  {7, 0.0077, 90},  {11, 0.0031, 90}, {13, 0.0022, 90},
    {17, 0.0013, 90}, {19, 0.0010, 90}, {23, 0.0007, 90}, {25, 0.0006, 90},
};

const std::vector<Harmonic> none;

} // namespace

const std::vector<Harmonic>& kind_spectrum(LoadKind kind) {
    switch (kind) {
    case LoadKind::led:
        return led;
    case LoadKind::six_pulse_drive:
        return six_pulse;
    case LoadKind::ev_charger:
        return ev;
    case LoadKind::pv_inverter:
        return pv;
    case LoadKind::constant_power:
    case LoadKind::constant_current:
    case LoadKind::resistive:
    case LoadKind::capacitors:
    case LoadKind::motor:
    case LoadKind::profile:
    case LoadKind::test_wave:
        break;
    }
    return none;
}

} // namespace kpmsim
