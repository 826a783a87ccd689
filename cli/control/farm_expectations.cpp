#include "cli/control/farm_expectations.hpp"

#include "files/json_node.hpp"
#include "sim/clock.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kpmsim {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Finding& finding, bool decided, CivilTime start) {
    Json json{{"id", finding.id.empty() ? Json(nullptr) : Json(finding.id)},
              {"title", finding.title},
              {"kind", finding.kind},
              {"result", decided ? Json(name_of(finding.result)) : Json("waiting")}};
    if (decided) {
        json["at_s"] = seconds(finding.at.time_since_epoch());
        json["time"] = iso_text(civil_time(start, finding.at));
        json["seen"] = finding.seen;
        json["expected"] = finding.expected;
        json["text"] = finding.text;
    }
    return json;
}

} // namespace

std::string FarmExpectations::scenario() const {
    if (scenario_ == nullptr)
        return "null";
    const ScenarioPlan& plan = scenario_->script().plan;
    return Json{{"name", plan.name},      {"title", plan.title},
                {"file", plan.file},      {"tags", plan.tags},
                {"seed", plan.farm.seed}, {"expectations", scenario_->script().expectations.size()}}
        .dump();
}

std::string FarmExpectations::list() const {
    Json all = Json::array();
    const CivilTime start = farm_.plan().start;
    if (scenario_ != nullptr)
        for (const auto& [finding, decided] : scenario_->findings_so_far())
            all.push_back(json_of(finding, decided, start));
    for (const Judge& judge : judges_)
        all.push_back(json_of(judge.finding(), judge.decided(), start));
    return all.dump();
}

Result<std::string, std::vector<Mistake>> FarmExpectations::expect(std::string_view json) {
    std::vector<Mistake> mistakes;
    const TomlNode written = parse_json(std::string{json}, "body", mistakes);
    std::optional<Expectation> expectation;
    if (mistakes.empty())
        expectation = read_expectation(written, {farm_.plan(), {}, std::nullopt}, mistakes);
    const SimDuration now = farm_.now() - SimTime{};
    if (expectation && mistakes.empty()) {
        Timing& timing = expectation->timing;
        const auto named = [&](const std::string& id) {
            return std::any_of(
                expectations_.begin(), expectations_.end(),
                [&](const Expectation& one) { return one.id == id; });
        };
        const auto of_scenario = [&](const std::string& id) {
            return scenario_ != nullptr &&
                   std::any_of(scenario_->script().expectations.begin(),
                               scenario_->script().expectations.end(),
                               [&](const Expectation& one) { return one.id == id; });
        };
        if (expectation->kind->outside && !looks_outside_)
            note(mistakes, {"body/kind", 0, 0}, "nobody looks outside for a farm that is merely up",
                 "run a scenario beside your tests: kpmsim run FILE --exec CMD");
        if (!timing.after.empty() && !named(timing.after))
            note(mistakes, {"body/after", 0, 0},
                 fmt::format("after names \"{}\", which nothing has as its id", timing.after),
                 "GET /v1/expectations lists those that there are");
        if (!expectation->id.empty() && (named(expectation->id) || of_scenario(expectation->id)))
            note(mistakes, {"body/id", 0, 0},
                 fmt::format("the id \"{}\" is taken", expectation->id), "choose another");
        if (timing.at && timing.after.empty() && *timing.at < now)
            note(mistakes, {"body/at", 0, 0}, "at is over",
                 fmt::format("the farm stands at {:g} s after its start", seconds(now)));
        if (!timing.at && timing.after.empty())
            timing.at = now; // there is no end to wait for
    }
    if (!mistakes.empty() || !expectation)
        return Unexpected{std::move(mistakes)};
    expectations_.push_back(std::move(*expectation));
    judges_.emplace_back(expectations_.back(), farm_.plan());
    look();
    return json_of(judges_.back().finding(), judges_.back().decided(), farm_.plan().start).dump();
}

void FarmExpectations::hear(const Message& message) {
    witness_.hear(message);
    for (Judge& judge : judges_)
        judge.hear(message);
}

void FarmExpectations::look() {
    for (bool more = true; more;) {
        more = false;
        for (Judge& judge : judges_) {
            if (judge.decided())
                continue;
            judge.look(farm_.now(), witness_);
            const Finding& finding = judge.finding();
            if (!judge.decided())
                continue;
            more = true;
            if (!finding.id.empty() && finding.result == Finding::Result::passed)
                witness_.note(finding.id, finding.at);
        }
    }
}

std::vector<Finding> FarmExpectations::finish() {
    std::vector<Finding> findings;
    for (Judge& judge : judges_) {
        judge.finish(farm_.now(), witness_);
        findings.push_back(judge.finding());
    }
    return findings;
}

SimTime FarmExpectations::next_stop() const {
    SimTime stop = SimTime::max();
    for (const Judge& judge : judges_)
        stop = std::min(stop, judge.next());
    return std::max(stop, farm_.now() + SimDuration{1});
}

} // namespace kpmsim
