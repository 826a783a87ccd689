#include "models/engine/fitted_names.hpp"

#include <utility>

namespace kpmsim {

std::vector<std::string> fitted_points(const MeterSpec& spec) {
    std::vector<std::string> names;
    for (std::string& name : spec.type->points.names())
        if (find_fitted(spec, name))
            names.push_back(std::move(name));
    return names;
}

std::vector<std::string> fitted_settings(const MeterSpec& spec) {
    std::vector<std::string> names;
    for (const SettingRow& row : spec.type->settings)
        if (find_fitted(spec, row.name))
            names.push_back(row.name);
    return names;
}

} // namespace kpmsim
