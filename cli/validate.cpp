#include "cli/play/scenario_companions.hpp"
#include "cli/terminal/library.hpp"
#include "cli/verbs.hpp"
#include "files/counted.hpp"
#include "files/json_text.hpp"
#include "files/printable.hpp"
#include "scenarios/file/farm_plan.hpp"
#include "scenarios/file/scenario_tree.hpp"
#include "scenarios/play/actions.hpp"
#include "scenarios/play/script.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kpmsim {

namespace {

std::size_t units_of(const FarmPlan& plan) {
    std::size_t units = 0;
    for (const MeterPlan& meter : plan.meters)
        units += static_cast<std::size_t>(meter.spec.type->circuits);
    return units;
}

nlohmann::ordered_json as_json(const std::vector<Mistake>& mistakes) {
    auto list = nlohmann::ordered_json::array();
    for (const Mistake& m : mistakes) {
        list.push_back({{"file", m.place.file},
                        {"line", m.place.line},
                        {"column", m.place.column},
                        {"what", m.what},
                        {"cure", m.cure}});
    }
    return list;
}

/// A pipe can be read once, and is a farm file.
bool is_scenario(const std::string& path) {
    std::vector<Mistake> mistakes;
    std::error_code error;
    return path.starts_with(shelf_prefix) ||
           (std::filesystem::is_regular_file(path, error) &&
            load_toml(path, mistakes).find("scenario") != nullptr);
}

Exit validate_scenario(const ValidateOptions& options, const TypeLibrary& library) {
    std::vector<Script> scripts;
    std::size_t expectations = 0;
    for (ScenarioPlan& plan : load_scenario(options.farm, library)) {
        for (const MutationPlan& mutation : plan.mutations)
            read_script(mutated(plan, mutation, library), script_rules(true));
        scripts.push_back(read_script(std::move(plan), script_rules(true)));
        check_start(scripts.back().plan.farm);
        expectations += scripts.back().expectations.size();
    }
    if (options.json)
        fmt::print("{}\n", json_text(nlohmann::ordered_json{
                               {"ok", true},
                               {"cases", scripts.size()},
                               {"expectations", expectations},
                               {"mistakes", nlohmann::ordered_json::array()}}));
    else
        fmt::print("{}: no mistakes; {}, {}\n", printable(options.farm),
                   counted(scripts.size(), "case"), counted(expectations, "expectation"));
    return Exit::ok;
}

} // namespace

Exit validate(const ValidateOptions& options) {
    try {
        const TypeLibrary library = load_library(options.models);
        if (is_scenario(options.farm))
            return validate_scenario(options, library);
        const FarmPlan plan = load_farm(options.farm, library);
        check_actions(plan);
        check_start(plan);
        if (options.json) {
            const nlohmann::ordered_json verdict{{"ok", true},
                                                 {"meters", plan.meters.size()},
                                                 {"units", units_of(plan)},
                                                 {"buses", plan.buses.size()},
                                                 {"remarks", plan.remarks},
                                                 {"mistakes", nlohmann::ordered_json::array()}};
            fmt::print("{}\n", json_text(verdict));
        } else {
            fmt::print("{}: no mistakes; {}, {}, {}\n", printable(options.farm),
                       counted(plan.meters.size(), "meter"), counted(units_of(plan), "unit"),
                       counted(plan.buses.size(), "line"));
            for (const std::string& remark : plan.remarks)
                fmt::print("{}\n", printable(remark));
        }
        return Exit::ok;
    } catch (const FileError& e) {
        if (!options.json)
            throw;
        const nlohmann::ordered_json verdict{{"ok", false}, {"mistakes", as_json(e.mistakes())}};
        fmt::print("{}\n", json_text(verdict));
        return Exit::usage;
    }
}

} // namespace kpmsim
