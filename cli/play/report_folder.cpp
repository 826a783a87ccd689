#include "cli/play/report_folder.hpp"

#include "cli/terminal/child_process.hpp"
#include "cli/terminal/report.hpp"
#include "cli/terminal/version.hpp"
#include "files/json_node.hpp"
#include "files/text_file.hpp"
#include "recordings/comtrade.hpp"
#include "scenarios/verdict/reports.hpp"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>
#include <unistd.h>

namespace kpmsim {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* scenario_file = "scenario.json";
/// Link types of a user's own have to be told what they carry.
constexpr const char* dissect =
    "tshark -r wires.pcapng -o 'uat:user_dlts:\"User 0 (DLT=147)\",\"mbrtu\",\"0\",\"\",\"0\",\"\"'"
    " -o 'uat:user_dlts:\"User 1 (DLT=148)\",\"mbtcp\",\"0\",\"\",\"0\",\"\"'";

/// What a file may be called anywhere.
std::string file_name(const std::string& scenario) {
    std::string name;
    for (const char c : scenario)
        name += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' ? c : '_';
    return name;
}

std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return out + '\'';
}

/// What a command prints; it must end with 0.
std::string output_of(const std::string& command) {
    ChildProcess child{{command, {}, true}};
    while (!child.exit_code())
        std::this_thread::sleep_for(2ms);
    if (*child.exit_code() != 0)
        throw std::runtime_error{
            fmt::format("the command \"{}\" ends with {}", command, *child.exit_code())};
    return child.output();
}

std::string timeline_text(const Evidence& evidence, CivilTime start) {
    std::string text;
    for (const Evidence::Line& line : evidence.lines())
        text +=
            fmt::format("{:>14.6f} s  {}  {:016x}  {}\n", seconds(line.at.time_since_epoch()),
                        iso_text(civil_time(start, line.at)), line.hash, evidence.what_of(line));
    return text;
}

std::string read_me(const Verdict& verdict, const std::string& name) {
    return fmt::format(
        "{0}\nscenario.json  all files of the scenario as one, its parameters filled in\n"
        "verdict.json   what came of each expectation\n"
        "timeline.txt   what happened, in order, each with the hash of its content\n"
        "series.csv     what the meters showed, and the true power\n"
        "moment.cff     COMTRADE around the first failure\n"
        "mqtt.jsonl     what the meters sent by MQTT\n"
        "clients.txt    what clients did and came to\n"
        "wires.pcapng   what went over the wires of Modbus clients, frame by frame:\n"
        "    {2}\n\n"
        "The same again, bit for bit:\n    kpmsim replay {1}.tar\nFrom its files:\n    {3}\n",
        console_text(verdict, false), name, dissect, command_again(verdict));
}

} // namespace

ReportFolder::ReportFolder(std::string path) : path_{std::move(path)} {
    std::error_code error;
    fs::create_directories(path_, error);
    if (!fs::is_directory(path_) || access(path_.c_str(), W_OK) != 0)
        wrong_flag("--report", fmt::format("{} cannot be written", path_),
                   "name a folder that is there, or can be made");
}

void ReportFolder::file(const std::string& name, const std::string& text) const {
    const std::string path = path_ + '/' + name;
    if (!write_text(path, [&](std::ostream& out) { out << text; }))
        wrong_flag("--report", fmt::format("{} cannot be written", path),
                   "make room on the disk, or name another folder");
}

/// Two files may hold scenarios of one name.
std::string ReportFolder::free_name(const std::string& scenario) const {
    std::string name = file_name(scenario);
    for (int n = 2; !bundles_.insert(name).second; ++n)
        name = fmt::format("{}-{}", file_name(scenario), n);
    return name;
}

std::string ReportFolder::bundle(const Script& script, const ReportedScenario& scenario,
                                 const Evidence& evidence, const RunTrace& trace) const {
    const std::string name = free_name(scenario.verdict.name);
    const std::string folder = path_ + '/' + name;
    std::error_code error;
    fs::create_directories(folder, error);
    const std::string in = name + '/';
    const nlohmann::ordered_json played{
        {"kpmsim", version_text()},
        {"file", script.plan.file},
        {"name", script.plan.name},
        {"seed", script.plan.farm.seed},
        {"evidence", fmt::format("{:016x}", evidence.digest())},
        {"exec", scenario.exec},
        {"simulated_s", seconds(scenario.verdict.simulated)},
        {"tree", nlohmann::ordered_json::parse(json_text(script.plan.root))}};
    file(in + scenario_file, played.dump(1) + '\n');
    file(in + "verdict.json", verdicts_json(std::vector{scenario.verdict}));
    file(in + "timeline.txt", timeline_text(evidence, scenario.verdict.start));
    file(in + "series.csv", series_csv(scenario.series));
    const auto file_if = [&](const char* log, const std::string& text) {
        if (!text.empty())
            file(in + log, text);
    };
    file_if("wires.pcapng", capture_of(trace, scenario.verdict.start));
    file_if("mqtt.jsonl", message_log(trace, script.plan.farm));
    file_if("clients.txt", client_log(trace));
    file(in + "README.txt", read_me(scenario.verdict, name));
    if (scenario.moment) {
        std::vector<Mistake> mistakes;
        write_comtrade(scenario.moment->recording, folder + "/moment.cff",
                       {2013, ComtradeType::float32}, mistakes);
    }
    output_of(fmt::format("tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf {} "
                          "-C {} {}",
                          quoted(path_ + '/' + name + ".tar"), quoted(path_), quoted(name)));
    fs::remove_all(folder, error);
    return name + ".tar";
}

void ReportFolder::write(const std::vector<ReportedScenario>& scenarios) const {
    std::vector<Verdict> verdicts;
    for (const ReportedScenario& scenario : scenarios)
        verdicts.push_back(scenario.verdict);
    file("index.html", html_report(scenarios));
    file("verdict.json", verdicts_json(verdicts));
    file("junit.xml", junit_xml(verdicts));
}

Bundled read_bundle(const std::string& path, const TypeLibrary& types) {
    const auto none = [&](const std::string& what) {
        wrong_flag(path, what, "name a .tar that `kpmsim run --report` wrote");
    };
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status))
        none("there is no such file");
    if (!fs::is_regular_file(status))
        none(fs::is_directory(status) ? "it is a folder, not a file"
                                      : "it is a device or a pipe, not a file");
    std::string text;
    try {
        text = output_of(
            fmt::format("tar -xOf {} --wildcards '*/{}' 2>/dev/null", quoted(path), scenario_file));
    } catch (const std::exception&) {
        none("it is no bundle of a failure");
    }
    const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
    const auto is_text = [&](const char* key) {
        return json.contains(key) && json[key].is_string();
    };
    if (!json.is_object() || !is_text("file") || !is_text("name") || !is_text("evidence") ||
        !is_text("exec") || !json.contains("tree") || !json["tree"].is_object() ||
        !json.contains("seed") || !json["seed"].is_number_unsigned() ||
        !json.contains("simulated_s") || !json["simulated_s"].is_number())
        none("it is no bundle of a failure, or of another version of kpmsim");
    // Paths in it count from where the scenario was.
    std::vector<Mistake> mistakes;
    const TomlNode tree =
        parse_json(json["tree"].dump(), json["file"].get<std::string>(), mistakes);
    if (!mistakes.empty())
        throw FileError{std::move(mistakes)};
    ScenarioChoices choices;
    choices.seed = json["seed"].get<std::uint64_t>();
    Bundled bundled{scenario_of(tree, json["file"].get<std::string>(), types, choices),
                    json["evidence"].get<std::string>(), json["exec"].get<std::string>(),
                    SimDuration{std::llround(1e9 * json["simulated_s"].get<double>())}};
    bundled.plan.name = json["name"].get<std::string>();
    return bundled;
}

} // namespace kpmsim
