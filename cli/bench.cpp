#include "cli/bench.hpp"

#include "cli/terminal/progress.hpp"
#include "cli/terminal/table.hpp"
#include "cli/terminal/version.hpp"
#include "files/json_text.hpp"
#include "speed/speed.hpp"

#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <nlohmann/json.hpp>

namespace kpmsim {

namespace {

constexpr int default_runs = 9;
constexpr int quick_runs = 3;

/// Three digits, or whole where there are more before the point: 0.236, 4.70, 4155.
std::string three_digits(double value) {
    return std::abs(value) < 100 ? fmt::format("{:#.3g}", value) : fmt::format("{:.0f}", value);
}

std::string target_text(const SpeedFigure& f) {
    if (!f.target)
        return "";
    return fmt::format("{} {}", f.target->at_least ? ">=" : "<=", three_digits(f.target->value));
}

std::string met_text(const SpeedFigure& f) {
    if (!f.target)
        return "";
    const auto met = f.met();
    return !met ? "-" : *met ? "yes" : "NO";
}

void print_report(const SpeedReport& r) {
    fmt::print("{}, {}, {}\n", version_text(), r.machine.compiler,
               r.machine.optimised ? "optimised" : "NOT OPTIMISED: figures mean little");
    fmt::print("{}, {} core{}, kernel {}, {} runs{}\n\n", r.machine.cpu, r.machine.cores,
               r.machine.cores == 1 ? "" : "s", r.machine.kernel, r.options.runs,
               r.options.quick ? ", quick" : "");
    TextTable table{
        {{"what"}, {"min", true}, {"median", true}, {"max", true}, {"target", true}, {"met"}}};
    for (const SpeedFigure& f : r.figures) {
        const auto cell = [&](double Spread::*part) {
            return f.spread ? three_digits((*f.spread).*part) : std::string{"-"};
        };
        table.row({std::string{f.what}, cell(&Spread::min), cell(&Spread::median),
                   cell(&Spread::max), target_text(f), met_text(f)});
    }
    for (const KernelSpeed& k : r.kernels)
        table.row({fmt::format("one KPM312 with kernel {}, x real time", k.kernel),
                   three_digits(k.x_realtime.min), three_digits(k.x_realtime.median),
                   three_digits(k.x_realtime.max)});
    fmt::print("{}\n", table.text());
    fmt::print("memory of an idle meter in a farm: KPM312 {:.1f} kB, KPM33B {:.1f} kB\n",
               r.kpm312_resident_bytes / 1e3, r.kpm33b_resident_bytes / 1e3);
}

nlohmann::ordered_json as_json(const Spread& s) {
    return {{"min", s.min}, {"median", s.median}, {"max", s.max}};
}

nlohmann::ordered_json as_json(const SpeedReport& r) {
    nlohmann::ordered_json json;
    json["version"] = version_text();
    json["machine"] = {{"cpu", r.machine.cpu},
                       {"cores", r.machine.cores},
                       {"compiler", r.machine.compiler},
                       {"optimised", r.machine.optimised}};
    json["kernel"] = r.machine.kernel;
    json["runs"] = r.options.runs;
    json["quick"] = r.options.quick;
    for (const SpeedFigure& f : r.figures) {
        json[f.key] = nullptr;
        if (f.spread)
            json[f.key] = as_json(*f.spread);
    }
    for (const KernelSpeed& k : r.kernels)
        json["kernel_x_realtime"][k.kernel] = as_json(k.x_realtime);
    json["kpm312_resident_bytes"] = r.kpm312_resident_bytes;
    json["kpm33b_resident_bytes"] = r.kpm33b_resident_bytes;
    for (const SpeedFigure& f : r.figures) {
        if (!f.target)
            continue;
        auto& target = json["targets"][f.key];
        target[f.target->at_least ? "at_least" : "at_most"] = f.target->value;
        target["met"] = nullptr;
        if (const auto met = f.met())
            target["met"] = *met;
    }
    return json;
}

} // namespace

Exit bench(const BenchOptions& options) {
    SpeedOptions speed;
    speed.quick = options.quick;
    speed.runs = options.runs > 0 ? options.runs : options.quick ? quick_runs : default_runs;
    Progress bar;
    const SpeedReport report = measure_speed(speed, std::ref(bar));
    if (options.json)
        fmt::print("{}\n", json_text(as_json(report)));
    else
        print_report(report);
    return Exit::ok;
}

} // namespace kpmsim
