#include "scenarios/play/fault_presets.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

std::vector<FaultPreset> all_presets() {
    return {
        {"cheap-converter",
         "an RS-485 converter that turns its direction by a timer: characters get lost at either "
         "end, others appear",
         {{"noise-bytes", {{"toxicity", 0.03}, {"bytes", 1}}, {}},
          {"truncated", {{"toxicity", 0.02}, {"bytes", 3}}, {}},
          {"latency", {{"delay", 0.004}, {"jitter", 0.004}}, {}}}},
        {"long-line",
         "a line without its terminating resistors: bits fall over",
         {{"wrong-crc", {{"toxicity", 0.05}}, {{"direction", "both"}}}}},
        {"loose-screw",
         "a wire that loses contact now and then",
         {{"line-cut", {{"toxicity", 0.2}}, {}}}},
        {"second-master",
         "somebody left a laptop on the line, and it polls, too",
         {{"two-masters", {{"toxicity", 0.1}}, {{"direction", "upstream"}}},
          {"two-masters", {{"toxicity", 0.1}}, {{"direction", "downstream"}}}}},
        {"twin-address",
         "a new meter was put on the line with an address that was taken",
         {{"address-twice", {}, {}}}},
        {"late-gateway",
         "a gateway that passes a late answer on when it has one for the next request",
         {{"late-answer", {{"toxicity", 0.05}}, {}},
          {"latency", {{"delay", 0.25}, {"jitter", 0.2}}, {{"distribution", "uniform"}}}}},
        {"busy-gateway",
         "a gateway with more clients than its line can serve",
         {{"exception", {{"toxicity", 0.03}, {"code", 6}}, {{"direction", "upstream"}}},
          {"exception", {{"toxicity", 0.03}, {"code", 11}}, {}},
          {"latency", {{"delay", 0.1}, {"jitter", 0.3}}, {{"distribution", "log-normal"}}}}},
        {"gsm-modem",
         "a modem in a cellar: slow, in pieces, and sometimes not at all",
         {{"latency",
           {{"delay", 0.6}, {"jitter", 0.9}},
           {{"distribution", "log-normal"}, {"direction", "both"}}},
          {"bandwidth", {{"rate", 1200}}, {}},
          {"slicer", {{"toxicity", 0.1}, {"bytes", 7}, {"delay", 0.12}}, {}},
          {"no-answer", {{"toxicity", 0.02}}, {}}}},
        {"weak-wifi",
         "a radio at the edge of its cell: seconds without a word, and connections that die of it",
         {{"latency",
           {{"delay", 0.03}, {"jitter", 0.25}},
           {{"distribution", "log-normal"}, {"direction", "both"}}},
          {"no-answer", {{"toxicity", 0.05}}, {}}}},
    };
}

} // namespace

std::span<const FaultPreset> fault_presets() {
    static const std::vector<FaultPreset> presets = all_presets();
    return presets;
}

const FaultPreset* find_fault_preset(std::string_view name) {
    const auto presets = fault_presets();
    const auto at = std::find_if(presets.begin(), presets.end(),
                                 [&](const FaultPreset& one) { return one.name == name; });
    return at == presets.end() ? nullptr : &*at;
}

} // namespace kpmsim
