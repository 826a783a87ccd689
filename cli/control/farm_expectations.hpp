#pragma once

#include "scenarios/play/conductor.hpp"
#include "servers/api/expectations_port.hpp"

#include <deque>
#include <vector>

namespace kpmsim {

/// What is expected of a running farm by those who ask its control API, besides what the scenario expects that
/// it is run for, if it is.
class FarmExpectations : public ExpectationsPort {
public:
    explicit FarmExpectations(Farm& farm, const Conductor* scenario = nullptr)
        : farm_{farm}, scenario_{scenario}, witness_{farm} {}

    std::string scenario() const override;
    std::string list() const override;
    Result<std::string, std::vector<Mistake>> expect(std::string_view json) override;

    /// As a conductor's, for the runner's hooks.
    void hear(const Message& message);
    void look();
    SimTime next_stop() const;
    /// Who looks at what is not simulated; without, such expectations are refused.
    void outside(FarmWitness::Outside outside) {
        looks_outside_ = true;
        witness_.outside(std::move(outside));
    }
    /// Nothing comes after this: what came of them.
    std::vector<Finding> finish();

private:
    Farm& farm_;
    const Conductor* scenario_;
    FarmWitness witness_;
    bool looks_outside_{false};
    std::deque<Expectation> expectations_;
    std::deque<Judge> judges_;
};

} // namespace kpmsim
