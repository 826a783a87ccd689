#include "cli/run_farm.hpp"

#include "cli/control/api_client.hpp"
#include "cli/control/detach.hpp"
#include "cli/terminal/library.hpp"

namespace kpmsim {

Exit up(const UpOptions& options) {
    const TypeLibrary library = load_library(options.run.models);
    const FarmPlan plan = load_farm(options.farm, library);
    if (!options.run.detach)
        return run_farm(plan, options.run);
    RunOptions run = options.run;
    if (run.ready_file.empty())
        run.ready_file = default_ready_file;
    if (!run.api && !plan.api) // nobody could end it
        run.api = "127.0.0.1:0";
    return detached([&] { return run_farm(plan, run); }, run.ready_file, run.ready_file + ".log");
}

} // namespace kpmsim
