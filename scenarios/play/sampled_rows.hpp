#pragma once

#include "scenarios/farm/running_meter.hpp"
#include "scenarios/farm/supply_source.hpp"

#include <optional>
#include <vector>

namespace kpmsim {

/// A window's samples as the meters' clock takes them, without a converter: a channel each, 128 rows a cycle.
using SampledRows = std::vector<std::vector<double>>;

/// A circuit's terminals at a meter that is wired to three phases and a neutral.
struct CircuitTerminals {
    std::size_t meter{0};
    int circuit{0};      ///< 0-based
    double pt{1}, ct{1}; ///< the transformers' ratios as the farm file has them
    ChannelList channels{};
};
/// Nothing where the meter is wired in another way.
std::optional<CircuitTerminals> terminals_of(const FarmPlan& farm, std::size_t meter, int circuit);

/// Three voltages, V. `u_v`: about what they are.
SampledRows rows_of(const SupplyWindow& window, const Random& noise, double u_v);
/// Three voltages and three currents, V and A of the primary.
SampledRows rows_of(const TerminalRun& run, const CircuitTerminals& at, double u_v);

} // namespace kpmsim
