#pragma once

#include "sim/meter_errors.hpp"
#include "verification/parameter.hpp"
#include "waveforms/terminals.hpp"

namespace kpmsim {

/// Transformers of ratios other than 1; leads and transformers in each other's places, and the wrong way round.
void draw_leads(bool ratios, bool miswired, Draw& draw, WiringSpec& leads);

/// Errors of a unit, large enough that a sign or a factor shows, of any size and either sign; a current here and
/// there is linear.
MeterErrors some_errors(Draw& draw);

} // namespace kpmsim
