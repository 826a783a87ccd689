#pragma once

#include "sim/accuracy.hpp"
#include "verification/parameter.hpp"

namespace kpmsim {

/// How far the parts of drawn units are from the table in docs/explanation/meter-errors.md, "How a unit is
/// drawn": 1 and more when one is outside its range or has the wrong sign; else what the worst one leaves
/// empty at an end of its range, as a fraction of that. Parts of currents, of which the factory keeps some
/// back, may leave 0.4 empty. A circuit of the class beside one of a laxer class.
///
/// `per_kelvin`: the class's limit at PF 1, fraction.
double off_the_table(const AccuracyClass& limits, const ChannelList& channels, double per_kelvin,
                     const Draw& draw);

/// How far the parts of a unit that is scaled by a factor are from so many times its own, a fraction.
double off_the_scale(const MeterErrors& unit, double factor);

} // namespace kpmsim
