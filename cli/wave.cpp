#include "scenarios/wave.hpp"

#include "cli/library.hpp"
#include "cli/report.hpp"
#include "cli/verbs.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>

namespace kpmsim {

namespace {

const MeterPlan& need_meter(const FarmPlan& plan, const std::string& name) {
    const MeterPlan* meter = find_meter(plan, name);
    if (meter == nullptr) {
        std::vector<std::string> known;
        for (const MeterPlan& m : plan.meters) {
            known.push_back(m.instrument.name);
        }
        const std::string near = nearest(name, known);
        wrong_flag("--meter", fmt::format("{} has no meter \"{}\"", plan.file, name),
                   near.empty() ? fmt::format("{} meters are in it, the first is {}", known.size(),
                                              known.empty() ? "none" : known.front())
                                : fmt::format("did you mean {}?", near));
    }
    return *meter;
}

} // namespace

Exit wave(const WaveOptions& options) {
    const TypeLibrary library = load_library(options.models);
    FarmPlan plan = load_farm(options.farm, library);
    if (options.seed) {
        plan.seed = *options.seed;
    }
    const MeterPlan& meter = need_meter(plan, options.meter);
    const SimTime at = options.at ? SimTime{} + parse_duration(*options.at, "--at") : SimTime{};
    if (options.out == "-") {
        write_wave(plan, meter, options.cycles, at, std::cout);
        std::cout.flush();
        return std::cout ? Exit::ok : Exit::failed;
    }
    std::ofstream out{options.out};
    write_wave(plan, meter, options.cycles, at, out);
    out.flush();
    if (!out) {
        out.close();
        std::error_code ignored;
        std::filesystem::remove(options.out, ignored);
        throw std::runtime_error{fmt::format(
            "{} cannot be written; choose a folder that can, with room on its disk", options.out)};
    }
    return Exit::ok;
}

} // namespace kpmsim
