#include "models/engine/sensors.hpp"

#include "sim/ntc.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kpmsim {

namespace {

constexpr unsigned residual_bit = 1u << 4;

std::size_t place_of(const MeterType& type, int circuit, int sensor) {
    return static_cast<std::size_t>(circuit * std::max(1, type.sensors_per_unit()) + sensor);
}

/// `drawn` of the limits of its errors.
double shown(const MeterType& type, double celsius, double drawn) {
    std::optional<double> read = celsius;
    if (type.temperature_by_ntc)
        read = measured_celsius(Ntc{}, RatioConverter{}, celsius, drawn * type.sensors.resistance);
    if (!read)
        return type.open_temperature_c.value_or(0);
    return *read + drawn * type.sensors.temperature_c;
}

/// Bits of the temperatures of which `out` says so.
template <class Out>
unsigned temperatures(const MeterView& meter, int circuit, const Out& out) {
    unsigned bits = 0;
    if (!has_sensors(*meter.spec))
        return bits;
    for (int n = 0; n < meter.spec->type->sensors_per_unit(); ++n)
        if (const auto celsius = celsius_at(*meter.spec, *meter.memory, circuit, n);
            celsius && out(shown_celsius(*meter.spec, circuit, n, celsius)))
            bits |= 1u << n;
    return bits;
}

} // namespace

std::optional<double> celsius_at(const MeterSpec& spec, const MeterMemory& memory, int circuit,
                                 int sensor) {
    const std::optional<double> written = spec.temperature_c[place_of(*spec.type, circuit, sensor)];
    const double now = memory.held(StimulusKind::temperature, circuit, sensor,
                                   written.value_or(std::numeric_limits<double>::quiet_NaN()));
    return std::isnan(now) ? std::nullopt : std::optional{now};
}

double shown_celsius(const MeterType& type, std::optional<double> celsius) {
    return celsius ? shown(type, *celsius, 0) : type.open_temperature_c.value_or(0);
}

double shown_celsius(const MeterSpec& spec, int circuit, int sensor,
                     std::optional<double> celsius) {
    const MeterType& type = *spec.type;
    return celsius ? shown(type, *celsius, spec.temperature_error[place_of(type, circuit, sensor)])
                   : shown_celsius(type, celsius);
}

unsigned sensors_below_range(const MeterView& meter, int circuit) {
    const auto& least = meter.spec->type->sensors.least_c;
    return least ? temperatures(meter, circuit, [&](double c) { return c < *least; }) : 0;
}

unsigned sensors_above_range(const MeterView& meter, int circuit) {
    const SensorLimits& limits = meter.spec->type->sensors;
    unsigned bits = 0;
    if (limits.most_c)
        bits = temperatures(meter, circuit, [&](double c) { return c > *limits.most_c; });
    const Readings& readings = meter.metered[static_cast<std::size_t>(circuit)].readings;
    if (limits.residual_most_a && has_residual(*meter.spec) &&
        readings[Slot::i_residual] > *limits.residual_most_a)
        bits |= residual_bit;
    return bits;
}

} // namespace kpmsim
