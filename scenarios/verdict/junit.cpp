#include "files/printable.hpp"
#include "scenarios/verdict/reports.hpp"

#include <fmt/format.h>

namespace kpmsim {
namespace {

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : printable_lines(text)) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string class_of(const Verdict& verdict) { return "kpmsim." + verdict.name; }

/// Each case its own name: what an expectation says, and its id or place.
std::string case_name(const Finding& finding) {
    if (!finding.id.empty() && finding.id != finding.title)
        return finding.id + ": " + finding.title;
    return finding.place.line == 0 ? finding.title
                                   : fmt::format("{} (line {})", finding.title, finding.place.line);
}

void append_case(std::string& xml, const Verdict& verdict, const Finding& finding) {
    xml += fmt::format("    <testcase name=\"{}\" classname=\"{}\" time=\"{:.3f}\"",
                       escaped(case_name(finding)), escaped(class_of(verdict)),
                       verdict.wall_s / static_cast<double>(verdict.findings.size()));
    if (finding.result == Finding::Result::passed) {
        xml += "/>\n";
        return;
    }
    xml += fmt::format(">\n      <failure message=\"{}\" type=\"{}\">{}\n{}</failure>\n"
                       "    </testcase>\n",
                       escaped(fmt::format("{} (seed {})", finding.text, verdict.seed)),
                       finding.result == Finding::Result::failed ? finding.kind : "not reached",
                       escaped(to_text(finding.place)), escaped(command_again(verdict)));
}

void append_suite(std::string& xml, const Verdict& verdict) {
    xml += fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" "
        "time=\"{:.3f}\" timestamp=\"{}\">\n",
        escaped(verdict.name), verdict.findings.size() + (verdict.trouble.empty() ? 0 : 1),
        verdict.findings.size() - verdict.count(Finding::Result::passed),
        verdict.trouble.empty() ? 0 : 1, verdict.wall_s, iso_text(verdict.start));
    xml += "    <properties>\n";
    const auto property = [&](const char* name, const std::string& value) {
        xml += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, escaped(value));
    };
    property("seed", fmt::to_string(verdict.seed));
    property("file", verdict.file);
    property("fidelity", verdict.fidelity);
    property("simulated_s", fmt::format("{:g}", seconds(verdict.simulated)));
    property("evidence", fmt::format("{:016x}", verdict.digest));
    xml += "    </properties>\n";
    for (const Finding& finding : verdict.findings)
        append_case(xml, verdict, finding);
    if (!verdict.trouble.empty())
        xml += fmt::format("    <testcase name=\"the scenario runs to its end\" classname=\"{}\" "
                           "time=\"0.000\">\n      <error message=\"{}\" type=\"trouble\"/>\n"
                           "    </testcase>\n",
                           escaped(class_of(verdict)),
                           escaped(fmt::format("{} (seed {})", verdict.trouble, verdict.seed)));
    xml += fmt::format("    <system-out>{}</system-out>\n  </testsuite>\n",
                       escaped(console_text(verdict, true)));
}

} // namespace

std::string junit_xml(std::span<const Verdict> verdicts) {
    std::size_t tests = 0;
    std::size_t failures = 0;
    std::size_t errors = 0;
    double wall_s = 0;
    for (const Verdict& verdict : verdicts) {
        tests += verdict.findings.size() + (verdict.trouble.empty() ? 0 : 1);
        failures += verdict.findings.size() - verdict.count(Finding::Result::passed);
        errors += verdict.trouble.empty() ? 0 : 1;
        wall_s += verdict.wall_s;
    }
    std::string xml = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                  "<testsuites name=\"kpmsim\" tests=\"{}\" failures=\"{}\" "
                                  "errors=\"{}\" time=\"{:.3f}\">\n",
                                  tests, failures, errors, wall_s);
    for (const Verdict& verdict : verdicts)
        append_suite(xml, verdict);
    return xml + "</testsuites>\n";
}

} // namespace kpmsim
