#pragma once

#include "scenarios/farm/running_meter.hpp"
#include "scenarios/play/companions.hpp"
#include "scenarios/play/expectation.hpp"
#include "scenarios/play/finding.hpp"
#include "scenarios/play/witness.hpp"

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// Watches over one expectation: says when it wants to look, and what came of it. Pure: what it sees and
/// when comes as arguments.
class Judge {
public:
    Judge(const Expectation& expectation, const FarmPlan& farm);

    const Expectation& expectation() const { return *expectation_; }
    /// The next moment at which it must be looked at; SimTime::max() where something must happen first, or
    /// nothing is left to see.
    SimTime next() const;
    /// At a moment to which everything has gone.
    void look(SimTime now, const Witness& witness);
    /// A message that was sent up to the next look().
    void hear(const Message& message);
    /// Something that a client noted, the same.
    void hear(const Noted& noted);
    /// The scenario is over.
    void finish(SimTime now, const Witness& witness);

    bool decided() const { return decided_; }
    const Finding& finding() const { return finding_; }

private:
    struct Sight {
        bool good{false};
        std::string seen, expected;
        double value{std::numeric_limits<double>::quiet_NaN()}; ///< where it is a number
    };
    bool begun(SimTime now, const Witness& witness);
    Sight sight(const Witness& witness) const;
    Sight value_sight(const Witness& witness) const;
    Sight text_sight(const Witness& witness) const;
    Sight outside_sight(const Witness& witness) const;
    Sight order_sight(const Witness& witness) const;
    Sight compare(double value, const Witness& witness) const;
    double value_of(const Bound& bound, const Witness& witness) const;
    double change_of(const Formula& formula, const Witness& witness, double before) const;
    void look_at_faces(SimTime now, const Witness& witness);
    void decide(Finding::Result result, SimTime now, const Sight& sight, const std::string& why);
    SimTime deadline() const;
    bool counts() const; ///< what happens in a stretch of time
    bool counts_at(SimTime at) const;
    bool asks_for(const char* key, const std::string& name) const;

    const Expectation* expectation_;
    const FarmPlan* farm_;
    std::optional<SimTime> base_; ///< what `at` counts from, once that is known
    std::optional<SimTime> next_; ///< once it has begun
    bool looked_{false};
    bool since_taken_{false};
    double value_before_{0}, truth_before_{0}, reading_before_{0};
    std::size_t counted_{0};       ///< messages, entries of a log
    std::vector<Message> packets_; ///< of the last moment at which there were any, for faces
    bool decided_{false};
    Finding finding_;
};

} // namespace kpmsim
