#pragma once

#include "models/device.hpp"
#include "scenarios/farm_plan.hpp"
#include "sim/clock.hpp"

#include <deque>
#include <memory>

namespace kpmsim {

/// The farm in motion: supplies, terminals, metering and instruments, stepped through simulated
/// time.
///
/// Two sides meet in it. The metering side is advance(): it may run on any thread and spreads the
/// meters over `threads`. The served side is instruments(): it belongs to the caller's serving
/// thread. publish() hands the states over and takes the changes back; it must not run while
/// advance() does. The result is the same for any number of threads and any cutting of the time
/// into steps.
class Farm {
public:
    Farm(const FarmPlan& plan, int threads);
    ~Farm();

    /// Meters every window that ends at or before `to`.
    void advance(SimTime to);
    /// Makes the states as of `to` visible to instruments(), and passes settings and commands on to
    /// the metering.
    void publish(SimTime to);

    SimTime now() const; ///< as of the last publish()
    CivilTime site_time() const;
    std::deque<Instrument>& instruments();
    const FarmPlan& plan() const;

    /// The analytic truth of a meter's loop: readings of the last window (not-a-number where there is
    /// no value, see truth_if_any()), and the energies integrated from the truth. Not while advance()
    /// runs.
    MeterState truth(std::size_t meter, int loop) const;
    std::uint64_t clipped(std::size_t meter) const;
    /// In window fidelity: nothing changes, and yet the meter's windows are sampled, because a
    /// converter clips, or might with its noise, or has coarse steps.
    bool held_by_converter(std::size_t meter) const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim
