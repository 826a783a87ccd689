#pragma once

#include "models/engine/image.hpp"

namespace kpmsim {

/// Current of a meter's analogue output, which puts out the quantity that its setting names.
///
/// unit    mA: 4 at the range's lower end, 20 at its upper one, and never below 0 or above 24
/// range   U 0 to Un (lines in star 0 to sqrt(3) Un), I 0 to In, S 0 to Pe; P and Q from -Pe to Pe, so
///         that 12 mA are 0 W; Pe = 3 Un In in star and in delta, of a phase Un In; power factor -1 to
///         1; f 45 to 65 Hz (ours)
/// beyond  on to 24 mA at 120 %, of P and Q to 0 mA at -120 %; with Ruling::straight_line as steep
///         as inside; without supply 0
/// source  KPM53 manual 3.6: P = (Px - 12) Pe CT PT / 8; what it has of 120 %, see
///         docs/reference/rulings.md
double output_ma(const MeterView& meter, int circuit);

/// Whether the type's output has the number in a wiring.
bool offers(const MeterType& type, Wiring wiring, std::int64_t number);
/// A quantity that the wiring does not have gives way to the first that it has.
void keep_offered(const MeterSpec& spec, MeterMemory& memory);

} // namespace kpmsim
