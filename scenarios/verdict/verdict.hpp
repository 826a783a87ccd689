#pragma once

#include "scenarios/play/conductor.hpp"
#include "scenarios/play/finding.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kpmsim {

/// What came of one scenario: plain data, from which every report is written.
struct Verdict {
    enum class Outcome : std::uint8_t {
        passed,
        failed,
        nothing_ran, ///< no expectation was looked at
    };
    std::string name, title, file;
    std::vector<std::string> tags;
    std::uint64_t seed{0};
    std::string fidelity;
    CivilTime start{}; ///< of the site
    SimDuration simulated{};
    double wall_s{0};
    std::vector<Finding> findings;
    std::uint64_t digest{0};          ///< of the evidence
    std::string trouble;              ///< why it could not be run to its end
    std::vector<std::string> remarks; ///< what is to be known besides
    std::string options; ///< of the command line, that bear on what was played: " --mutations"

    Outcome outcome() const;
    std::size_t count(Finding::Result result) const;
};

std::string_view name_of(Verdict::Outcome outcome); ///< "failed"

/// What is known before anything has run.
Verdict verdict_of(const ScenarioPlan& plan);
/// Of a run that is over.
Verdict verdict_on(const Conductor& run, SimTime end, double wall_s);

/// Whether a mutation was seen where it says and nowhere else; `run` is the verdict on the mutated scenario.
Verdict verdict_on_mutation(const MutationPlan& mutation, const Verdict& run);

/// The command that does it again.
std::string command_again(const Verdict& verdict);

} // namespace kpmsim
