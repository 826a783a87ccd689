#include "models/engine/image.hpp"

#include <cassert>

namespace kpmsim {

MeterView view(const MeterSpec& spec, const MeterImage& image) {
    return {&spec, &image.memory, image.metered, image.radio, image.site};
}

double number(const MeterView& meter, PointId id, int circuit) {
    const MeterType& type = *meter.spec->type;
    const MeterMemory& memory = *meter.memory;
    const Point& point = type.points[id];
    const auto at = static_cast<std::size_t>(circuit);
    assert(!point.text);
    switch (point.kind) {
    case PointKind::quantity:
        return meter.metered[at].get(Quantity{point.index});
    case PointKind::month: {
        const auto energy = static_cast<Energy>(info(Quantity{point.index}).slot);
        return memory.months[at].kilo(energy, point.month, meter.metered[at].energy);
    }
    case PointKind::derived: {
        double sum = 0;
        for (const DerivedRow::Term& term : type.derived[point.index].terms)
            sum += term.factor * number(meter, term.point, circuit);
        return sum;
    }
    case PointKind::setting: {
        const SettingRow& row = type.settings[point.index];
        return row.shown(memory.setting(row, circuit));
    }
    case PointKind::constant:
        return type.constants[point.index].number;
    case PointKind::clock:
        return static_cast<double>(memory.clock.shown(meter.site).time_since_epoch().count());
    case PointKind::relay:
        return memory.relay(circuit * type.coils_per_unit() + point.index);
    case PointKind::input:
        return memory.input(circuit * type.inputs_per_unit() + point.index);
    case PointKind::radio:
        return meter.radio[at];
    case PointKind::serial:
    case PointKind::action:
        break;
    }
    return 0;
}

std::string text(const MeterView& meter, PointId id, int circuit) {
    const MeterType& type = *meter.spec->type;
    const Point& point = type.points[id];
    assert(point.text);
    return point.kind == PointKind::serial ? serial_of(*meter.spec, circuit)
                                           : type.constants[point.index].text;
}

} // namespace kpmsim
