#pragma once

#include "scenarios/farm/farm.hpp"
#include "scenarios/play/actions.hpp"
#include "scenarios/play/companions.hpp"
#include "scenarios/play/evidence.hpp"
#include "scenarios/play/farm_witness.hpp"
#include "scenarios/play/finding.hpp"
#include "scenarios/play/judge.hpp"
#include "scenarios/play/probe.hpp"
#include "scenarios/play/script.hpp"
#include "scenarios/play/timeline.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kpmsim {

/// A scenario in motion: its farm, its actions and what is expected. It reads no clock: either run_to()
/// moves the farm, or somebody else does, and then calls hear() and look() at each next_stop().
class Conductor {
public:
    Conductor(const Script& script, int threads);
    /// Clients that live beside its farm; before it begins.
    void accompany(std::unique_ptr<Companions> companions);
    /// What clients outside it did, up to the next look().
    void hear(const Noted& noted);
    /// Whoever keeps what it hears.
    struct Listener {
        std::function<void(const Message&)> message;
        std::function<void(const Noted&)> noted;
    };
    void listen(Listener listener) { listener_ = std::move(listener); }

    Farm& farm() { return farm_; }
    Actions& actions() { return actions_; }
    const Actions& actions() const { return actions_; }

    /// The next moment at which something must be looked at, no later than the end.
    SimTime next_stop() const;
    /// When it ends by itself; SimTime::max() for never.
    SimTime end() const;
    /// Everything that is expected has been decided, or its time is over.
    bool over() const;

    /// Moves the farm from stop to stop.
    void run_to(SimTime to);
    void run() { run_to(end()); }

    /// What the farm sent; then what there is to see at farm().now(), for the first time at the start.
    void hear(const Message& message);
    void look();
    /// After each publish(), where somebody else moves the farm.
    void remark();
    /// Nothing comes after this.
    void finish();

    std::vector<Finding> findings() const;
    /// Each with whether it is decided.
    std::vector<std::pair<Finding, bool>> findings_so_far() const;
    const Evidence& evidence() const { return evidence_; }
    /// What is to be known of it besides: entries at keys that wrote nothing.
    const std::vector<std::string>& remarks() const { return remarks_; }
    const Script& script() const { return *script_; }
    FarmWitness& witness() { return witness_; }

private:
    void note_decided();
    void follow_clients();
    double other_value(const std::string& name) const;

    const Script* script_;
    Farm farm_;
    Actions actions_;
    std::deque<Probe> probes_;
    std::unique_ptr<Companions> companions_;
    ClientValues clients_;
    Listener listener_;
    FarmWitness witness_;
    Timeline timeline_;
    std::deque<Judge> judges_;
    std::vector<bool> told_; ///< by judge: its decision is known to the others
    Evidence evidence_;
    std::vector<std::string> remarks_;
    bool begun_{false};
    bool finished_{false};
};

} // namespace kpmsim
