#include "models/engine/lacking.hpp"

namespace kpmsim {

std::optional<Fault> lacking(std::span<const MeterSpec* const> units, const std::string& point,
                             const Fault& unknown) {
    std::optional<Fault> fault;
    for (const MeterSpec* unit : units) {
        const auto id = unit->type->points.find(point);
        if (!id)
            continue;
        if (fitted(*unit, unit->type->points[*id]))
            return std::nullopt;
        if (!fault)
            fault = {lacks(*unit, *id), "fit it, or name another"};
    }
    return fault ? fault : unknown;
}

} // namespace kpmsim
