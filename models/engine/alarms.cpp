#include "models/engine/alarms.hpp"

#include "models/engine/rated.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kpmsim {

namespace {

/// What 100 % is.
double base_of(const Rated& of, AlarmBase base) {
    switch (base) {
    case AlarmBase::none:
        break;
    case AlarmBase::un:
        return of.u_v;
    case AlarmBase::in:
        return of.i_a;
    case AlarmBase::pn:
        return of.p_w;
    }
    return 100;
}

} // namespace

Watch::Watch(const MeterSpec& spec, const MeterMemory& memory) : rows_{spec.type->alarms.size()} {
    const MeterType& type = *spec.type;
    for (int circuit = 0; circuit < type.circuits; ++circuit) {
        const Rated of = rated(spec, memory, circuit);
        for (const AlarmRow& row : type.alarms) {
            Limit& limit = limits_.emplace_back();
            if (row.input >= 0) {
                limit.input = circuit * type.inputs_per_unit() + row.input;
                continue;
            }
            for (const PointId id : !of.star && !row.of_delta.empty() ? row.of_delta : row.of)
                limit.of.push_back(static_cast<Slot>(info(Quantity{type.points[id].index}).slot));
            const SettingRow& setting = type.settings[static_cast<std::size_t>(row.threshold)];
            limit.below = row.below;
            limit.threshold =
                setting.shown(memory.setting(setting, circuit)) / 100 * base_of(of, row.base);
            if (!row.below && limit.threshold == 0)
                limit.threshold = std::numeric_limits<double>::infinity();
        }
    }
}

std::uint32_t Watch::alarms(int circuit, const Readings& readings,
                            const MeterMemory& memory) const {
    std::uint32_t bits = 0;
    const Limit* limit = limits_.data() + static_cast<std::size_t>(circuit) * rows_;
    for (std::size_t n = 0; n < rows_; ++n, ++limit) {
        const auto beyond = [&](Slot slot) {
            const double size = std::abs(readings[slot]);
            return limit->below ? size < limit->threshold : size > limit->threshold;
        };
        const bool holds = limit->of.empty()
                               ? memory.input(limit->input)
                               : std::any_of(limit->of.begin(), limit->of.end(), beyond);
        bits |= std::uint32_t{holds} << n;
    }
    return bits;
}

} // namespace kpmsim
