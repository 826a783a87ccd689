#pragma once

#include "files/toml.hpp"
#include "verification/errors.hpp"
#include "verification/parameter.hpp"

#include <functional>
#include <span>
#include <string_view>

namespace kpmsim {

/// clean: a converter without noise (it still has 24 bits); adc: with white noise 101 dB below a
/// full-scale sine.
enum class Mode { clean, adc };
std::string_view name_of(Mode mode);

/// Noise of the mode's converter, rms as a fraction of full scale.
double noise_of(Mode mode);

/// Runs one set-up and says how far off each quantity was.
using Run = std::function<void(Draw draw, Mode mode, Errors& errors)>;

/// A way to verify: takes its keys from a case's [signal] and returns what runs a set-up.
struct Kind {
    std::string_view name;
    Run (*make)(TomlTable& signal);
};

std::span<const Kind> kinds();

// One small file each.
Run readings_kind(TomlTable& signal);  ///< supply and currents through the whole chain
Run catalogue_kind(TomlTable& signal); ///< every quantity, window by window, of a changing source
Run registers_kind(TomlTable& signal); ///< a model's registers and packets
Run clipping_kind(TomlTable& signal);  ///< beyond the converter's range
Run edge_kind(TomlTable& signal);      ///< windows that may be repeated, near the end of the range
Run converter_kind(TomlTable& signal); ///< codes of samples, and their noise
Run noise_kind(TomlTable& signal);     ///< what noise does to readings and energies
Run wiring_kind(TomlTable& signal);    ///< ways to wire one source, and faults in it
Run energy_kind(TomlTable& signal);    ///< registers over minutes and hours
Run starting_kind(TomlTable& signal);  ///< start current and no load
Run demand_kind(TomlTable& signal);    ///< sliding demand and its maxima
Run powers_kind(TomlTable& signal);    ///< IEEE 1459 and Budeanu, from the orders' phasors
Run burst_kind(TomlTable& signal);     ///< current in bursts of whole cycles
Run loads_kind(TomlTable& signal);     ///< what each kind of load draws
Run disturbances_kind(TomlTable& signal);     ///< what happens to a supply
Run frequency_kind(TomlTable& signal);        ///< 10 s frequency, whole cycles
Run arctangent_kind(TomlTable& signal);       ///< angles of phasors
Run window_frequency_kind(TomlTable& signal); ///< the sample clock, and f of single windows
Run groups_kind(TomlTable& signal);           ///< IEC 61000-4-7 groups
Run events_kind(TomlTable& signal);      ///< Urms(1/2), dips, swells, interruptions, rapid changes
Run flicker_kind(TomlTable& signal);     ///< Pst and Pinst
Run aggregation_kind(TomlTable& signal); ///< 150/180 cycles, 10 min, 2 h
Run clock_kind(TomlTable& signal);       ///< the clock's drift
Run dates_kind(TomlTable& signal);       ///< dates and times
Run extremes_kind(TomlTable& signal);    ///< maxima and minima and their moments
Run overload_kind(TomlTable& signal);    ///< inputs that bear too much
Run prepayment_kind(TomlTable& signal);  ///< what moves a prepayment meter's relay
Run pulses_kind(TomlTable& signal);      ///< energy pulses
Run course_kind(TomlTable& signal);      ///< moments at which a part of a window's energy has come
Run ntc_kind(TomlTable& signal);         ///< temperature inputs
Run residual_kind(TomlTable& signal);    ///< the residual current input
Run calibration_kind(TomlTable& signal); ///< a bad meter, two points, trims
Run class_kind(TomlTable& signal);       ///< units of an accuracy class
Run synchrophasor_kind(TomlTable& signal); ///< IEEE C37.118.1's P class
Run recording_kind(TomlTable& signal);     ///< COMTRADE there and back
Run metamorphic_kind(TomlTable& signal);   ///< two runs whose results must be related

} // namespace kpmsim
