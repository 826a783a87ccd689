#include "cli/library.hpp"
#include "cli/run_farm.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace kpmsim {

namespace {

constexpr int last_address = 247;

/// The farm file that a command line stands for: one way to describe a farm, and a start for a file
/// of one's own.
std::string farm_text(const SpawnOptions& options, const DeviceType& type) {
    std::string text = "# Written by `kpmsim spawn`.\n[farm]\nseed = 1\n";
    if (!options.mqtt.empty())
        text += fmt::format("broker = \"{}\"\n", options.mqtt);
    text += fmt::format("\n[supply.main]\nu = \"{}\"\nf = \"50 Hz\"\n", options.u);
    text += fmt::format(
        "\n[load.load]\nkind = \"constant-power\"\np = \"{}\"\npf = \"{}\"\nvary = \"20 %\"\n",
        options.p, options.pf);

    // A line and a port carry 247 addresses; what is more goes on to the next.
    const int per_line = last_address / type.loops;
    for (int first = 0, line = 1; first < options.count; first += per_line, ++line) {
        const std::string pty = options.pty.empty() ? ""
                                : line == 1         ? options.pty
                                                    : fmt::format("{}-{}", options.pty, line);
        if (!pty.empty()) {
            text +=
                fmt::format("\n[bus.line{}]\npty = \"{}\"\nbaud = {}\n", line, pty, type.line.baud);
        }
        text += fmt::format("\n[[meter]]\nname = \"{}-{}{{n}}\"\nmodel = \"{}\"\ncount = {}\n",
                            type.name, line == 1 ? "" : fmt::format("{}-", line), type.name,
                            std::min(per_line, options.count - first));
        text += "supply = \"main\"\n";
        if (type.loops == 1) {
            text += "load = \"load\"\n";
        } else {
            text += fmt::format(
                "loads = [{}\"load\"]\n",
                [&] {
                    std::string more;
                    for (int loop = 1; loop < type.loops; ++loop)
                        more += "\"load\", ";
                    return more;
                }());
        }
        text += fmt::format("address = \"1 + {}*n\"\n", type.loops);
        if (!pty.empty())
            text += fmt::format("bus = \"line{}\"\n", line);
        if (options.tcp) {
            text += fmt::format("modbus_tcp = \"127.0.0.1:{}\"\n",
                                *options.tcp == 0 ? 0 : *options.tcp + line - 1);
        }
        if (!options.mqtt.empty())
            text += "mqtt = true\n";
    }
    return text;
}

} // namespace

Exit spawn(const SpawnOptions& asked) {
    SpawnOptions options = asked;
    if (!options.tcp && options.pty.empty() && options.mqtt.empty())
        options.tcp = 0; // a farm that nobody can reach is of no use
    const TypeLibrary library = load_library(options.run.models);
    const std::string text = farm_text(options, need_model(library, options.model));
    if (options.print) {
        fmt::print("{}", text);
        return Exit::ok;
    }
    return run_farm(parse_farm(text, "spawn", library), options.run);
}

} // namespace kpmsim
