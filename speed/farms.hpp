#pragma once

#include "scenarios/file/farm_plan.hpp"

namespace kpmsim {

/// Farms as a farm file writes them; their meters' types live as long as the program.

/// KPM312 on one steady supply with 30 harmonics, four loads with 30 harmonics on each, and the
/// noise of a converter.
FarmPlan kpm312_farm(int meters);
/// The same, their loads on a profile that steps each minute, in window fidelity.
FarmPlan stepping_farm(int meters);
/// KPM33B with ideal converters on a steady sine.
FarmPlan kpm33b_farm(int meters);

} // namespace kpmsim
