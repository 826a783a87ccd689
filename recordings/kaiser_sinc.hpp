#pragma once

#include <span>
#include <vector>

namespace kpmsim {

/// A windowed-sinc interpolator: y(u) = sum over k of x[k] g(u - k), with
/// g(t) = sin(2 pi c t)/(pi t) * I0(beta sqrt(1 - (t/T)^2))/I0(beta) for |t| < T.
struct SincDesign {
    double cutoff{0.5}; ///< c, cycles per sample
    double beta{0.0};
    int half{24}; ///< T, in samples: 2 T taps

    bool operator==(const SincDesign&) const = default;
};

/// The design for a source with `samples_per_cycle` that is read with `wanted_per_cycle`, right up
/// to `highest_order`. A beta below `least_beta` is a source too slow for that order.
SincDesign design_sinc(double samples_per_cycle, int highest_order, int wanted_per_cycle);

inline constexpr double least_beta = 16.0;
/// The fewest samples per cycle that carry this order.
double least_samples_per_cycle(int highest_order);
/// What an order up to the highest is wrong by at most, as a fraction of its own amplitude.
double sinc_error(const SincDesign& design);

/// The taps g(f - k), k = 1-T … T, for any fraction f of a sample, out of a table.
class SincTable {
public:
    explicit SincTable(const SincDesign& design);

    const SincDesign& design() const { return design_; }
    int taps() const { return 2 * design_.half; }
    /// error   5e-13 each (interpolation between table rows)
    void weights(double fraction, std::span<double> out) const;

private:
    SincDesign design_;
    int phases_;
    std::vector<double> rows_;
};

} // namespace kpmsim
