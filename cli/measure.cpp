#include "scenarios/measure/measure.hpp"

#include "cli/terminal/library.hpp"
#include "cli/terminal/report.hpp"
#include "cli/terminal/standard_streams.hpp"
#include "cli/verbs.hpp"
#include "files/counted.hpp"
#include "files/json_text.hpp"
#include "files/text_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

namespace kpmsim {

namespace {

/// "10000/100" or "80".
std::optional<double> read_ratio(const std::string& text, const std::string& flag,
                                 const std::string& example) {
    if (text.empty())
        return std::nullopt;
    double part[2] = {0, 1};
    const char* at = text.data();
    const char* const last = text.data() + text.size();
    for (double& number : part) {
        const auto [end, error] = std::from_chars(at, last, number);
        const bool more = &number == part && end != last && *end == '/';
        if (error != std::errc{} || !(number > 0.0) || !std::isfinite(number) ||
            (!more && end != last))
            wrong_flag(flag, fmt::format("\"{}\" is no ratio", text), "write " + example);
        if (!more)
            break;
        at = end + 1;
    }
    return part[0] / part[1];
}

/// ua=NAME,ub="NAME, WITH COMMA",uc=NAME\, WITH COMMA
std::vector<std::string> channel_pairs(const std::vector<std::string>& lists) {
    std::vector<std::string> pairs;
    for (const std::string& list : lists) {
        std::string pair;
        bool quoted = false;
        for (std::size_t n = 0; n < list.size(); ++n) {
            const bool escaped = list[n] == '\\' && n + 1 < list.size() &&
                                 (list[n + 1] == ',' || list[n + 1] == '"');
            if (escaped)
                pair += list[++n];
            else if (list[n] == '"' && (quoted || pair.ends_with('=')))
                quoted = !quoted;
            else if (list[n] == ',' && !quoted)
                pairs.push_back(std::exchange(pair, ""));
            else
                pair += list[n];
        }
        if (quoted)
            wrong_flag("--channels", fmt::format("\"{}\" has a quote without its other one", list),
                       "write --channels 'ua=\"NAME, WITH COMMA\"', or \\\" for a quote itself");
        pairs.push_back(pair);
    }
    return pairs;
}

MeasureSpec spec_of(const MeasureOptions& options, const MeterType& type) {
    MeasureSpec spec;
    spec.type = &type;
    spec.rating = options.rating;
    spec.wiring = options.wiring;
    spec.pt = read_ratio(options.pt, "--pt", "--pt 10000/100");
    spec.ct = read_ratio(options.ct, "--ct", "--ct 400/5");
    spec.primary = options.primary;
    spec.u_full_scale_v = options.full_scale_u;
    spec.i_full_scale_a = options.full_scale_i;
    spec.highest_order = options.orders;
    for (const std::string& pair : channel_pairs(options.channels)) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos) {
            wrong_flag("--channels", fmt::format("\"{}\" names no channel", pair),
                       "write --channels ua=VA,ub=VB,…");
        }
        const std::string terminal = pair.substr(0, equals);
        if (!spec.channels.emplace(terminal, pair.substr(equals + 1)).second)
            wrong_flag("--channels", fmt::format("{} is given twice", terminal), "keep one");
    }
    return spec;
}

void write_json(const Measurement& m, const MeterType& type, std::ostream& out) {
    const std::vector<Quantity> quantities = measured_quantities(type, m.highest_order);
    nlohmann::ordered_json json;
    json["recording"] = m.file;
    json["start"] = nullptr;
    if (m.start)
        json["start"] = iso_text(*m.start);
    json["duration_s"] = m.duration_s;
    json["rate_hz"] = m.rate_hz;
    json["rest_s"] = m.rest_s;
    json["model"] = type.name;
    json["wiring"] = m.wiring;
    json["pt"] = m.pt;
    json["ct"] = m.ct;
    for (const MeasuredChannel& c : m.channels) {
        auto& channel = json["channels"].emplace_back();
        channel["terminal"] = c.terminal;
        channel["from"] = nullptr;
        if (!c.from.empty())
            channel["from"] = c.from;
        channel["recorder_clipped"] = c.recorder_clipped;
    }
    for (const Quantity q : quantities)
        json["units"][info(q).name] = info(q).unit;
    json["clipped"] = m.clipped();
    json["clipped_terminals"] = nlohmann::ordered_json::array();
    for (const ClippedTerminal& c : m.clipped_terminals) {
        json["clipped_terminals"].push_back(
            {{"terminal", c.terminal},
             {"samples", c.samples},
             {"windows", c.windows},
             {"first_time_s", seconds(c.first.end().time_since_epoch())}});
    }
    json["recorder_clipped"] = m.recorder_clipped();
    for (const MeasuredWindow& w : m.windows) {
        auto& window = json["windows"].emplace_back();
        window["time_s"] = seconds(w.window.end().time_since_epoch());
        window["cycles"] = w.window.cycles;
        window["clipped"] = w.clipped;
        window["recorder_clipped"] = w.recorder_clipped;
        for (const MeasuredCircuit& measured : w.circuits) {
            auto& circuit = window["circuits"].emplace_back();
            for (const Quantity q : quantities)
                circuit[info(q).name] = measured.get(q);
        }
    }
    json["remarks"] = m.remarks;
    out << json_text(std::move(json), 1) << '\n';
}

void summarise_frequency(const Measurement& m) {
    double least_hz = 1e9, most_hz = 0;
    std::size_t without = 0;
    for (const MeasuredWindow& w : m.windows) {
        const double f_hz = w.circuits.front().readings[Slot::f];
        if (f_hz == 0.0) {
            ++without;
            continue;
        }
        least_hz = std::min(least_hz, f_hz);
        most_hz = std::max(most_hz, f_hz);
    }
    const std::string range = without == m.windows.size()
                                  ? "f unknown"
                                  : fmt::format("f {:.4f} to {:.4f} Hz", least_hz, most_hz);
    say(fmt::format("{}, {}; {:.3f} s at the end fill none\n", counted(m.windows.size(), "window"),
                    range, m.rest_s));
    if (without > 0) {
        say(fmt::format(
            "NO FREQUENCY in {} of {}: their voltage is too low to follow, and the "
            "readings spread; unless it was dead, look at --pt, --primary and --channels\n",
            without, counted(m.windows.size(), "window")));
    }
}

void summarise(const Measurement& m, const MeterType& type) {
    say(fmt::format("{}: {:.3f} s at {:.6g} Hz, from {}\n", m.file, m.duration_s, m.rate_hz,
                    m.start ? iso_text(*m.start) : "an unknown time"));
    for (const std::string& remark : m.remarks)
        say(remark + '\n');
    std::string from, missing;
    for (const MeasuredChannel& c : m.channels) {
        std::string& list = c.from.empty() ? missing : from;
        list += (list.empty() ? "" : " ") + c.terminal + (c.from.empty() ? "" : "=" + c.from);
    }
    say(fmt::format("{}, {}, pt {:.6g}, ct {:.6g}: {}\n", type.name, m.wiring, m.pt, m.ct, from));
    if (!missing.empty())
        say(fmt::format("not recorded, taken as 0: {}\n", missing));
    summarise_frequency(m);
    if (m.highest_order < max_harmonic) {
        say(fmt::format(
            "orders above {} are not measured: they and THD are left out, and rms values and "
            "powers lack them\n",
            m.highest_order));
    }
    for (const ClippedTerminal& c : m.clipped_terminals) {
        say(fmt::format("CLIPPED: {} of {} went beyond the converter's range, in {} of {}, first "
                        "between {:.3f} and {:.3f} s; {}\n",
                        counted(c.samples, "sample"), c.terminal, c.windows,
                        counted(m.windows.size(), "window"),
                        seconds(c.first.start.time_since_epoch()),
                        seconds(c.first.end().time_since_epoch()), c.cure));
    }
    for (const MeasuredChannel& c : m.channels) {
        if (c.recorder_clipped > 0) {
            say(fmt::format("CLIPPED: {} of {} {} at the end of the recorder's range\n",
                            counted(c.recorder_clipped, "sample"), c.from,
                            c.recorder_clipped == 1 ? "is" : "are"));
        }
    }
}

} // namespace

Exit measure_recording(const MeasureOptions& options) {
    const TypeLibrary library = load_library(options.models);
    const MeterType& type = need_model(library, options.model);
    const MeasureSpec spec = spec_of(options, type);
    std::vector<Mistake> mistakes;
    const auto measurement = measure(options.recording, spec, mistakes);
    if (!measurement)
        throw FileError{std::move(mistakes)};
    const auto write = [&](std::ostream& out) {
        if (options.json)
            write_json(*measurement, type, out);
        else
            write_measurement(*measurement, type, out);
    };
    if (options.out == "-")
        write(std::cout); // whether that arrived is asked at the end of every verb
    else if (!write_text(options.out, write)) {
        throw std::runtime_error{fmt::format(
            "{} cannot be written; choose a folder that can, with room on its disk", options.out)};
    }
    summarise(*measurement, type);
    return Exit::ok;
}

} // namespace kpmsim
