#pragma once

#include "scenarios/verdict/moment.hpp"
#include "scenarios/verdict/poll_watch.hpp"
#include "scenarios/verdict/series.hpp"
#include "scenarios/verdict/svg_plot.hpp"
#include "scenarios/verdict/verdict.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

/// What a page shows of one scenario.
struct ReportedScenario {
    Verdict verdict;
    Series series;
    std::vector<PlotMark> marks;  ///< its actions
    std::optional<Moment> moment; ///< around its first failure
    std::vector<PollSeen> polls;  ///< what its Modbus clients asked
    std::string exec;             ///< the command that ran beside it; empty = none
    std::string bundle;           ///< path of the failure bundle, from the page; empty = none
};

/// When the actions of a run began and ended.
std::vector<PlotMark> marks_of(const Conductor& run);

/// One page that needs nothing else: readable on a phone, on a bright screen and a dark one.
std::string html_report(std::span<const ReportedScenario> scenarios);

} // namespace kpmsim
