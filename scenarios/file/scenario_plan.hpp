#pragma once

#include "scenarios/file/farm_plan.hpp"
#include "scenarios/file/mutation.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// A scenario as far as its files say it, with its parameters filled in: a farm, and what is expected of
/// it. scenarios/play reads its [[do]] and [[expect]].
struct ScenarioPlan {
    std::string name;  ///< with its case: dip[residual=40 %]
    std::string title; ///< a sentence
    std::string file;
    std::vector<std::string> tags;
    std::optional<SimDuration> length; ///< nothing: until it is ended
    FarmPlan farm;
    std::vector<TomlNode> expectations; ///< [[expect]]
    std::vector<TomlNode> probes;       ///< [[probe]]
    std::vector<TomlNode> clients;      ///< [[client]]
    std::vector<MutationPlan> mutations;
    std::vector<std::string>
        left_out;                  ///< ids of actions that a mutation takes away: they never begin
    TomlNode root;                 ///< all of it, for mutated()
    std::vector<Mistake> mistakes; ///< read_script() tells them with its own
};

/// What is said on the command line, and goes before the files.
struct ScenarioChoices {
    std::optional<std::uint64_t> seed;
    std::map<std::string, std::string> set; ///< parameters
};

/// The scenario of a file, or of the shelf (shelf:NAME): one for each case of its matrix. Throws FileError
/// where there is nothing to go on with.
std::vector<ScenarioPlan> load_scenario(const std::string& path, const TypeLibrary& types,
                                        const ScenarioChoices& choices = {});
/// The same of a text.
std::vector<ScenarioPlan> parse_scenario(const std::string& text, const std::string& file,
                                         const TypeLibrary& types,
                                         const ScenarioChoices& choices = {});
/// Of a tree whose parameters are filled in, as ScenarioPlan::root is.
ScenarioPlan scenario_of(const TomlNode& root, const std::string& file, const TypeLibrary& types,
                         const ScenarioChoices& choices);
/// It with a cause altered.
ScenarioPlan mutated(const ScenarioPlan& plan, const MutationPlan& mutation,
                     const TypeLibrary& types);

/// Throws the mistakes, if there are any, in the order of the file, as a person goes through them.
void throw_mistakes(std::vector<Mistake> mistakes, const std::string& file);

} // namespace kpmsim
