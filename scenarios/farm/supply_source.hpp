#pragma once

#include "scenarios/file/farm_plan.hpp"
#include "sim/lock.hpp"
#include "sim/random.hpp"
#include "waveforms/supply.hpp"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace kpmsim {

/// Windows of a supply one after the other.
struct SupplyRun {
    SupplyWindow window; ///< the first
    std::int64_t windows{1};
    bool repeats{false};     ///< each is the one before it, but later: later() says how it stands
    std::int64_t to_come{0}; ///< windows after the first that will repeat it
};

/// What a SupplySource remembers.
struct SupplySourceState {
    /// The sample clock, and how far it has gone.
    struct Clock {
        SampleLock lock{50.0};
        SupplyWindow last;       ///< that was sampled
        bool calm{false};        ///< it was as long as the one before, and neither changed
        std::int64_t repeats{0}; ///< windows that repeat it
        std::int64_t said{0};    ///< of these
        KPMSIM_FIELDS(lock, last, calm, repeats, said);
        bool valid() const;
    };
    std::variant<SupplyState, SampledSupply> supply; ///< written, or a recording
    Clock clock;
    KPMSIM_FIELDS(supply, clock);
};

/// A supply with the sample clock that follows it: gives one window after the other. All meters on
/// a supply see the same voltage and share the clock.
///
/// It has run for some seconds when it is made, so that the clock is locked: the next window begins
/// at or just after SimTime{}, and last() is the one before it. A recording has nothing before it to
/// lock to; there the clock begins with the frequency of its first window, which begins at
/// SimTime{}.
///
/// Where windows may be jumped over, it looks for them: two windows of the same length in which the
/// clock held and nothing changed, and nothing that will change. The windows up to the next change
/// are then said without being sampled, by the lock neither.
class SupplySource {
public:
    SupplySource(const FarmPlan& farm, const SupplyPlan& plan, Fidelity fidelity);

    /// The next windows that end at or before `to`, if there are any. Only windows that repeat come
    /// several at a time.
    std::optional<SupplyRun> next(SimTime to);
    const SupplyWindow& last() const { return clock_.last; }
    /// The last of those that next() has given; before the first, the one before it.
    SupplyWindow given() const {
        return clock_.said == 0 ? clock_.last : later(clock_.last, clock_.said);
    }
    const Random& stream() const { return stream_; }
    /// 50 or 60: how many cycles make a window.
    double nominal_hz() const { return nominal_hz_; }

    /// Something more that happens to it, from a moment on that was not gone through; and the end of
    /// what an action does. A recording takes nothing.
    void disturb(Disturbance what);
    void end(std::uint64_t action, SimTime at);
    /// Nothing happens to it but what the plan says; before a restore().
    void forget_changes(const FarmPlan& farm, const SupplyPlan& plan);
    const SupplySpec* spec() const; ///< null: it plays a recording

    /// A feed of the same plan that was given this goes on as this one does, to the bit.
    SupplySourceState state() const;
    /// Throws BadState when it cannot be the state of a feed of this plan.
    void restore(SupplySourceState state);

private:
    void step();
    std::int64_t find_repeats() const;
    void look_again();

    double nominal_hz_;
    double full_scale_v_;
    Fidelity fidelity_;
    std::variant<Supply, RecordedSupply> supply_;
    Random stream_;
    SupplySourceState::Clock clock_;
    std::vector<double> samples_; ///< of the lock's own three inputs
};

} // namespace kpmsim
