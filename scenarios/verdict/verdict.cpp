#include "scenarios/verdict/verdict.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace kpmsim {

std::string_view name_of(Verdict::Outcome outcome) {
    switch (outcome) {
    case Verdict::Outcome::passed:
        return "passed";
    case Verdict::Outcome::failed:
        return "failed";
    case Verdict::Outcome::nothing_ran:
        break;
    }
    return "nothing ran";
}

std::size_t Verdict::count(Finding::Result result) const {
    return static_cast<std::size_t>(std::count_if(
        findings.begin(), findings.end(),
        [&](const Finding& finding) { return finding.result == result; }));
}

Verdict::Outcome Verdict::outcome() const {
    if (!trouble.empty())
        return Outcome::failed;
    if (count(Finding::Result::not_reached) == findings.size())
        return Outcome::nothing_ran;
    return count(Finding::Result::passed) == findings.size() ? Outcome::passed : Outcome::failed;
}

Verdict verdict_of(const ScenarioPlan& plan) {
    Verdict verdict;
    verdict.name = plan.name;
    verdict.title = plan.title;
    verdict.file = plan.file;
    verdict.tags = plan.tags;
    verdict.seed = plan.farm.seed;
    verdict.fidelity = name_of(plan.farm.fidelity);
    verdict.start = plan.farm.start;
    return verdict;
}

Verdict verdict_on(const Conductor& run, SimTime end, double wall_s) {
    Verdict verdict = verdict_of(run.script().plan);
    verdict.simulated = end.time_since_epoch();
    verdict.wall_s = wall_s;
    verdict.findings = run.findings();
    verdict.remarks = run.remarks();
    verdict.digest = run.evidence().digest();
    return verdict;
}

Verdict verdict_on_mutation(const MutationPlan& mutation, const Verdict& run) {
    Verdict verdict = run;
    verdict.name += " ~ " + mutation.name;
    verdict.findings.clear();
    const auto add = [&](std::string title, bool good, const std::string& text) {
        Finding finding;
        finding.title = std::move(title);
        finding.kind = "mutation";
        finding.place = mutation.place;
        finding.result = good ? Finding::Result::passed : Finding::Result::failed;
        finding.at = SimTime{run.simulated};
        finding.text = finding.title + ": " + text;
        verdict.findings.push_back(std::move(finding));
    };
    std::string others;
    for (const Finding& finding : run.findings) {
        const bool named = std::find(mutation.fails.begin(), mutation.fails.end(), finding.id) !=
                           mutation.fails.end();
        const bool passed = finding.result == Finding::Result::passed;
        if (named)
            add(finding.id + " fails", !passed, finding.text);
        else if (!passed)
            others += (others.empty() ? "" : "; ") + finding.text;
    }
    add("no other fails", others.empty(), others.empty() ? "none did" : others);
    return verdict;
}

std::string command_again(const Verdict& verdict) {
    const std::string file = verdict.file.find_first_of(" '\"$\\") == std::string::npos
                                 ? verdict.file
                                 : '\'' + verdict.file + '\'';
    const auto open = verdict.name.find('[');
    std::string set;
    if (open != std::string::npos && verdict.name.find(']', open) != std::string::npos) {
        std::string values = verdict.name.substr(open + 1, verdict.name.find(']', open) - open - 1);
        for (std::size_t at = 0; at <= values.size();) {
            const std::size_t end = std::min(values.find(',', at), values.size());
            set += fmt::format(" --set '{}'", values.substr(at, end - at));
            at = end + 1;
        }
    }
    return fmt::format("kpmsim run {} --seed {}{}{}", file, verdict.seed, set, verdict.options);
}

} // namespace kpmsim
