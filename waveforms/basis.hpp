#pragma once

#include "sim/clock.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace kpmsim {

/// Cosine and sine of h theta[n] for the samples of one window: the part of the synthesis that all
/// meters on a supply share. It grows to the highest order asked of it.
class Basis {
public:
    /// theta[n] = start + n * step, n < rows.
    void aim(Turn start, std::uint64_t step, int rows);
    /// theta[n] as given.
    void aim(std::span<const Turn> theta);
    void reach(int order);

    const double* sine(int order) const { return row(2 * order); }
    const double* cosine(int order) const { return row(2 * order + 1); }
    int rows() const { return rows_; }

private:
    const double* row(int n) const;
    double* row(int n);

    struct alignas(64) Line {
        double value[8];
    };
    std::vector<Line> data_;  ///< sine and cosine of order 1, of order 2, …
    std::vector<Turn> theta_; ///< empty while start and step say it all
    Turn start_{};
    std::uint64_t step_{0};
    int rows_{0};
    int reached_{0};
};

} // namespace kpmsim
