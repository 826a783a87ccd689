#include "cli/run_farm.hpp"

#include "cli/library.hpp"

namespace kpmsim {

Exit up(const UpOptions& options) {
    const TypeLibrary library = load_library(options.run.models);
    return run_farm(load_farm(options.farm, library), options.run);
}

} // namespace kpmsim
