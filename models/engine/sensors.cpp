#include "models/engine/sensors.hpp"

#include "sim/ntc.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kpmsim {

std::optional<double> celsius_at(const MeterSpec& spec, const MeterMemory& memory, int circuit,
                                 int sensor) {
    const int place = circuit * std::max(1, spec.type->sensors_per_unit()) + sensor;
    const std::optional<double> written = spec.temperature_c[static_cast<std::size_t>(place)];
    const double now = memory.held(StimulusKind::temperature, circuit, sensor,
                                   written.value_or(std::numeric_limits<double>::quiet_NaN()));
    return std::isnan(now) ? std::nullopt : std::optional{now};
}

double shown_celsius(const MeterType& type, std::optional<double> celsius) {
    if (celsius && type.temperature_by_ntc)
        celsius = measured_celsius(Ntc{}, RatioConverter{}, *celsius);
    return celsius.value_or(type.open_temperature_c.value_or(0));
}

} // namespace kpmsim
