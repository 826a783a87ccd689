#pragma once

#include "sim/meter_errors.hpp"
#include "sim/random.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kpmsim {

/// Classes of active energy: IEC 62053-22 (S) and -21.
enum class ActiveClass : std::uint8_t { s02, s05, one, two };
/// Classes of reactive energy: IEC 62053-23.
enum class ReactiveClass : std::uint8_t { two, three };
/// Classes of current transformers: IEC 61869-2.
enum class CtClass : std::uint8_t { s02, s05 };

std::optional<ActiveClass> active_class(std::string_view name);     ///< 0.2S 0.5S 1 2
std::optional<ReactiveClass> reactive_class(std::string_view name); ///< 2 3
std::optional<CtClass> ct_class(std::string_view name);             ///< 0.2S 0.5S

/// What a maker promises of one circuit. Currents are multiples of the rated one.
struct AccuracyClass {
    double u{0.005}; ///< limit of Urms, fraction of the reading
    double i{0.005}; ///< limit of Irms, fraction of the reading, from 5 % of the reference current
    double f_hz{0.02}; ///< limit of the frequency
    ActiveClass active{ActiveClass::one};
    ReactiveClass reactive{ReactiveClass::two};
    bool direct{false};        ///< the tables' columns of direct connection (Ib), not of CTs (In)
    double reference{1.0};     ///< In or Ib, of the rated current
    double most{1.2};          ///< Imax, of the rated current
    CtClass ct{CtClass::s05};  ///< of the transformers inside
    double clock{0.5 / 86400}; ///< limit of the clock's error, fraction
};

/// No drawn unit uses more of any limit than this.
inline constexpr double factory_margin = 0.8;

/// How much of its class a circuit uses at worst: |error| / limit, the greatest over Urms, Irms and
/// every row of IEC 62053-21/-22/-23's tables of limits, at the ends of its range and at each
/// ct_levels in it; from the errors alone, at reference_c, for sines on balanced voltages in star. A
/// one-phase meter is held to the rows of balanced loads, which are its own.
double class_use(const MeterErrors& errors, const ChannelList& channels, int circuit,
                 const AccuracyClass& limits);

/// The errors of one unit, one class for each circuit of its channels; nothing hangs on anything but
/// the stream.
///
/// Values are spread evenly over what the class allows, as of a make of which no more is known than
/// its limits; a circuit that uses more than factory_margin of its class does not leave the factory,
/// and another one is drawn.
MeterErrors draw_errors(std::span<const AccuracyClass> circuits, const ChannelList& channels,
                        const Random& stream);

} // namespace kpmsim
