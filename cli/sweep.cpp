#include "verification/sweep.hpp"

#include "cli/terminal/progress.hpp"
#include "cli/terminal/report.hpp"
#include "cli/terminal/table.hpp"
#include "cli/verify.hpp"
#include "files/json_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

namespace kpmsim {

namespace {

void print_table(const std::vector<SweepPoint>& points) {
    TextTable table{{{"x", true},
                     {"quantity"},
                     {"mode"},
                     {"error", true},
                     {"standard", true},
                     {"ours", true},
                     {"unit"},
                     {"pass"}}};
    for (const SweepPoint& p : points)
        table.row({fmt::format("{:.5g}", p.x), p.row.quantity, std::string{name_of(p.row.mode)},
                   two_digits(p.row.worst),
                   p.row.standard_limit ? two_digits(*p.row.standard_limit) : "-",
                   two_digits(p.row.our_limit), p.row.unit, p.row.pass ? "yes" : "NO"});
    fmt::print("{}", table.text());
}

nlohmann::ordered_json as_json(const Sweep& sweep, const std::vector<SweepPoint>& points) {
    nlohmann::ordered_json json{{"sweep", sweep.name},
                                {"title", sweep.title},
                                {"x_unit", sweep.unit},
                                {"points", nlohmann::ordered_json::array()}};
    for (const SweepPoint& p : points) {
        nlohmann::ordered_json standard; // null where no standard has a limit
        if (p.row.standard_limit)
            standard = *p.row.standard_limit;
        json["points"].push_back({{"x", p.x},
                                  {"quantity", p.row.quantity},
                                  {"mode", name_of(p.row.mode)},
                                  {"error", p.row.worst},
                                  {"unit", p.row.unit},
                                  {"standard_limit", standard},
                                  {"our_limit", p.row.our_limit},
                                  {"pass", p.row.pass}});
    }
    return json;
}

} // namespace

Exit verify_sweep(const VerifyOptions& options) {
    const Sweep* sweep = find_sweep(options.sweep);
    if (sweep == nullptr) {
        std::vector<std::string_view> known;
        for (const Sweep& s : sweeps())
            known.push_back(s.name);
        wrong_flag("--sweep", "there is no sweep \"" + options.sweep + "\"",
                   fmt::format("known: {}", fmt::join(known, ", ")));
    }
    const int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    Progress bar;
    const std::vector<SweepPoint> points = run_sweep(*sweep, threads, std::ref(bar));
    const auto failed = std::count_if(points.begin(), points.end(),
                                      [](const SweepPoint& p) { return !p.row.pass; });
    if (options.json) {
        fmt::print("{}\n", json_text(as_json(*sweep, points), 1));
    } else {
        print_table(points);
        fmt::print("{} of {} within their limits\n", static_cast<long>(points.size()) - failed,
                   points.size());
    }
    return failed == 0 ? Exit::ok : Exit::failed;
}

} // namespace kpmsim
