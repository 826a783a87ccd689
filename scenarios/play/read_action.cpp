#include "scenarios/play/action_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kpmsim {
namespace {

constexpr std::array keys{
    CommonKey{"kind", "what happens", "\"dip\""},
    CommonKey{"supply", "the supplies it is on, by name; * and ? stand for any characters",
              "\"main\""},
    CommonKey{"load", "the loads, by name", "\"office\""},
    CommonKey{"line", "the lines, by the name of their bus", "\"line1\""},
    CommonKey{"meter", "the meters, by name", "\"shop-*\""},
    CommonKey{"tag", "the meters with this tag", "\"cellar\""},
    CommonKey{"model", "the meters of this model", "\"kpm37\""},
    CommonKey{"circuit", "one circuit of them, from 1", "2", true},
    CommonKey{"at", "when: so long after the farm's start, or a time of the site; else at once",
              "\"90 s\""},
    CommonKey{"for", "how long; without it until it is ended", "\"10 cycles\""},
    CommonKey{"every", "from one begin to the next, where it happens several times", "\"10 s\""},
    CommonKey{"times", "how often it happens in all; needs `every`", "3", true},
    CommonKey{"edge", "how long the way there takes, in a straight line, and the way back",
              "\"2 s\""},
};

} // namespace

ActionReader::ActionReader(const TomlNode& node, const FarmPlan& plan, SimTime now,
                           std::vector<Mistake>& mistakes)
    : node_{node}, plan_{plan}, now_{now}, mistakes_{mistakes}, action_{action_of(node)},
      table_{node,
             action_.kind != nullptr ? fmt::format("action {}", action_.kind->name)
                                     : std::string{"this action"},
             mistakes} {}

std::optional<FarmAction> ActionReader::read() {
    const std::size_t before = mistakes_.size();
    if (action_.kind == nullptr) {
        note_kind();
        return std::nullopt;
    }
    table_.node("kind");
    read_who();
    read_moment();
    if (is_disturbance())
        read_disturbances();
    else
        read_parameters();
    if (action_.kind->lasting == Lasting::own && action_.length == for_good)
        action_.length = own_length();
    read_repeats();
    table_.finish();
    if (mistakes_.size() != before)
        return std::nullopt;
    return std::move(action_);
}

FarmAction ActionReader::action_of(const TomlNode& node) {
    FarmAction action;
    action.kind = kind_of(node);
    return action;
}

const ActionKind* ActionReader::kind_of(const TomlNode& node) {
    const TomlNode* kind = node.find("kind");
    const auto* name = kind != nullptr ? std::get_if<std::string>(&kind->value) : nullptr;
    return name != nullptr ? find_action_kind(*name) : nullptr;
}

void ActionReader::note_kind() {
    std::vector<std::string> known;
    for (const ActionKind& kind : action_kinds())
        known.emplace_back(kind.name);
    if (const auto name = table_.text("kind")) {
        const std::string near = nearest(*name, known);
        table_.wrong("kind", fmt::format("unknown kind of action \"{}\"", *name),
                     near.empty() ? "known: " + listed(known)
                                  : fmt::format("did you mean {}?", near));
    } else if (!has("kind")) {
        table_.missing("kind", "kind = \"dip\"; known: " + listed(known));
    }
}

std::span<const CommonKey> common_keys() { return keys; }

const CommonKey* find_common_key(std::string_view name) {
    const auto key = std::find_if(keys.begin(), keys.end(),
                                  [&](const CommonKey& one) { return one.name == name; });
    return key == keys.end() ? nullptr : &*key;
}

std::optional<FarmAction> read_action(const TomlNode& node, const FarmPlan& plan, SimTime now,
                                      std::vector<Mistake>& mistakes) {
    if (!node.is_table()) {
        note(mistakes, node.place, "an action is not a table",
             "write { kind = \"dip\", residual = \"40 %\", for = \"10 cycles\" }");
        return std::nullopt;
    }
    return ActionReader{node, plan, now, mistakes}.read();
}

} // namespace kpmsim
