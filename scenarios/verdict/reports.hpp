#pragma once

#include "scenarios/verdict/verdict.hpp"

#include <span>
#include <string>

namespace kpmsim {

// What is written about verdicts; each hangs on nothing but them.

/// JUnit XML: a suite for each scenario, a case for each expectation; the seed in the properties and, for
/// those who drop these, in each message. The common subset of tests/scenarios/junit.xsd.
std::string junit_xml(std::span<const Verdict> verdicts);

/// {"passed", "failed", "scenarios": [{"name", "outcome", "seed", …, "expectations": [{…}]}]}
std::string verdicts_json(std::span<const Verdict> verdicts);

/// One scenario for people: a line, and what failed below it.
std::string console_text(const Verdict& verdict, bool every_expectation);
/// How it all went.
std::string console_sum(std::span<const Verdict> verdicts, double wall_s);

/// "1 d 02:03:04.5"
std::string clock_text(SimDuration length);

} // namespace kpmsim
