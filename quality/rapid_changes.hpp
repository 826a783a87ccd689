#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace kpmsim {

/// A rapid voltage change: from one steady state to another, without a dip or swell on the way.
struct RapidChange {
    std::int64_t begin{0}; // the half cycle in which the voltage stopped being steady
    std::int64_t end{0};   // that in which it was steady again, less the 100 or 120 half cycles
    double du_max{0};      // greatest distance from the steady value before
    double du_ss{0};       // distance of the steady values before and after
};

/// Finds rapid voltage changes in Urms(1/2).
///
/// The voltage is steady while each of the last 100 (50 Hz) or 120 (60 Hz) half-cycle values of every
/// channel lies within the threshold of their mean; to become steady again they must lie within the
/// threshold less the hysteresis. A change with a dip or swell inside is not reported.
///
/// shape   one value a channel each half cycle
/// unit    fractions of the reference, as in VoltageEvents
/// error   rounding only
/// source  IEC 61000-4-30 ed. 3, 5.11
class RapidChanges {
public:
    struct Limits {
        double threshold{0.03};
        double hysteresis{0.015};
        int half_cycles{100};
    };

    explicit RapidChanges(int channels) : RapidChanges{channels, Limits{}} {}
    RapidChanges(int channels, Limits limits);

    /// `in_event`: VoltageEvents::active() in this half cycle. Appends what ends with it.
    void push(std::span<const double> u, bool in_event, std::vector<RapidChange>& finished);

    bool steady() const noexcept { return steady_; }

private:
    struct Channel {
        std::vector<double> last; // ring of limits.half_cycles
        double before{0};         // mean when the change began
        double du_max{0};
    };

    double mean(const Channel& channel) const noexcept;
    bool within(const Channel& channel, double threshold) const noexcept;

    Limits limits_;
    std::vector<Channel> channels_;
    std::int64_t half_cycle_{0};
    bool steady_{false};
    bool ever_steady_{false};
    bool spoilt_{false};
    std::int64_t begin_{0};
};

} // namespace kpmsim
