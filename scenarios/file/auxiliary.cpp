#include "scenarios/file/auxiliary.hpp"

#include "files/units.hpp"

namespace kpmsim {

std::optional<AuxiliaryVoltage> read_auxiliary_voltage(const std::string& text) {
    std::string volts = text;
    AuxiliaryVoltage voltage;
    voltage.dc = volts.ends_with(" DC");
    if (voltage.dc || volts.ends_with(" AC"))
        volts.erase(volts.size() - 3);
    std::string why;
    const auto value = parse_quantity(volts, Unit::volt, why);
    if (!value || !(*value >= 0 && *value <= 1e6))
        return std::nullopt;
    voltage.u_v = *value;
    return voltage;
}

} // namespace kpmsim
