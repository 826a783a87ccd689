#pragma once

#include "waveforms/terminals.hpp"

#include <array>
#include <vector>

namespace kpmsim {

// The written formulas row by row, without converter, kernels or noise: what the truth of a window
// that changes is summed from. Nothing is shared with sample().

/// The value of x at this phase of Ua's fundamental.
double value_at(const Spectrum& x, Turn theta);
/// The voltage of channel 0 to 2, V primary, interharmonics and transients included.
std::vector<double> voltage_samples(const SupplyWindow& supply, const WiringSpec& wiring,
                                    int channel);
/// The current of a circuit's terminal 0 to 2, A primary.
std::vector<double> current_samples(const TerminalSpectra& terminals, const SupplyWindow& supply,
                                    const WiringSpec& wiring, int circuit, int terminal);

/// The rows' Fourier series over the window, order 1 the one with a period a cycle of the sample
/// clock; rms phasors against the window's first row. Orders up to 50, DC at [0].
///
/// shape   as many rows as the window has; 128 to a cycle
Spectrum fourier_series(const std::vector<double>& rows);

/// Urms(1/2), the truth of it: of each phase (a, b, c) the rms of the rows over one cycle,
/// DC included, from the row nearest to each zero crossing of the phase's own fundamental.
struct HalfCycleTruth {
    std::int64_t first_row{0}; ///< counted from the first window pushed
    double rms_v{0.0};
};

/// Follows a supply's phases from window to window.
///
/// source  IEC 61000-4-30, 5.4.1; one cycle is 128 rows
class HalfCycleTruths {
public:
    /// Appends what has become complete. Windows adjoin.
    void push(const SupplyWindow& supply);
    const std::vector<HalfCycleTruth>& of_phase(int phase) const {
        return out_[static_cast<std::size_t>(phase)];
    }

private:
    std::array<std::vector<double>, 3> rows_;        ///< not yet summed
    std::array<std::vector<std::int64_t>, 3> begin_; ///< crossings waiting for their cycle
    std::array<std::vector<HalfCycleTruth>, 3> out_;
    std::array<Turn, 3> last_{};
    std::int64_t first_{0}; ///< number of rows_'s first
    std::int64_t next_{0};  ///< number of the next row
};

} // namespace kpmsim
