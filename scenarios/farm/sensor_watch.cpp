#include "scenarios/farm/sensor_watch.hpp"

#include "models/engine/sensors.hpp"

#include <fmt/format.h>

namespace kpmsim {

namespace {

std::string name_of(const MeterType& type, std::size_t sensor, std::size_t circuit) {
    const std::string name = sensor == 4 ? "i_residual"
                             : type.temperature_points.empty()
                                 ? "temp"
                                 : type.points[type.temperature_points[sensor]].name;
    return type.circuits > 1 ? fmt::format("{} of circuit {}", name, circuit + 1) : name;
}

void add(std::string& list, const std::string& name) { list += (list.empty() ? "" : ", ") + name; }

} // namespace

SensorWatch::Remarks SensorWatch::look(const Farm& farm) {
    Remarks remarks;
    sensors_.follow(farm);
    for (std::size_t m = 0; m < sensors_.size(); ++m) {
        const Meter& meter = farm.meters()[m];
        const SensorLimits& limits = meter.type().sensors;
        if ((!limits.least_c && !limits.residual_most_a) ||
            !(has_sensors(meter.spec()) || has_residual(meter.spec())))
            continue;
        sensors_[m].resize(meter.circuits().size());
        std::string begun, over;
        for (std::size_t circuit = 0; circuit < sensors_[m].size(); ++circuit) {
            const int n = static_cast<int>(circuit);
            const unsigned beyond =
                sensors_below_range(meter.view(), n) | sensors_above_range(meter.view(), n);
            for (std::size_t k = 0; k < sensors_[m][circuit].size(); ++k) {
                Sensor& sensor = sensors_[m][circuit][k];
                if ((beyond >> k & 1u) != 0) {
                    if (!sensor.beyond)
                        add(begun, name_of(meter.type(), k, circuit));
                    sensor = {farm.now(), true};
                } else if (sensor.beyond && farm.now() - sensor.last >= quiet) {
                    sensor.beyond = false;
                    add(over, name_of(meter.type(), k, circuit));
                }
            }
        }
        if (!begun.empty())
            remarks.begun.push_back(
                fmt::format("meter {}: {} beyond the sensor's range at {} (sensors_below_range, "
                            "sensors_above_range)",
                            meter.spec().name, begun, iso_text(farm.site_time())));
        if (!over.empty())
            remarks.over.push_back(
                fmt::format("meter {}: back in the sensor's range: {}", meter.spec().name, over));
    }
    return remarks;
}

} // namespace kpmsim
