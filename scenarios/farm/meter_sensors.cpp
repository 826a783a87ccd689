#include "scenarios/farm/meter_sensors.hpp"

#include "models/engine/sensors.hpp"

#include <string>

namespace kpmsim {

std::array<double, max_circuits> temperature_errors(const FarmPlan& plan, const MeterPlan& meter) {
    std::array<double, max_circuits> errors{};
    if (!meter.by_class)
        return errors;
    const MeterType& type = *meter.spec.type;
    for (int n = 0; n < type.circuits * type.sensors_per_unit(); ++n) {
        const std::string stream = "meter/" + meter.spec.name + "/temperature" +
                                   (n == 0 ? "" : "/" + std::to_string(n + 1)) + "/error";
        // The converter's steps take a little of the limit, too.
        errors[static_cast<std::size_t>(n)] =
            factory_margin * (2 * Random{plan.seed, stream}.uniform(0) - 1);
    }
    return errors;
}

MeterSensors::MeterSensors(const FarmPlan& plan, const MeterPlan& meter, const MeterSpec& spec,
                           double u_v)
    : spec_{&spec} {
    const auto circuits = static_cast<std::size_t>(spec.type->circuits);
    if (spec.type->sensors_per_unit() == 1)
        temperature_c_.resize(circuits);
    true_c_ = temperature_c_;
    several_c_.resize(circuits * kept_temperatures(spec));
    if (!has_residual(spec))
        return;
    for (std::size_t n = 0; n < circuits; ++n) {
        const std::string stream =
            "meter/" + meter.spec.name + "/residual" + (n == 0 ? "" : "/" + std::to_string(n + 1));
        const double most = meter.by_class ? residual_error(spec, static_cast<int>(n)) : 0;
        const double drawn = Random{plan.seed, stream + "/error"}.uniform(0);
        leaks_.emplace_back(u_v, Random{plan.seed, stream}, most * (2 * drawn - 1));
        leakage_a_.push_back(meter.leakage_a[n]);
    }
}

bool MeterSensors::sense(const MeterMemory& memory) {
    bool moved = false;
    const auto take = [&](double& reads, double value) {
        moved = moved || reads != value;
        reads = value;
    };
    for (std::size_t n = 0; n < temperature_c_.size(); ++n) {
        const auto now = celsius_at(*spec_, memory, static_cast<int>(n), 0);
        take(temperature_c_[n], shown_celsius(*spec_, static_cast<int>(n), 0, now));
        true_c_[n] = now.value_or(temperature_c_[n]);
    }
    const std::size_t each = kept_temperatures(*spec_);
    for (std::size_t n = 0; n < several_c_.size(); ++n) {
        const int circuit = static_cast<int>(n / each);
        const int sensor = static_cast<int>(n % each);
        take(several_c_[n],
             shown_celsius(*spec_, circuit, sensor, celsius_at(*spec_, memory, circuit, sensor)));
    }
    for (std::size_t n = 0; n < leaks_.size(); ++n)
        leaks_[n].set(memory.held(StimulusKind::leakage, static_cast<int>(n), 0, leakage_a_[n]));
    return moved;
}

void MeterSensors::see(const SupplyWindow& window, const Random& noise,
                       std::vector<ResidualProgress>& leaks) {
    for (std::size_t n = 0; n < leaks_.size(); ++n)
        leaks_[n].see(window, noise, leaks[n]);
}

void MeterSensors::show(const std::vector<ResidualProgress>& leaks,
                        std::span<MeterState> states) const {
    for (std::size_t n = 0; n < leaks.size(); ++n)
        states[n].readings[Slot::i_residual] = leaks[n].shown_a;
    for (std::size_t n = 0; n < temperature_c_.size(); ++n)
        states[n].readings[Slot::temp] = temperature_c_[n];
}

void MeterSensors::keep_extremes(CivilTime rtc, Extras& extras) const {
    const double* shown = several_c_.data();
    for (CircuitExtras& of : extras)
        for (ValueExtremes& kept : of.temperatures)
            kept.push(*shown++, rtc);
}

void MeterSensors::show_truth(const std::vector<ResidualProgress>& leaks, std::size_t circuit,
                              Readings& truth) const {
    if (!true_c_.empty())
        truth[Slot::temp] = true_c_[circuit];
    if (!leaks.empty())
        truth[Slot::i_residual] = leaks[circuit].truth_a;
}

} // namespace kpmsim
