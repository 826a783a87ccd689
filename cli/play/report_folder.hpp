#pragma once

#include "cli/play/run_trace.hpp"
#include "scenarios/verdict/html_report.hpp"

#include <set>
#include <string>
#include <vector>

namespace kpmsim {

/// The folder of --report: index.html, verdict.json, junit.xml, and of each scenario that failed a bundle with everything
/// that it takes to see it again.
class ReportFolder {
public:
    /// Makes it. Throws FileError where it cannot be written.
    explicit ReportFolder(std::string path);

    /// Writes the bundle of a run that failed; its path, from the page.
    std::string bundle(const Script& script, const ReportedScenario& scenario,
                       const Evidence& evidence, const RunTrace& trace) const;
    void write(const std::vector<ReportedScenario>& scenarios) const;

private:
    void file(const std::string& name, const std::string& text) const;
    std::string free_name(const std::string& scenario) const;

    std::string path_;
    mutable std::set<std::string> bundles_; ///< names that are taken
};

/// What a bundle says was played.
struct Bundled {
    ScenarioPlan plan;
    std::string digest; ///< of the evidence, hexadecimal
    std::string exec;   ///< the command that ran beside it; empty: none did
    SimDuration simulated{};
};
/// Throws FileError where it is none.
Bundled read_bundle(const std::string& path, const TypeLibrary& types);

} // namespace kpmsim
