#pragma once

#include "waveforms/wired_rows.hpp"

#include <optional>
#include <span>
#include <vector>

namespace kpmsim {

/// One window at a meter's terminals: wired in one way or, where somebody works on the wiring meanwhile, in parts.
struct WiredWindow {
    const SupplyWindow& supply; ///< outlives it
    TerminalSpectra terminals;  ///< as the window begins
    WiringSpec wiring;          ///< so, too
    std::optional<SupplyWindow>
        floating; ///< the supply against the loads' star point, where nothing holds that
    std::vector<WiredRows> parts; ///< empty: it stays as it begins

    /// The supply as the terminals have it when the window begins.
    const SupplyWindow& seen() const { return floating ? *floating : supply; }
    /// Something is not all through it as it begins.
    bool changes() const { return !parts.empty() || seen().changes() || terminals.changes(); }
    /// At the converter's inputs; see the functions of the same names in waveforms/.
    void sample(const Random& supply_noise, std::span<const AdcChannel> adc,
                SampleBlock& block) const;
    void truth_if_any(int first, std::span<Readings* const> circuits) const;
};

} // namespace kpmsim
