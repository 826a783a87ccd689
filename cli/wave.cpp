#include "scenarios/measure/wave.hpp"

#include "cli/terminal/library.hpp"
#include "cli/terminal/report.hpp"
#include "cli/terminal/standard_streams.hpp"
#include "cli/verbs.hpp"
#include "files/text_file.hpp"
#include "recordings/comtrade.hpp"
#include "recordings/wav.hpp"

#include <cmath>
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
        for (const MeterPlan& m : plan.meters)
            known.push_back(m.spec.name);
        const std::string near = nearest(name, known);
        wrong_flag("--meter", fmt::format("{} has no meter \"{}\"", plan.file, name),
                   near.empty() ? fmt::format("{} meters are in it, the first is {}", known.size(),
                                              known.empty() ? "none" : known.front())
                                : fmt::format("did you mean {}?", near));
    }
    return *meter;
}

/// The format that was asked for, or else the one that the file's name ends in; the two must fit.
std::string format_of(const WaveOptions& options) {
    std::string suffix = std::filesystem::path{options.out}.extension().string();
    for (char& c : suffix)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    const bool comtrade = suffix == ".cfg" || suffix == ".cff";
    std::string format = options.format;
    if (format.empty())
        format = comtrade ? "comtrade" : suffix == ".wav" ? "wav" : "csv";
    if (format == "comtrade" && !comtrade) {
        wrong_flag("--out", fmt::format("\"{}\" names no COMTRADE file", options.out),
                   "write NAME.cfg (a NAME.dat comes beside it) or NAME.cff");
    }
    if (format == "wav" && options.out == "-")
        wrong_flag("--out", "a WAV does not go to stdout", "name a file: --out wave.wav");
    return format;
}

Exit write_csv(const FarmPlan& plan, const MeterPlan& meter, int cycles, SimTime at,
               const std::string& path) {
    if (path == "-") {
        write_wave(plan, meter, cycles, at, std::cout);
        std::cout.flush();
        return std::cout ? Exit::ok : Exit::failed;
    }
    if (!write_text(path, [&](std::ostream& out) { write_wave(plan, meter, cycles, at, out); })) {
        throw std::runtime_error{fmt::format(
            "{} cannot be written; choose a folder that can, with room on its disk", path)};
    }
    return Exit::ok;
}

} // namespace

Exit wave(const WaveOptions& options) {
    const TypeLibrary library = load_library(options.models);
    FarmPlan plan = load_farm(options.farm, library);
    if (options.seed)
        plan.seed = *options.seed;
    check_start(plan);
    const MeterPlan& meter = need_meter(plan, options.meter);
    const std::string format = format_of(options);
    const SimTime at = options.at ? SimTime{} + parse_duration(*options.at, "--at",
                                                               plan.supplies.front().spec.f_hz)
                                  : SimTime{};
    if (format == "csv")
        return write_csv(plan, meter, options.cycles, at, options.out);
    std::vector<Mistake> mistakes;
    if (format == "wav") {
        Recording recording = wave_recording(plan, meter, options.cycles, at, WaveData::samples);
        const double hz = round_rate(recording);
        const double rounded = recording.rates.front().hz;
        if (write_wav(recording, options.out, WavType::float32, mistakes) &&
            std::abs(hz - rounded) > 1e-6) {
            say(fmt::format(
                "{}: the rate is {:.6f} Hz, the header of a WAV says {:.0f}: its times are "
                "{:.1f} ppm off\n",
                options.out, hz, rounded, (hz / rounded - 1.0) * 1e6));
        }
    } else {
        write_comtrade(wave_recording(plan, meter, options.cycles, at, WaveData::codes),
                       options.out, ComtradeFormat{2013, ComtradeType::binary32}, mistakes);
    }
    if (!mistakes.empty()) // the farm was right: a result that cannot be written, as with a CSV
        throw std::runtime_error{to_text(mistakes.front())};
    return Exit::ok;
}

} // namespace kpmsim
