#include "cli/play/run_scenarios.hpp"

#include "cli/play/outside_world.hpp"
#include "cli/play/report_folder.hpp"
#include "cli/play/run_progress.hpp"
#include "cli/play/scenario_companions.hpp"
#include "cli/play/scenario_targets.hpp"
#include "cli/play/served_scenario.hpp"
#include "cli/terminal/library.hpp"
#include "cli/terminal/report.hpp"
#include "files/path.hpp"
#include "files/printable.hpp"
#include "files/text_file.hpp"
#include "scenarios/play/conductor.hpp"
#include "scenarios/verdict/reports.hpp"
#include "servers/net/event_loop.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fmt/format.h>
#include <mutex>
#include <ostream>
#include <thread>
#include <unistd.h>

namespace kpmsim {
namespace {

using Wall = std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause{2};

/// One scenario, or a mutation of it.
struct Job {
    Script script;
    std::optional<MutationPlan> mutation;
};

ScenarioChoices choices_of(const RunScenariosOptions& options) {
    ScenarioChoices choices;
    choices.seed = options.seed;
    for (const std::string& text : options.set) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || equals == 0)
            wrong_flag("--set", fmt::format("\"{}\" sets no parameter", text),
                       "write --set NAME=VALUE");
        choices.set[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return choices;
}

bool is_meant(const ScenarioPlan& plan, const std::vector<std::string>& tags) {
    return tags.empty() ||
           std::any_of(
               tags.begin(), tags.end(),
               [&](const std::string& tag) {
                   return std::find(plan.tags.begin(), plan.tags.end(), tag) != plan.tags.end();
               });
}

/// Every scenario is read before the first one runs; the mistakes of all files are told at once.
std::vector<Job> read_jobs(const RunScenariosOptions& options, const TypeLibrary& types) {
    const ScenarioChoices choices = choices_of(options);
    std::vector<Job> jobs;
    const bool served = !options.exec.empty();
    std::vector<Mistake> mistakes;
    for (const std::string& file : scenario_files(options.targets)) {
        const auto collect = [&](const auto& read) {
            try {
                read();
            } catch (const FileError& error) {
                for (const Mistake& mistake : error.mistakes())
                    if (std::none_of(mistakes.begin(), mistakes.end(), [&](const Mistake& one) {
                            return to_text(one) == to_text(mistake);
                        }))
                        mistakes.push_back(mistake); // cases of a matrix make the same
            }
        };
        std::vector<ScenarioPlan> plans;
        collect([&] { plans = load_scenario(file, types, choices); });
        for (ScenarioPlan& plan : plans) {
            if (!is_meant(plan, options.tags))
                continue;
            collect([&] {
                jobs.push_back({read_script(plan, script_rules(served)), std::nullopt});
                if (served) // … until the command ends
                    jobs.back().script.plan.length.reset();
            });
            if (options.mutations)
                for (const MutationPlan& mutation : plan.mutations)
                    collect([&] {
                        jobs.push_back({read_script(mutated(plan, mutation, types), script_rules()),
                                        mutation});
                    });
        }
    }
    if (!mistakes.empty())
        throw FileError{std::move(mistakes)};
    if (jobs.empty())
        wrong_flag("--tag", "no scenario has any of these tags", "`kpmsim scenarios` lists them");
    return jobs;
}

/// That a report can be written is known before hours of simulated time are gone; its folder is made.
void check_report(const std::string& flag, const std::string& path) {
    if (path.empty())
        return;
    const std::string folder = std::filesystem::path{absolute_path(path)}.parent_path().string();
    std::error_code why;
    std::filesystem::create_directories(folder, why);
    if (why || access(folder.c_str(), W_OK) != 0)
        wrong_flag(flag, fmt::format("{} cannot be written", path),
                   fmt::format("name one in a folder other than {}, which {}", folder,
                               why ? "cannot be made" : "is not yours to write to"));
}

class Run {
public:
    Run(const RunScenariosOptions& options, std::vector<Job> jobs)
        : options_{options}, jobs_{std::move(jobs)}, verdicts_(jobs_.size()),
          reported_(jobs_.size()), ready_(jobs_.size()), progress_{jobs_.size()} {
        if (!options.report.empty())
            report_.emplace(options.report);
    }

    void all() {
        in_parallel(
            jobs_.size(), options_.jobs, [this](std::size_t n) { one(n); },
            [this] { return stop_.load(); });
        verdicts_.resize(shown_);
        reported_.resize(shown_);
        if (!report_)
            return;
        for (std::size_t n = 0; n < shown_; ++n)
            reported_[n].verdict = verdicts_[n];
        report_->write(reported_);
    }
    const std::vector<Verdict>& verdicts() const { return verdicts_; }

private:
    void one(std::size_t n) {
        Verdict verdict = played(jobs_[n], reported_[n]);
        if (jobs_[n].mutation)
            verdict = verdict_on_mutation(*jobs_[n].mutation, verdict);
        const std::lock_guard lock{mutex_};
        if (options_.fail_fast && verdict.outcome() != Verdict::Outcome::passed)
            stop_ = true;
        verdicts_[n] = std::move(verdict);
        ready_[n] = true;
        progress_.done();
        show();
    }

    /// In the order of the command line, whoever is done first.
    void show() {
        for (; shown_ < jobs_.size() && ready_[shown_]; ++shown_)
            if (!options_.json) {
                progress_.wipe();
                fmt::print("{}", console_text(verdicts_[shown_], options_.verbose));
                std::fflush(stdout);
            }
    }

    Verdict played(const Job& job, ReportedScenario& reported) {
        const auto begun = Wall::now();
        Verdict verdict = verdict_of(job.script.plan);
        const std::string again = options_again(job);
        verdict.options = again;
        try {
            Evidence first;
            for (int turn = 0; turn < options_.repeat && verdict.trouble.empty(); ++turn) {
                RunTrace trace;
                Conductor conductor{job.script, 1};
                std::vector<Finding> end;
                const bool traced = report_ && turn == 0;
                if (traced)
                    follow(conductor, trace);
                if (options_.exec.empty())
                    add_clients(conductor, traced ? &trace : nullptr);
                if (options_.exec.empty())
                    wind(conductor, turn == 0 && !job.mutation ? &reported.series : nullptr);
                else
                    end = serve(conductor);
                if (turn == 0) {
                    verdict = verdict_on(conductor, conductor.farm().now(), 0);
                    verdict.options = again;
                    first = conductor.evidence();
                } else if (const auto other = first_difference(first, conductor.evidence());
                           !other.empty()) {
                    verdict.trouble =
                        fmt::format("run {} is not as the first: {}", turn + 1, other);
                }
                verdict.findings.insert(verdict.findings.end(), end.begin(), end.end());
                if (traced)
                    report(job, conductor, trace, verdict, reported);
            }
        } catch (const CannotListen&) {
            throw;
        } catch (const CouldNotStart&) {
            throw;
        } catch (const std::exception& error) {
            verdict.trouble = error.what();
        }
        verdict.wall_s = std::chrono::duration<double>(Wall::now() - begun).count();
        return verdict;
    }

    std::optional<std::chrono::nanoseconds> time_limit() const {
        return options_.time_limit
                   ? std::optional{parse_duration(*options_.time_limit, "--time-limit")}
                   : std::nullopt;
    }

    /// What of the command line bears on what is played, but for the seed and what a case's name says.
    std::string options_again(const Job& job) const {
        std::string again;
        for (const std::string& set : options_.set)
            if (job.script.plan.name.find(set) == std::string::npos)
                again += fmt::format(" --set '{}'", set);
        if (!options_.models.empty())
            again += fmt::format(" --models '{}'", options_.models);
        if (job.mutation)
            again += " --mutations";
        if (!options_.exec.empty())
            again += fmt::format(" --exec '{}'", options_.exec);
        if (options_.clock)
            again += fmt::format(" --clock {}", *options_.clock);
        if (options_.time_limit)
            again += fmt::format(" --time-limit {}", *options_.time_limit);
        return again;
    }

    /// What came of the command that ran beside the farm, and of what was expected by the API.
    std::vector<Finding> serve(Conductor& conductor) {
        ServedEnd end = serve_scenario(conductor, {options_.exec, options_.clock, time_limit()});
        constexpr int not_found = 127;
        if (end.code == not_found)
            throw CouldNotStart{fmt::format("the command \"{}\" was not found (exit code {})",
                                            options_.exec, not_found)};
        Finding finding;
        finding.id = "exec";
        finding.title = options_.exec;
        finding.kind = "exec";
        finding.place = {"--exec", 0, 0};
        finding.at = conductor.farm().now();
        finding.expected = "exit code 0";
        finding.seen = end.code ? fmt::format("exit code {}", *end.code) : end.trouble;
        finding.result = end.code == 0 ? Finding::Result::passed : Finding::Result::failed;
        finding.text =
            fmt::format("{}: {}; expected {}", finding.title, finding.seen, finding.expected);
        end.posted.push_back(std::move(finding));
        return std::move(end.posted);
    }

    void wind(Conductor& conductor, Series* series) {
        const OutsideWorld outside{[] { std::this_thread::sleep_for(pause); }};
        conductor.witness().outside(
            [&](const Expectation& expectation) { return outside.ask(expectation); });
        const SimDuration end = conductor.end() - SimTime{};
        const bool plotted = report_ && series != nullptr;
        const SimDuration step = plotted             ? plot_step(end)
                                 : progress_.shown() ? end / 50 + SimDuration{1}
                                                     : end;
        while (!conductor.over()) {
            if (plotted)
                series->take(conductor);
            progress_.at(conductor.script().plan.name, conductor.farm().now() - SimTime{}, end);
            conductor.run_to(conductor.farm().now() + step);
        }
        if (plotted)
            series->take(conductor);
    }

    /// Whole windows, and no more points than a plot shows.
    static SimDuration plot_step(SimDuration end) {
        constexpr SimDuration window = std::chrono::milliseconds{200};
        constexpr int points = 600;
        return window * (end / points / window + 1);
    }

    static std::vector<Finding>::const_iterator first_failed(const std::vector<Finding>& all) {
        return std::min_element(
            all.begin(), all.end(),
            [](const Finding& a, const Finding& b) {
                const auto rank = [](const Finding& one) {
                    return std::pair{one.result != Finding::Result::failed, one.at};
                };
                return rank(a) < rank(b);
            });
    }

    void report(const Job& job, const Conductor& conductor, const RunTrace& trace,
                const Verdict& verdict, ReportedScenario& reported) {
        reported.verdict = verdict;
        reported.marks = marks_of(conductor);
        reported.polls = polls_of(trace, job.script.plan.farm);
        reported.exec = options_.exec;
        const auto failed = first_failed(verdict.findings);
        if (verdict.outcome() == Verdict::Outcome::passed || job.mutation)
            return;
        if (failed != verdict.findings.end() && failed->result == Finding::Result::failed &&
            options_.exec.empty() && !job.script.plan.farm.supplies.front().recording) {
            // A finding stands where its expectation does.
            const auto n = static_cast<std::size_t>(failed - verdict.findings.begin());
            reported.moment =
                moment_of(job.script, place_of(job.script.expectations[n], job.script.plan.farm),
                          failed->at, [](Conductor& again) { add_clients(again); });
        }
        const std::lock_guard lock{mutex_};
        reported.bundle = report_->bundle(job.script, reported, conductor.evidence(), trace);
    }

    const RunScenariosOptions& options_;
    std::vector<Job> jobs_;
    std::vector<Verdict> verdicts_;
    std::vector<ReportedScenario> reported_;
    std::optional<ReportFolder> report_;
    std::vector<bool> ready_;
    std::size_t shown_{0};
    RunProgress progress_;
    std::atomic<bool> stop_{false};
    std::mutex mutex_;
};

void write_report(const std::string& flag, const std::string& path, const std::string& text) {
    if (!write_text(path, [&](std::ostream& out) { out << text; }))
        wrong_flag(flag, fmt::format("{} cannot be written", path),
                   "name a file in a folder that is there and has room");
}

Exit exit_of(const std::vector<Verdict>& verdicts) {
    using Outcome = Verdict::Outcome;
    const auto any = [&](Outcome outcome) {
        return std::any_of(verdicts.begin(), verdicts.end(),
                           [&](const Verdict& v) { return v.outcome() == outcome; });
    };
    if (any(Outcome::failed))
        return Exit::failed;
    return any(Outcome::nothing_ran) ? Exit::nothing_ran : Exit::ok;
}

} // namespace

Exit run_scenarios(const RunScenariosOptions& options) {
    const auto begun = Wall::now();
    check_report("--junit", options.junit);
    if (!options.exec.empty() && (options.jobs > 1 || options.repeat > 1 || options.mutations))
        wrong_flag("--exec", "a command runs beside one farm at a time, and its timing is its own",
                   "leave --jobs, --repeat and --mutations out");
    if (options.clock && !read_pace(*options.clock))
        wrong_flag("--clock", fmt::format("\"{}\" is no clock", *options.clock),
                   std::string{pace_cure});
    if (options.time_limit)
        parse_duration(*options.time_limit, "--time-limit");
    const TypeLibrary types = load_library(options.models);
    Run run{options, read_jobs(options, types)};
    run.all();
    if (options.json)
        fmt::print("{}", verdicts_json(run.verdicts()));
    else
        fmt::print("{}", console_sum(run.verdicts(),
                                     std::chrono::duration<double>(Wall::now() - begun).count()));
    if (!options.junit.empty())
        write_report("--junit", options.junit, junit_xml(run.verdicts()));
    return exit_of(run.verdicts());
}

Exit replay(const std::string& bundle, const std::string& models) {
    const TypeLibrary types = load_library(models);
    Bundled bundled = read_bundle(bundle, types);
    const auto begun = Wall::now();
    if (!bundled.exec.empty() && !bundled.plan.length)
        bundled.plan.length = bundled.simulated;
    const Script script = read_script(std::move(bundled.plan), script_rules(!bundled.exec.empty()));
    Conductor conductor{script, 1};
    add_clients(conductor);
    const OutsideWorld outside_world{[] { std::this_thread::sleep_for(pause); }};
    conductor.witness().outside(
        [&](const Expectation& expectation) { return outside_world.ask(expectation); });
    if (!bundled.exec.empty())
        fmt::print("it ran beside `{}`; here it runs without\n", printable(bundled.exec));
    conductor.run();
    const Verdict verdict = verdict_on(conductor, conductor.farm().now(),
                                       std::chrono::duration<double>(Wall::now() - begun).count());
    fmt::print("{}", console_text(verdict, true));
    const bool same = fmt::format("{:016x}", verdict.digest) == bundled.digest;
    const bool outside = std::any_of(script.expectations.begin(), script.expectations.end(),
                                     [](const Expectation& one) { return one.kind->outside; });
    fmt::print("{}\n",
               same ? "the same as it was, to the bit"
               : bundled.exec.empty() && !outside
                   ? "not as it was: another version of kpmsim, another processor's arithmetic, or "
                     "a file that it needs has changed"
                   : "not as it was: it was looked at what stands outside, or a command ran beside "
                     "the farm, and a bundle cannot bring these back");
    return same ? Exit::ok : Exit::failed;
}

} // namespace kpmsim
