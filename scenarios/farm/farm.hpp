#pragma once

#include "models/engine/meter.hpp"
#include "scenarios/farm/running_meter.hpp"
#include "scenarios/file/farm_plan.hpp"
#include "sim/archive.hpp"
#include "sim/clock.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

/// Meters by their place in a farm. Each stays where it is in memory while others come and go, and as
/// long as somebody holds it.
class Meters {
public:
    using Held = std::shared_ptr<Meter>;
    explicit Meters(std::span<const Held> all) : all_{all} {}

    std::size_t size() const { return all_.size(); }
    Meter& operator[](std::size_t n) const { return *all_[n]; }
    const Held& hold(std::size_t n) const { return all_[n]; }

    class Iterator {
    public:
        explicit Iterator(const Held* at) : at_{at} {}
        Meter& operator*() const { return **at_; }
        Iterator& operator++() {
            ++at_;
            return *this;
        }
        bool operator==(const Iterator&) const = default;

    private:
        const Held* at_;
    };
    Iterator begin() const { return Iterator{all_.data()}; }
    Iterator end() const { return Iterator{all_.data() + all_.size()}; }

private:
    std::span<const Held> all_;
};

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
    /// What somebody does to a meter then, or promised() if that is later.
    void intervene(std::size_t meter, SimTime at, Intervention what);
    /// What happens to a supply that is no recording, to a circuit's load or to a meter's wiring, at its
    /// own moments; from the promised time on, and not while advance() runs. restore() needs a farm to
    /// which the same has been done.
    void disturb(std::size_t supply, Disturbance what);
    void change(std::size_t meter, int circuit, const LoadChange& what);
    void change(std::size_t meter, WiringChange what);
    /// All that carries an action's number, interventions too: it is over, or not done at all.
    void end(std::uint64_t action, SimTime at);
    /// Meters that read_more_meters() has made of this farm's plan come behind the others; the first
    /// window that they count begins where the last one before `at` ends, which is promised() unless what
    /// was done to a saved farm is done again. `origin` tells those of one call from all others.
    void add(std::vector<MeterPlan> more, SimTime at, const std::string& origin);
    /// The meters behind it move up. Not one that others sum.
    void remove(std::size_t meter);
    /// Back to the meters of the file, and nothing was done to anything. What else the farm remembers is
    /// for restore(), which must follow; meters that are added again before it are the ones they were.
    void begin_again();
    /// How often meters have come or gone.
    std::uint64_t comings() const;
    /// Null when it plays a recording.
    const SupplySpec* supply(std::size_t n) const;
    /// Every window of a supply from here on, in order, with the supply's noise; called while advance()
    /// runs, by its caller's thread.
    using SupplyWatch = std::function<void(const SupplyRun&, const Random&)>;
    void watch_supply(std::size_t n, SupplyWatch watch);
    /// The same of a meter's terminals; not once meters of the file have gone.
    void watch_terminals(std::size_t meter, TerminalWatch watch);
    /// Asked before a meter shows what a client wrote; no, and it is refused as busy.
    using CommandWatch = std::function<bool(const Meter&, const Command&)>;
    void watch_commands(CommandWatch watch);
    SimTime promised() const;
    /// Makes the states as of `to` visible to meters(), and passes what was written on to the
    /// metering.
    void publish(SimTime to);
    /// What the meters sent up to the last publish(), in the order of its moments; those of one
    /// moment in the order of the meters.
    std::vector<Message> take_messages();
    /// What the relays did up to the last publish() and since the one before, in the order of its
    /// moments.
    struct MeterMove {
        std::size_t meter{0};
        RelayMove relay;
    };
    const std::vector<MeterMove>& relay_moves() const;
    /// What was not written at the keys of meters in that time.
    struct MeterRefusal {
        std::size_t meter{0};
        RefusedAtKeys entry;
    };
    const std::vector<MeterRefusal>& refused_at_keys() const;

    SimTime now() const; ///< as of the last publish()
    CivilTime site_time() const;
    Meters meters() const;
    const FarmPlan& plan() const;

    /// Everything that the farm remembers, as bytes; what MQTT clients' radios show is not. Not while
    /// advance() runs.
    Bytes save();
    /// The same where advance(to) has run and before publish(to), on any thread while others are served:
    /// what was written since promise(to) is not in it.
    Bytes save_metered(SimTime to) const;
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
