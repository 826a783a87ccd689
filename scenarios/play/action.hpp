#pragma once

#include "scenarios/file/farm_plan.hpp"
#include "scenarios/play/action_kind.hpp"
#include "waveforms/spectrum.hpp"

#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

struct TomlNode;

/// A circuit of a meter, by place.
struct CircuitPlace {
    std::size_t meter{0};
    int circuit{0}; ///< -1 = all
};

/// What somebody does to a farm, checked: what it is, on whom, when.
struct FarmAction {
    const ActionKind* kind{nullptr};
    SimTime from{};
    SimDuration length{for_good};
    SimDuration edge{};
    SimDuration every{};                  ///< from one begin to the next …
    int times{1};                         ///< … so often in all
    std::vector<std::size_t> supplies;    ///< of an action on supplies
    std::vector<std::size_t> lines;       ///< of one on lines: buses
    std::vector<CircuitPlace> circuits;   ///< of one on loads, meters, lines or brokers
    std::map<std::string, double> number; ///< by parameter: SI units, seconds, the point's unit
    std::map<std::string, std::string> text;
    std::map<std::string, std::vector<Harmonic>> harmonics;
    std::map<std::string, std::array<double, 3>> factors;
    std::vector<DisturbancePlan>
        disturbances; ///< by supply, of a kind that is one; begins at `from`

    /// When it is over for the last time; nothing: when it is ended.
    std::optional<SimTime> until() const {
        if (length == for_good && kind->lasting != Lasting::instant)
            return std::nullopt;
        const SimTime last = from + (times - 1) * every;
        return kind->lasting == Lasting::instant ? last : last + whole();
    }
    /// One time, with the way back.
    SimDuration whole() const { return length + edge + spread(); }
    /// Of those to whom it happens, the last one comes back so much later.
    SimDuration spread() const {
        const auto spread = number.find("spread");
        return SimDuration{spread == number.end() ? 0 : std::llround(1e9 * spread->second)};
    }
    bool has(const std::string& parameter) const {
        return number.contains(parameter) || text.contains(parameter) ||
               harmonics.contains(parameter) || factors.contains(parameter);
    }
};

/// Reads `{ kind = "dip", supply = "main", residual = "40 %", for = "10 cycles" }`. `now` is when it
/// begins without `at`, and what `at` must not lie before. Notes every mistake; nothing when there is
/// one.
std::optional<FarmAction> read_action(const TomlNode& node, const FarmPlan& plan, SimTime now,
                                      std::vector<Mistake>& mistakes);

/// The keys that say who is meant, and when: those of every action.
struct CommonKey {
    std::string_view name;
    std::string_view title;
    std::string_view example;
    bool whole{false}; ///< a whole number; else a text, or a list of names
};
std::span<const CommonKey> common_keys();
const CommonKey* find_common_key(std::string_view name);

} // namespace kpmsim
