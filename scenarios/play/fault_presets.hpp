#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// One of the faults that a preset puts together, with its parameters as an action has them.
struct PresetFault {
    std::string_view kind;
    std::map<std::string, double> number;
    std::map<std::string, std::string> text;
};

/// Faults that come together in the field, under the name of what causes them.
struct FaultPreset {
    std::string_view name;
    std::string_view title;
    std::vector<PresetFault> faults;
};
std::span<const FaultPreset> fault_presets();
const FaultPreset* find_fault_preset(std::string_view name);

} // namespace kpmsim
