#include "scenarios/verdict/html_report.hpp"

#include "scenarios/verdict/reports.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace kpmsim {
namespace {

constexpr const char* style = R"(<style>
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--soft:#667;--line:#d8dce2;--a:#b4552d;--b:#3a7a3a;
--c:#2f62b5;--p:#7a3f9d;--mark:#e8c35a;--bad:#c62828;--good:#2e7d32;--card:#f6f7f9}
@media(prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#e5e8ec;--soft:#99a3b0;--line:#343a43;--a:#e08a5f;
--b:#7cc47c;--c:#7fa8ee;--p:#c48fe6;--mark:#8a742c;--bad:#ff7b72;--good:#6fd08c;--card:#1c2026}}
body{background:var(--bg);color:var(--fg);font:16px/1.45 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:.2rem 0;display:inline}
details{background:var(--card);border:1px solid var(--line);border-radius:8px;margin:.8rem 0;padding:.6rem .8rem}
summary{cursor:pointer}.soft{color:var(--soft);font-size:.9rem}
.passed{color:var(--good)}.failed{color:var(--bad)}
ul{padding-left:1.1rem}li{margin:.3rem 0;overflow-wrap:anywhere}
code{background:var(--bg);border:1px solid var(--line);border-radius:4px;padding:.1rem .3rem;overflow-wrap:anywhere}
svg{width:100%;height:auto;display:block;margin:.6rem 0}
figure{margin:1rem 0 0}figcaption{font-size:.9rem;overflow-wrap:anywhere}figcaption span,.key b{white-space:nowrap}
.k0{color:var(--a)}.k1{color:var(--b)}.k2{color:var(--c)}.k3{color:var(--p)}
nav ul{columns:18rem;padding-left:1rem;font-size:.9rem}nav li{margin:.1rem 0}
svg .a{font:11px system-ui,sans-serif;fill:var(--soft)}
svg .g{stroke:var(--line);stroke-width:1}svg .l{fill:none;stroke-width:1.6;stroke-linejoin:round}
svg .d{stroke-dasharray:5 4}svg .c0{stroke:var(--a)}svg .c1{stroke:var(--b)}svg .c2{stroke:var(--c)}
svg .c3{stroke:var(--p)}svg .n0,svg .b0{fill:var(--a)}svg .n1,svg .b1{fill:var(--b)}svg .n2,svg .b2{fill:var(--c)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem}
th,td{text-align:left;padding:.15rem .8rem .15rem 0;border-bottom:1px solid var(--line)}
svg .n3{fill:var(--p)}svg .m{fill:var(--mark);opacity:.45}svg .f{fill:var(--bad)}
@media(max-width:600px){svg .a{font-size:20px}svg .l{stroke-width:2.4}body{padding:.5rem}}
</style>)";

/// A page with more scenarios has a list of them.
constexpr std::size_t most_without_contents = 4;

std::vector<double> wide(const std::vector<float>& values) {
    return {values.begin(), values.end()};
}

bool has_any(const std::vector<float>& values) {
    return std::any_of(
        values.begin(), values.end(),
        [](float value) { return std::isfinite(value) && value != 0.0F; });
}

/// The names behind the plots' numbers and letters.
std::string key_of(const std::vector<PlotMark>& marks) {
    if (marks.empty())
        return {};
    std::string html = "<p class=\"soft\">In the plots:</p>\n<ul class=\"soft key\">\n";
    for (const PlotMark& mark : marks) {
        const std::string when = mark.to > mark.from
                                     ? fmt::format("{:g} s to {:g} s", mark.from, mark.to)
                                     : fmt::format("{:g} s", mark.from);
        html += fmt::format("<li><b>{}</b> {}{}: {}</li>\n", html_text(mark.label),
                            mark.failure ? "<span class=\"failed\">failed</span> " : "", when,
                            html_text(mark.name));
    }
    return html + "</ul>\n";
}

/// What was done, by number, and what failed, by letter.
std::vector<PlotMark> all_marks(const ReportedScenario& scenario) {
    std::vector<PlotMark> marks = scenario.marks;
    for (std::size_t n = 0; n < marks.size(); ++n)
        marks[n].label = fmt::to_string(n + 1);
    char letter = 'A';
    for (const Finding& finding : scenario.verdict.findings)
        if (finding.result == Finding::Result::failed) {
            const double at = seconds(finding.at.time_since_epoch());
            marks.push_back({at, at, finding.id.empty() ? finding.title : finding.id,
                             std::string{letter}, true});
            letter = letter == 'Z' ? 'Z' : static_cast<char>(letter + 1);
        }
    return marks;
}

std::string plots_of(const ReportedScenario& scenario) {
    const std::vector<PlotMark> marks = all_marks(scenario);
    std::string html;
    if (!scenario.series.circuits.empty())
        html += key_of(marks);
    constexpr std::array phases{"a", "b", "c"};
    for (const CircuitSeries& circuit : scenario.series.circuits) {
        const auto three = [&](const char* what, const char* unit,
                               const std::array<std::vector<float>, 3>& of) {
            Plot plot{circuit.name + ": " + what, unit, "s", scenario.series.at_s, {}, marks};
            for (std::size_t phase = 0; phase < 3; ++phase)
                if (has_any(of[phase]))
                    plot.lines.push_back(
                        {phases[phase], wide(of[phase]), static_cast<int>(phase), false});
            if (!plot.lines.empty())
                html += line_svg(plot);
        };
        three("U", "V", circuit.u_v);
        three("I", "A", circuit.i_a);
        html += line_svg(
            {circuit.name + ": P",
             "W",
             "s",
             scenario.series.at_s,
             {{"read", wide(circuit.p_w), 3, false}, {"true", wide(circuit.true_p_w), 0, true}},
             marks});
    }
    return html;
}

std::string waves_html(const Moment& moment, const MomentWaves& waves, const char* quantity,
                       const char* unit) {
    const std::size_t samples = waves.rows[0].size();
    const auto title = [&](const char* what) {
        return fmt::format("{}: {} of {}", moment.place, what, quantity);
    };
    Plot wave{title("waveform"), unit, "s", {}, {}, {}};
    for (std::size_t n = 0; n < samples; ++n)
        wave.x.push_back(moment.begin_s +
                         moment.length_s * static_cast<double>(n) / static_cast<double>(samples));
    constexpr std::array phases{"a", "b", "c"};
    for (std::size_t phase = 0; phase < 3; ++phase)
        wave.lines.push_back({phases[phase], waves.rows[phase], static_cast<int>(phase), false});
    const double at_s = std::min(moment.at_s, wave.x.back());
    wave.marks.push_back({at_s, at_s, "the failure", "failed here", true});
    return line_svg(wave) + phasor_svg(title("phasors"), unit, waves.phasor) +
           bar_svg(title("harmonics"), unit, waves.harmonic);
}

std::string moment_html(const Moment& moment) {
    std::string html =
        "<h3>Around the first failure</h3>\n" + waves_html(moment, moment.u, "U", "V");
    if (moment.i)
        html += waves_html(moment, *moment.i, "I", "A");
    return html;
}

/// What failed comes first.
std::string list_of(const Verdict& verdict) {
    std::vector<const Finding*> all;
    for (const Finding& finding : verdict.findings)
        all.push_back(&finding);
    std::stable_partition(all.begin(), all.end(), [](const Finding* one) {
        return one->result != Finding::Result::passed;
    });
    std::string html = "<ul>\n";
    for (const Finding* finding : all)
        html += fmt::format("<li><span class=\"{}\">{}</span> {}{} <span class=\"soft\">{}</span>"
                            "</li>\n",
                            finding->result == Finding::Result::passed ? "passed" : "failed",
                            name_of(finding->result),
                            finding->id.empty() || finding->id == finding->title
                                ? std::string{}
                                : "<b>" + html_text(finding->id) + "</b> ",
                            html_text(finding->text), html_text(to_text(finding->place)));
    return html + "</ul>\n";
}

/// What a line carries, in a table for each client, and what could be less.
std::string polls_html(const std::vector<PollSeen>& polls) {
    std::string html;
    for (const PollSeen& poll : polls) {
        html += fmt::format(
            "<h3>What {} asks{}</h3>\n<div class=\"wide\"><table><tr><th>meter<th>read"
            "<th>times<th>every<th>line time</tr>\n",
            html_text(poll.client), poll.line.empty() ? "" : " over " + html_text(poll.line));
        for (const PolledRead& read : poll.reads)
            html += fmt::format(
                "<tr><td>{}<td>{:02} {:04X}H {}<td>{}<td>{}<td>{}</tr>\n",
                html_text(read.meter) +
                    (read.circuit > 0 ? fmt::format(" circuit {}", read.circuit + 1) : ""),
                read.function, read.address, read.count, read.times,
                read.every_s > 0 ? fmt::format("{:.3g} s", read.every_s) : "once",
                read.line_s > 0 ? fmt::format("{:.1f} ms", 1e3 * read.line_s) : "–");
        html += "</table></div>\n";
        if (poll.line_s > 0 && poll.every_s > 0)
            html += fmt::format(
                "<p>All of it once takes {:.3f} s of the line, and it comes every {:.3g} s: "
                "{:.1f} % of it{}.</p>\n",
                poll.line_s, poll.every_s, 100 * poll.line_s / poll.every_s,
                poll.line_s > poll.every_s ? ", <span class=\"failed\">which cannot be</span>"
                                           : "");
        if (!poll.could_be_one.empty()) {
            html += "<p>Reads that could be one:</p><ul>\n";
            for (const std::string& one : poll.could_be_one)
                html += "<li>" + html_text(one) + "</li>\n";
            html += "</ul>\n";
        }
    }
    return html;
}

std::string section_of(const ReportedScenario& scenario) {
    const Verdict& v = scenario.verdict;
    const bool good = v.outcome() == Verdict::Outcome::passed;
    std::string html = fmt::format(
        "<details id=\"{}\"{}><summary><h2><span class=\"{}\">{}</span> {}</h2> <span "
        "class=\"soft\">{}"
        "{} simulated in {:.2f} s, seed {}, {} fidelity</span></summary>\n",
        html_text(v.name), good ? "" : " open", good ? "passed" : "failed", name_of(v.outcome()),
        html_text(v.name), html_text(v.title),
        (v.title.empty() ? "" : "; ") + clock_text(v.simulated), v.wall_s, v.seed, v.fidelity);
    if (!v.trouble.empty())
        html += fmt::format("<p class=\"failed\">{}</p>\n", html_text(v.trouble));
    html += list_of(v);
    html +=
        fmt::format("<p class=\"soft\">again: <code>{}</code></p>\n", html_text(command_again(v)));
    if (!scenario.bundle.empty())
        html +=
            fmt::format("<p class=\"soft\">everything of this failure: <a href=\"{0}\">{0}</a>, "
                        "<code>kpmsim replay {0}</code></p>\n",
                        html_text(scenario.bundle));
    if (scenario.moment)
        html += moment_html(*scenario.moment);
    return html + plots_of(scenario) + polls_html(scenario.polls) + "</details>\n";
}

} // namespace

std::vector<PlotMark> marks_of(const Conductor& run) {
    std::vector<PlotMark> marks;
    for (const ToldAction& told : run.actions().all()) {
        const double from = seconds(told.from.time_since_epoch());
        const double to =
            told.until && *told.until > told.from ? seconds(told.until->time_since_epoch()) : from;
        marks.push_back({from, to, told.kind + " " + told.written, "", false});
    }
    return marks;
}

std::string html_report(std::span<const ReportedScenario> scenarios) {
    std::vector<Verdict> verdicts;
    double wall_s = 0;
    for (const ReportedScenario& scenario : scenarios) {
        verdicts.push_back(scenario.verdict);
        wall_s += scenario.verdict.wall_s;
    }
    std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                       "<title>kpmsim: verdict</title>\n";
    html += style;
    html += fmt::format(
        "\n</head>\n<body>\n<h1>{}</h1>\n",
        html_text(
            console_sum(verdicts, wall_s).substr(0, console_sum(verdicts, wall_s).size() - 1)));
    std::vector<const ReportedScenario*> all;
    for (const ReportedScenario& scenario : scenarios)
        all.push_back(&scenario);
    std::stable_partition(all.begin(), all.end(), [](const ReportedScenario* one) {
        return one->verdict.outcome() != Verdict::Outcome::passed;
    });
    if (all.size() > most_without_contents) {
        html += "<nav><ul>\n";
        for (const ReportedScenario* one : all)
            html += fmt::format(
                "<li><a href=\"#{0}\">{0}</a> <span class=\"{1}\">{2}</span></li>\n",
                html_text(one->verdict.name),
                one->verdict.outcome() == Verdict::Outcome::passed ? "passed" : "failed",
                name_of(one->verdict.outcome()));
        html += "</ul></nav>\n";
    }
    for (const ReportedScenario* one : all)
        html += section_of(*one);
    return html + "</body>\n</html>\n";
}

} // namespace kpmsim
