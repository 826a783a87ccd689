#include "files/json_text.hpp"
#include "scenarios/verdict/reports.hpp"

#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kpmsim {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Finding& finding, CivilTime start) {
    return {{"id", finding.id.empty() ? Json(nullptr) : Json(finding.id)},
            {"title", finding.title},
            {"kind", finding.kind},
            {"place", to_text(finding.place)},
            {"result", name_of(finding.result)},
            {"at_s", seconds(finding.at.time_since_epoch())},
            {"time", iso_text(civil_time(start, finding.at))},
            {"seen", finding.seen},
            {"value", std::isfinite(finding.value) ? Json(finding.value) : Json(nullptr)},
            {"expected", finding.expected},
            {"text", finding.text}};
}

Json json_of(const Verdict& verdict) {
    Json findings = Json::array();
    for (const Finding& finding : verdict.findings)
        findings.push_back(json_of(finding, verdict.start));
    return {{"name", verdict.name},
            {"title", verdict.title},
            {"file", verdict.file},
            {"tags", verdict.tags},
            {"outcome", name_of(verdict.outcome())},
            {"seed", verdict.seed},
            {"fidelity", verdict.fidelity},
            {"start", iso_text(verdict.start)},
            {"simulated_s", seconds(verdict.simulated)},
            {"wall_s", verdict.wall_s},
            {"evidence", fmt::format("{:016x}", verdict.digest)},
            {"trouble", verdict.trouble.empty() ? Json(nullptr) : Json(verdict.trouble)},
            {"remarks", verdict.remarks},
            {"again", command_again(verdict)},
            {"expectations", std::move(findings)}};
}

} // namespace

std::string verdicts_json(std::span<const Verdict> verdicts) {
    std::size_t passed = 0;
    Json all = Json::array();
    for (const Verdict& verdict : verdicts) {
        passed += verdict.outcome() == Verdict::Outcome::passed ? 1 : 0;
        all.push_back(json_of(verdict));
    }
    return json_text(Json{{"passed", passed},
                          {"failed", verdicts.size() - passed},
                          {"scenarios", std::move(all)}}) +
           '\n';
}

} // namespace kpmsim
