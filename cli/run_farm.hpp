#pragma once

#include "cli/verbs.hpp"
#include "scenarios/file/farm_plan.hpp"

namespace kpmsim {

/// What was said on the command line goes before the file; throws for what is wrong in it.
void override_plan(FarmPlan& plan, const RunOptions& options);

/// Runs a farm in the foreground until it is told to stop or its time is over.
Exit run_farm(FarmPlan plan, const RunOptions& options);

} // namespace kpmsim
