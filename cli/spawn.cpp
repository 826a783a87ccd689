#include "cli/run_farm.hpp"
#include "cli/terminal/library.hpp"
#include "cli/terminal/report.hpp"
#include "files/toml.hpp"
#include "files/utf8.hpp"
#include "servers/net/held_port.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <vector>

namespace kpmsim {

namespace {

constexpr int last_address = 247;

/// A farm file in the making that knows which flag each of its lines comes from.
class FarmText {
public:
    /// One line, or several.
    void line(const std::string& text, const std::string& flag = "") {
        text_ += text + '\n';
        flags_.resize(static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '\n')), flag);
    }
    /// key = "text"
    void text(const std::string& key, const std::string& value, const std::string& flag) {
        if (!is_utf8(value))
            wrong_flag(flag, fmt::format("\"{}\" is no UTF-8", value),
                       "write it in UTF-8: it goes into a farm file");
        line(key + " = " + toml_quoted(value), flag);
    }
    const std::string& whole() const { return text_; }

    /// The mistakes in it, at the flags that brought them in.
    std::vector<Mistake> at_flags(const std::vector<Mistake>& inside) const {
        std::vector<Mistake> mistakes;
        std::set<std::string> told;
        for (Mistake mistake : inside) {
            const auto n = static_cast<std::size_t>(mistake.place.line) - 1;
            if (n < flags_.size() && !flags_[n].empty())
                mistake.place = {flags_[n], 0, 0};
            if (told.insert(to_text(mistake)).second)
                mistakes.push_back(std::move(mistake));
        }
        return mistakes;
    }

private:
    std::string text_;
    std::vector<std::string> flags_; ///< by line
};

void write_farm(const SpawnOptions& options, FarmText& text) {
    text.line("[farm]");
    text.line(fmt::format("seed = {}", options.run.seed.value_or(1)), "--seed");
    for (const auto& [key, value, flag] :
         {std::tuple{"clock", options.run.clock, "--clock"},
          std::tuple{"fidelity", options.run.fidelity, "--fidelity"},
          std::tuple{"start", options.run.start, "--start"}})
        if (value)
            text.text(key, *value, flag);
    if (!options.mqtt.empty())
        text.text("broker", options.mqtt, "--mqtt");
}

/// The farm file that a command line stands for: one way to describe a farm, and a start for a file
/// of one's own.
FarmText farm_text(const SpawnOptions& options, const MeterType& type,
                   std::vector<HeldPort>& held) {
    FarmText text;
    text.line("# Written by `kpmsim spawn`.");
    write_farm(options, text);
    text.line("\n[supply.main]");
    text.text("u", options.u, "--u");
    text.line("f = \"50 Hz\"");
    text.line("\n[load.load]\nkind = \"constant-power\"");
    text.text("p", options.p, "--p");
    text.text("pf", options.pf, "--pf");
    text.line("vary = \"20 %\"");

    // A line and a port carry 247 addresses; what is more goes on to the next.
    const int per_line = last_address / type.circuits;
    for (int first = 0, line = 1; first < options.count; first += per_line, ++line) {
        if (!options.pty.empty()) {
            text.line(fmt::format("\n[bus.line{}]", line));
            text.text("pty", line == 1 ? options.pty : fmt::format("{}-{}", options.pty, line),
                      "--pty");
            text.line(fmt::format("baud = {}", type.line.baud));
        }
        text.line("\n[[meter]]");
        text.text("name",
                  fmt::format("{}-{}{{n}}", type.name, line == 1 ? "" : fmt::format("{}-", line)),
                  "model");
        text.text("model", type.name, "model");
        text.line(fmt::format("count = {}", std::min(per_line, options.count - first)));
        text.line("supply = \"main\"");
        std::string loads = "\"load\"";
        for (int circuit = 1; circuit < type.circuits; ++circuit)
            loads += ", \"load\"";
        text.line(type.circuits == 1 ? "load = " + loads : "loads = [" + loads + "]");
        text.line(fmt::format("address = \"1 + {}*n\"", type.circuits));
        if (!options.pty.empty())
            text.line(fmt::format("bus = \"line{}\"", line));
        if (options.tcp) {
            const int port =
                *options.tcp == 0 ? held.emplace_back().number() : *options.tcp + line - 1;
            text.line(fmt::format("modbus_tcp = \"127.0.0.1:{}\"", port), "--tcp");
        }
        if (!options.mqtt.empty())
            text.line("mqtt = true", "--mqtt");
    }
    return text;
}

FarmPlan plan_of(const FarmText& text, const TypeLibrary& library) {
    try {
        return parse_farm(text.whole(), "spawn", library);
    } catch (const FileError& error) {
        throw FileError{text.at_flags(error.mistakes())};
    }
}

} // namespace

Exit spawn(const SpawnOptions& asked) {
    SpawnOptions options = asked;
    if (!options.tcp && options.pty.empty() && options.mqtt.empty())
        options.tcp = 0; // a farm that nobody can reach is of no use
    const TypeLibrary library = load_library(options.run.models);
    std::vector<HeldPort> held; // until the listeners have them
    const FarmText text = farm_text(options, need_model(library, options.model), held);
    FarmPlan plan = plan_of(text, library);
    if (options.print) {
        override_plan(plan, options.run);
        fmt::print("{}", text.whole());
        return Exit::ok;
    }
    return run_farm(std::move(plan), options.run);
}

} // namespace kpmsim
