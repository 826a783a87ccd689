#pragma once

#include "models/engine/meter.hpp"
#include "scenarios/farm/running_meter.hpp"
#include "scenarios/file/farm_plan.hpp"
#include "sim/archive.hpp"
#include "sim/clock.hpp"

#include <deque>
#include <memory>
#include <span>

namespace kpmsim {

/// The farm in motion: supplies, terminals, metering and meters, stepped through simulated
/// time.
///
/// Two sides meet in it. The metering side is advance(): it may run on any thread and spreads the
/// meters over `threads`. The served side is meters(): it belongs to the caller's serving
/// thread. publish() hands the states over and takes the changes back; it must not run while
/// advance() does. The result is the same for any number of threads and any cutting of the time
/// into steps.
class Farm {
public:
    Farm(const FarmPlan& plan, int threads);
    ~Farm();

    /// Meters every window that ends at or before `to`.
    void advance(SimTime to);
    /// To be called on the served side before advance(to) runs on another thread: what was written so
    /// far goes with it, and what is written from now on acts after it.
    void promise(SimTime to);
    /// A command to come, as if a client wrote it at `at`. Refused like any other.
    Meter::Done schedule(std::size_t meter, SimTime at, std::vector<Assignment> what);
    /// What somebody does to a meter then, or promised() if that is later; and that an action's are not
    /// done that were to come.
    void intervene(std::size_t meter, SimTime at, Intervention what);
    void cancel(std::uint64_t action);
    /// What happens to a supply that is no recording, to a circuit's load or to a meter's wiring, at its
    /// own moments; from the promised time on, and not while advance() runs. An action's number ends all
    /// that carries it. restore() needs a farm to which the same has been done.
    void disturb(std::size_t supply, Disturbance what);
    void change(std::size_t meter, int circuit, const LoadChange& what);
    void change(std::size_t meter, WiringChange what);
    void end_changes(std::uint64_t action, SimTime at);
    /// All of it, before a restore().
    void forget_changes();
    /// Null when it plays a recording.
    const SupplySpec* supply(std::size_t n) const;
    SimTime promised() const;
    /// Makes the states as of `to` visible to meters(), and passes what was written on to the
    /// metering.
    void publish(SimTime to);
    /// What the meters sent up to the last publish(), in the order of its moments; those of one
    /// moment in the order of the meters.
    std::vector<Message> take_messages();

    SimTime now() const; ///< as of the last publish()
    CivilTime site_time() const;
    std::deque<Meter>& meters();
    const std::deque<Meter>& meters() const;
    const FarmPlan& plan() const;

    /// Everything that the farm remembers, as bytes; what MQTT clients' radios show is not. Not while
    /// advance() runs.
    Bytes save();
    /// Goes on, to the bit, where a farm of the same plan was saved. Throws BadState with the first
    /// difference when it was another plan's or version's; the farm is then of no more use.
    void restore(std::span<const std::uint8_t> saved);

    /// The analytic truth of a meter's circuit: readings of the last window (not-a-number where there is
    /// no value, see truth_if_any()), and the energies integrated from the truth. Not while advance()
    /// runs.
    MeterState truth(std::size_t meter, int circuit) const;
    std::uint64_t clipped(std::size_t meter) const;
    /// In window fidelity: nothing changes, and yet the meter's windows are sampled, because a
    /// converter clips, or might with its noise, or has coarse steps.
    bool held_by_converter(std::size_t meter) const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim
