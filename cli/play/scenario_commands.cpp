#include "cli/play/scenario_commands.hpp"

#include "cli/play/run_scenarios.hpp"
#include "cli/play/scenario_targets.hpp"
#include "cli/terminal/flag_checks.hpp"
#include "cli/terminal/report.hpp"
#include "cli/terminal/table.hpp"
#include "scenarios/file/scenario_tree.hpp"
#include "scenarios/file/shelf_files.hpp"
#include "scenarios/play/expectation_pages.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <nlohmann/json.hpp>

namespace kpmsim {
namespace {

struct ShelfOptions {
    bool json{false};
    bool schema{false};
    std::string show;
};

/// What a scenario says of itself, without its farm being read.
struct ShelfEntry {
    std::string name, title, length;
    std::vector<std::string> tags;
    std::size_t expectations{0};
};

std::string text_in(const TomlNode& table, const char* key) {
    const TomlNode* node = table.find(key);
    const auto* text = node != nullptr ? std::get_if<std::string>(&node->value) : nullptr;
    return text != nullptr ? *text : std::string{};
}

std::vector<ShelfEntry> shelf() {
    std::vector<ShelfEntry> entries;
    for (const EmbeddedFile& file : shelf_files()) {
        std::vector<Mistake> mistakes;
        const std::string path =
            std::string{shelf_prefix} + std::string{file.name.substr(0, file.name.size() - 5)};
        const TomlNode root = load_scenario_tree(path, mistakes);
        const TomlNode* scenario = root.find("scenario");
        if (!mistakes.empty() || scenario == nullptr)
            continue; // a part of others
        ShelfEntry entry;
        entry.name = path;
        entry.title = text_in(*scenario, "title");
        entry.length = text_in(*scenario, "for");
        if (const TomlNode* tags = scenario->find("tags"); tags != nullptr && tags->is_array())
            for (const TomlNode& tag : std::get<TomlArray>(tags->value))
                if (tag.is_text())
                    entry.tags.push_back(std::get<std::string>(tag.value));
        if (const TomlNode* expect = root.find("expect"); expect != nullptr && expect->is_array())
            entry.expectations = std::get<TomlArray>(expect->value).size();
        entries.push_back(std::move(entry));
    }
    return entries;
}

Exit show_shelf(const ShelfOptions& options) {
    if (!options.show.empty()) {
        const std::string name = options.show.starts_with(shelf_prefix)
                                     ? options.show.substr(shelf_prefix.size())
                                     : options.show;
        for (const EmbeddedFile& file : shelf_files())
            if (file.name == name + ".toml") {
                fmt::print("{}", file.text);
                return Exit::ok;
            }
        scenario_files({std::string{shelf_prefix} + name}); // says that there is none
    }
    if (options.schema) {
        fmt::print("{}\n", expectation_schema_json());
        return Exit::ok;
    }
    const std::vector<ShelfEntry> entries = shelf();
    if (options.json) {
        auto list = nlohmann::ordered_json::array();
        for (const ShelfEntry& entry : entries)
            list.push_back({{"name", entry.name},
                            {"title", entry.title},
                            {"for", entry.length},
                            {"tags", entry.tags},
                            {"expectations", entry.expectations}});
        fmt::print("{}\n", list.dump(2));
        return Exit::ok;
    }
    for (const ShelfEntry& entry : entries)
        fmt::print("{:<34} {:>8}  {}{}\n", entry.name, entry.length, entry.title,
                   entry.tags.empty() ? std::string{}
                                      : fmt::format("  [{}]", fmt::join(entry.tags, ", ")));
    return Exit::ok;
}

} // namespace

void add_scenario_verbs(CLI::App& app, std::function<Exit()>& chosen) {
    auto options = std::make_shared<RunScenariosOptions>();
    CLI::App* run =
        app.add_subcommand("run", "Run scenarios and say whether what they expect came true");
    run->add_option("scenario", options->targets,
                    "A file, a folder of them, shelf (all that are built in) or shelf:NAME")
        ->required();
    run->add_option("--tag", options->tags, "Only those with this tag; several: with any of them")
        ->type_name("TAG");
    run->add_option("--set", options->set, "A parameter of the scenario: residual=40%")
        ->type_name("NAME=VALUE");
    run->add_option("--seed", options->seed, "Seed of everything random")
        ->type_name("N")
        ->check(seed_fault)
        ->envname("KPMSIM_SEED");
    run->add_option("--jobs", options->jobs, "So many scenarios at once")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    run->add_option("--repeat", options->repeat,
                    "Run each so often; every run must be as the first, byte for byte")
        ->type_name("N")
        ->check(CLI::Range(1, 1000));
    run->add_flag("--fail-fast", options->fail_fast, "Begin none after the first that fails");
    run->add_flag("--mutations", options->mutations,
                  "Each scenario's mutations, too: each must be seen where it says");
    run->add_flag("--verbose,-v", options->verbose, "Show every expectation");
    run->add_flag("--json", options->json, "The verdicts for machines, on stdout");
    run->add_option("--junit", options->junit, "Write JUnit XML there")
        ->check(path_fault)
        ->type_name("FILE");
    run->add_option("--report", options->report,
                    "Write a page with plots, and a bundle of each failure, into this folder")
        ->check(path_fault)
        ->type_name("DIR");
    auto* exec =
        run->add_option("--exec", options->exec,
                        "Serve the farm while this shell command runs; its end ends the scenario,\n"
                        "and its exit code must be 0")
            ->type_name("CMD");
    run->add_option("--clock", options->clock, "With --exec: realtime, x60, free or stepped")
        ->type_name("CLOCK")
        ->needs(exec);
    run->add_option("--time-limit", options->time_limit,
                    "With --exec: end the command and all that it started after so much time")
        ->type_name("DURATION")
        ->needs(exec);
    run->add_option("--models", options->models, "Folder with meters of your own")
        ->check(path_fault)
        ->type_name("DIR")
        ->envname("KPMSIM_MODELS");
    run->callback([options, &chosen] { chosen = [options] { return run_scenarios(*options); }; });
    run->footer("Example: kpmsim run shelf --tag dip --jobs 2 --junit out.xml\n"
                "Exit codes: 0 passed, 1 failed, 2 usage or file, 3 could not start, 4 no "
                "expectation was looked at");

    auto bundle = std::make_shared<std::string>();
    auto models = std::make_shared<std::string>();
    CLI::App* again = app.add_subcommand("replay", "Play the bundle of a failure again");
    again->add_option("bundle", *bundle, "NAME.tar of `kpmsim run --report`")
        ->required()
        ->type_name("FILE");
    again->add_option("--models", *models, "Folder with meters of your own")
        ->check(path_fault)
        ->type_name("DIR")
        ->envname("KPMSIM_MODELS");
    again->callback([bundle, models, &chosen] {
        chosen = [bundle, models] { return replay(*bundle, *models); };
    });
    again->footer("Exit code 0 when all of it is the same, to the bit.");

    auto shelf_options = std::make_shared<ShelfOptions>();
    CLI::App* scenarios = app.add_subcommand("scenarios", "List the scenarios that are built in");
    scenarios->add_flag("--json", shelf_options->json, "For machines");
    scenarios->add_flag("--schema", shelf_options->schema, "The JSON Schema of a [[expect]]");
    scenarios->add_option("--show", shelf_options->show, "Print the file of one, to begin with")
        ->type_name("NAME");
    scenarios->callback([shelf_options, &chosen] {
        chosen = [shelf_options] { return show_shelf(*shelf_options); };
    });
}

} // namespace kpmsim
