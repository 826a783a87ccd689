#pragma once

#include "farms.hpp"
#include "scenarios/play/conductor.hpp"
#include "scenarios/verdict/verdict.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

/// A small scenario that is run at once.
namespace kpmsim::test {

inline constexpr std::string_view small_scenario = R"(
[supply.main]
[load.shop]
kind = "resistive"
p = "6 kW"
[[meter]]
name = "main"
model = "kpm53"
load = "shop"
ct = "100/5 A"
)";

inline Script script_of(const std::string& more, const std::string& scenario = "for = \"10 s\"") {
    auto plans = parse_scenario("[scenario]\n" + scenario + std::string{small_scenario} + more,
                                "s.toml", types());
    return read_script(std::move(plans.front()));
}

inline Verdict played(const Script& script) {
    Conductor conductor{script, 1};
    conductor.run();
    return verdict_on(conductor, conductor.farm().now(), 0);
}
inline Verdict played(const std::string& more, const std::string& scenario = "for = \"10 s\"") {
    return played(script_of(more, scenario));
}

/// What came of the only expectation.
inline Finding finding_of(const std::string& expectation, const std::string& more = "",
                          const std::string& scenario = "for = \"10 s\"") {
    const Verdict verdict = played(more + "[[expect]]\n" + expectation, scenario);
    REQUIRE(verdict.findings.size() >= 1);
    return verdict.findings.front();
}
inline std::string result_of(const std::string& expectation, const std::string& more = "") {
    const Finding finding = finding_of(expectation, more);
    INFO(finding.text);
    return std::string{name_of(finding.result)};
}

/// All mistakes of a scenario, a line each.
inline std::string mistakes_in(const std::string& more,
                               const std::string& scenario = "for = \"10 s\"") {
    try {
        script_of(more, scenario);
    } catch (const FileError& error) {
        std::string all;
        for (const Mistake& mistake : error.mistakes())
            all += to_text(mistake) + '\n';
        return all;
    }
    return {};
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace kpmsim::test
