#include "models/engine/recorded.hpp"

#include "sim/guard.hpp"

namespace kpmsim {

namespace {

/// 0 before the first freeze.
double frozen(const MeterView& meter, const QuantityInfo& of, std::size_t circuit) {
    if (meter.memory->records.frozen == CivilTime{})
        return 0;
    if (of.kind == QuantityKind::demand)
        return meter.metered[circuit].demand.before(static_cast<Demand>(of.slot));
    const EnergyRegisters* registers = meter.memory->months[circuit].frozen();
    return registers == nullptr ? 0 : registers->kilo(static_cast<Energy>(of.slot));
}

double used_in(const MeterView& meter, int month, std::size_t circuit, Energy e) {
    return meter.memory->months[circuit].kilo(e, month, meter.metered[circuit].energy);
}

/// Of what was used in a month, whichever way.
double power_factor(const MeterView& meter, int month, std::size_t circuit) {
    const double apparent = used_in(meter, month, circuit, Energy::s);
    return apparent > 0 ? used_in(meter, month, circuit, Energy::p_total) / apparent : 0;
}

} // namespace

double recorded(const MeterView& meter, const Point& point, int circuit) {
    const MeterRecords& records = meter.memory->records;
    const auto at = static_cast<std::size_t>(circuit);
    switch (point.kind) {
    case PointKind::frozen:
        return frozen(meter, info(Quantity{point.index}), at);
    case PointKind::freeze_time:
        return static_cast<double>(records.frozen.time_since_epoch().count());
    case PointKind::day:
        return records.circuits[at].days.front().kilo(
            static_cast<Energy>(info(Quantity{point.index}).slot), point.month,
            meter.metered[at].energy);
    case PointKind::month_pf:
        return power_factor(meter, point.month, at);
    case PointKind::month_hours:
        return in_hours(
            records.circuits[at].month(point.index, point.month, meter.extras[at].time));
    default:
        guard(false); // number() asks for no other
        return 0;
    }
}

bool has_record(const MeterView& meter, const Point& point, int circuit) {
    if (point.kind == PointKind::month_pf)
        return used_in(meter, point.month, static_cast<std::size_t>(circuit), Energy::s) > 0;
    return point.kind != PointKind::frozen || meter.memory->records.frozen != CivilTime{};
}

} // namespace kpmsim
