#pragma once

#include "cli/verbs.hpp"
#include "scenarios/file/farm_plan.hpp"

namespace kpmsim {

/// Runs a farm in the foreground until it is told to stop or its time is over.
Exit run_farm(FarmPlan plan, const RunOptions& options);

} // namespace kpmsim
