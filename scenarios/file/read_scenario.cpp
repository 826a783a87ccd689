#include "scenarios/file/farm_reader.hpp"
#include "scenarios/file/parameters.hpp"
#include "scenarios/file/scenario_plan.hpp"
#include "scenarios/file/scenario_tree.hpp"

#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <limits>

namespace kpmsim {
namespace {

/// Tables of a scenario that no farm file has.
constexpr std::array<std::string_view, 5> not_of_the_farm{"scenario", "expect", "mutation",
                                                          "client", "probe"};

void read_scenario_table(const TomlNode& node, ScenarioPlan& plan,
                         std::optional<std::uint64_t>& seed, std::vector<Mistake>& mistakes) {
    TomlTable table{node, "scenario", mistakes};
    if (const auto name = table.text("name")) {
        if (name->empty() || name->find_first_of("/\\\n[]") != std::string::npos)
            table.wrong("name", "this is no name of a scenario",
                        "write a word, without / and brackets");
        plan.name = *name;
    }
    plan.title = table.text("title").value_or("");
    if (const auto tags = table.texts("tags"))
        plan.tags = *tags;
    if (const auto number = table.integer("seed", 0, std::numeric_limits<std::int64_t>::max()))
        seed = static_cast<std::uint64_t>(*number);
    if (const auto length = table.duration("for")) {
        if (*length <= SimDuration::zero())
            table.wrong("for", "for is 0", "write how much simulated time it takes: \"10 min\"");
        plan.length = *length;
    }
    table.text("farm"); // load_scenario_tree() has followed these
    if (const TomlNode* include = table.node("include"); include && !include->is_text())
        table.texts("include");
    table.table("parameters"); // cases_of() has read these
    table.table("matrix");
    table.finish();
}

/// What is left of it is a farm file.
TomlNode farm_part(const TomlNode& root) {
    TomlNode farm = root;
    std::erase_if(std::get<TomlEntries>(farm.value), [](const TomlEntry& entry) {
        return std::find(not_of_the_farm.begin(), not_of_the_farm.end(), entry.key) !=
               not_of_the_farm.end();
    });
    return farm;
}

/// Of [[key]].
std::vector<TomlNode> tables_of(const TomlNode& root, const std::string& key,
                                std::vector<Mistake>& mistakes) {
    const TomlNode* node = root.find(key);
    if (node == nullptr)
        return {};
    if (const auto* list = std::get_if<TomlArray>(&node->value))
        return *list;
    note(mistakes, node->place, key + " is no list of tables",
         "write [[" + key + "]] with its keys below");
    return {};
}

std::string stem_of(const std::string& file) {
    return file.starts_with(shelf_prefix) ? file.substr(shelf_prefix.size())
                                          : std::filesystem::path{file}.stem().string();
}

ScenarioPlan read_scenario(const TomlNode& root, const std::string& file, const TypeLibrary& types,
                           const ScenarioChoices& choices, std::vector<Mistake>& mistakes) {
    ScenarioPlan plan;
    plan.file = file;
    plan.name = stem_of(file);
    plan.root = root;
    std::optional<std::uint64_t> seed = choices.seed;
    std::optional<std::uint64_t> written;
    if (const TomlNode* scenario = root.find("scenario")) {
        if (scenario->is_table())
            read_scenario_table(*scenario, plan, written, mistakes);
        else
            note(mistakes, scenario->place, "scenario is no table",
                 "write [scenario] with its keys below");
    } else {
        note(mistakes, {file, 0, 0}, "has no [scenario]",
             "add [scenario] with for = \"10 min\", or run the farm by `kpmsim up`");
    }
    plan.expectations = tables_of(root, "expect", mistakes);
    plan.probes = tables_of(root, "probe", mistakes);
    plan.clients = tables_of(root, "client", mistakes);
    plan.mutations = read_mutations(root, mistakes);
    plan.farm = read_farm(farm_part(root), file, types, mistakes);
    if (seed || written)
        plan.farm.seed = seed.value_or(written.value_or(0));
    return plan;
}

std::vector<ScenarioPlan> read_cases(const TomlNode& root, const std::string& file,
                                     const TypeLibrary& types, const ScenarioChoices& choices,
                                     std::vector<Mistake> mistakes) {
    throw_mistakes(mistakes, file);
    static const TomlNode nothing{{}, TomlEntries{}, {}};
    const TomlNode* scenario = root.find("scenario");
    const auto cases = cases_of(scenario != nullptr ? *scenario : nothing, choices.set, mistakes);
    throw_mistakes(mistakes, file);
    std::vector<ScenarioPlan> plans;
    for (const ParameterCase& one : cases) {
        std::vector<Mistake> of_case;
        const TomlNode filled = filled_in(root, one.values, of_case);
        plans.push_back(read_scenario(filled, file, types, choices, of_case));
        plans.back().mistakes = std::move(of_case);
        if (!one.name.empty())
            plans.back().name += '[' + one.name + ']';
    }
    return plans;
}

} // namespace

std::vector<ScenarioPlan> load_scenario(const std::string& path, const TypeLibrary& types,
                                        const ScenarioChoices& choices) {
    std::vector<Mistake> mistakes;
    const TomlNode root = load_scenario_tree(path, mistakes);
    return read_cases(root, path, types, choices, std::move(mistakes));
}

std::vector<ScenarioPlan> parse_scenario(const std::string& text, const std::string& file,
                                         const TypeLibrary& types, const ScenarioChoices& choices) {
    std::vector<Mistake> mistakes;
    const TomlNode root = parse_toml(text, file, mistakes);
    return read_cases(root, file, types, choices, std::move(mistakes));
}

ScenarioPlan scenario_of(const TomlNode& root, const std::string& file, const TypeLibrary& types,
                         const ScenarioChoices& choices) {
    std::vector<Mistake> mistakes;
    ScenarioPlan plan = read_scenario(root, file, types, choices, mistakes);
    plan.mistakes = std::move(mistakes);
    return plan;
}

ScenarioPlan mutated(const ScenarioPlan& plan, const MutationPlan& mutation,
                     const TypeLibrary& types) {
    std::vector<Mistake> mistakes;
    const TomlNode root = mutated(plan.root, mutation, mistakes);
    ScenarioChoices choices;
    choices.seed = plan.farm.seed;
    ScenarioPlan out = scenario_of(root, plan.file, types, choices);
    out.mistakes.insert(out.mistakes.end(), mistakes.begin(), mistakes.end());
    out.name = plan.name;
    out.left_out = mutation.without;
    return out;
}

} // namespace kpmsim
