#pragma once

#include "quality/window_plan.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace kpmsim {

/// Aggregates basic windows (10/12 cycles) into a longer interval: the square root of the mean of
/// the squares.
///
/// unit    out = in
/// error   rounding only
/// source  IEC 61000-4-30, 4.5 (frequency is the exception: it has a value of its own over 10 s)
double aggregate(std::span<const double> windows);

/// One aggregated value.
struct Aggregate {
    std::int64_t number{0}; // of the 150/180-cycle group, the 10-minute interval, the 2 hours
    double value{0};
    int parts{0};        // windows, or 10-minute values, that it was made of
    bool flagged{false}; // one of them was: a dip, swell or interruption lies inside
};

/// Everything that becomes complete while windows are pushed.
struct Aggregates {
    std::vector<Aggregate> groups;    // 150/180 cycles, 15 windows each
    std::vector<Aggregate> intervals; // 10 minutes
    std::vector<Aggregate> two_hours; // 12 intervals, numbers divided by 12
};

/// Aggregates one quantity over groups, 10-minute intervals and 2 hours.
///
/// shape   one value for each window of a WindowPlan, in its order
/// unit    out = in; a signed quantity loses its sign
/// error   rounding only
/// source  IEC 61000-4-30, 4.5 and 4.7; flags go up with the values
class Aggregation {
public:
    void push(const PlannedWindow& window, double value, bool flagged, Aggregates& out);
    /// Hands out the interval and the 2 hours under way, incomplete as they may be.
    void finish(Aggregates& out);

private:
    struct Sum {
        std::int64_t number{-1};
        double squares{0};
        int parts{0};
        bool flagged{false};

        void add(double value, bool flag) noexcept;
        Aggregate take() noexcept;
    };

    void close_interval(Aggregates& out);
    Sum& group(std::int64_t number) noexcept;

    std::array<Sum, 2> groups_; // the old grid's and the new one's
    Sum interval_, two_hours_;
};

} // namespace kpmsim
