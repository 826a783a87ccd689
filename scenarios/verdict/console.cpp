#include "files/counted.hpp"
#include "files/printable.hpp"
#include "scenarios/verdict/reports.hpp"

#include <fmt/format.h>

namespace kpmsim {

std::string clock_text(SimDuration length) {
    using namespace std::chrono;
    const auto ms = duration_cast<milliseconds>(length).count();
    const auto day = ms / 86'400'000;
    const auto s = ms / 1000;
    std::string text = fmt::format("{:02}:{:02}:{:02}", s / 3600 % 24, s / 60 % 60, s % 60);
    if (ms % 1000 != 0)
        text += fmt::format(".{:03}", ms % 1000);
    return day == 0 ? text : fmt::format("{} d {}", day, text);
}

std::string console_text(const Verdict& verdict, bool every_expectation) {
    const bool good = verdict.outcome() == Verdict::Outcome::passed;
    std::string text =
        fmt::format("{} {} ({}, {} in {:.2f} s, seed {})\n", good ? "passed " : "FAILED ",
                    verdict.name, counted(verdict.findings.size(), "expectation"),
                    clock_text(verdict.simulated), verdict.wall_s, verdict.seed);
    for (const Finding& finding : verdict.findings) {
        const bool passed = finding.result == Finding::Result::passed;
        if (passed && !every_expectation)
            continue;
        text +=
            fmt::format("    {} {}{}\n", passed ? "ok:" : "no:",
                        finding.id.empty() || finding.id == finding.title ? "" : finding.id + ": ",
                        finding.text);
        if (!passed)
            text += fmt::format("        {}\n", to_text(finding.place));
    }
    if (verdict.findings.empty())
        text += "    it expects nothing: add [[expect]]\n";
    if (!verdict.trouble.empty())
        text += fmt::format("    {}\n", verdict.trouble);
    for (const std::string& remark : verdict.remarks)
        text += fmt::format("    {}\n", remark);
    if (!good)
        text += fmt::format("    again: {}\n", command_again(verdict));
    return printable_lines(text);
}

std::string console_sum(std::span<const Verdict> verdicts, double wall_s) {
    std::size_t passed = 0;
    std::size_t expectations = 0;
    SimDuration simulated{};
    for (const Verdict& verdict : verdicts) {
        passed += verdict.outcome() == Verdict::Outcome::passed ? 1 : 0;
        expectations += verdict.findings.size();
        simulated += verdict.simulated;
    }
    return fmt::format("{}: {} passed, {} failed; {}; {} simulated in {:.1f} s\n",
                       counted(verdicts.size(), "scenario"), passed, verdicts.size() - passed,
                       counted(expectations, "expectation"), clock_text(simulated), wall_s);
}

} // namespace kpmsim
