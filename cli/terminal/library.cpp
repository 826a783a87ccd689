#include "cli/terminal/library.hpp"

#include "cli/terminal/report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kpmsim {

TypeLibrary load_library(const std::string& folder) {
    return folder.empty() ? TypeLibrary::builtin() : TypeLibrary::with_folder(folder);
}

const MeterType& need_model(const TypeLibrary& library, const std::string& name) {
    const MeterType* type = library.find(name);
    if (type == nullptr) {
        wrong_flag("model", fmt::format("unknown model \"{}\"", name),
                   fmt::format("known: {}", fmt::join(library.names(), ", ")));
    }
    return *type;
}

} // namespace kpmsim
