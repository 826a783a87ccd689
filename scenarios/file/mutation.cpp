#include "scenarios/file/mutation.hpp"

#include "scenarios/file/scenario_tree.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace kpmsim {
namespace {

/// What is a cause. An expectation is none.
constexpr std::array<std::string_view, 7> causes{"farm",  "supply", "load", "bus",
                                                 "meter", "client", "do"};

MutationPlan read_mutation(const TomlNode& node, std::vector<Mistake>& mistakes) {
    MutationPlan plan;
    plan.place = node.place;
    TomlTable table{node, "this mutation", mistakes};
    plan.name = table.text("name").value_or("mutation");
    if (const TomlNode* fails = table.node("fails")) {
        if (fails->is_text())
            plan.fails = {*table.text("fails")};
        else
            plan.fails = table.texts("fails").value_or(std::vector<std::string>{});
    }
    if (plan.fails.empty())
        table.missing("fails", "fails = \"id of the expectation that must fail\"");
    if (const TomlNode* set = table.table("set")) {
        plan.set = entries_of(*set);
        for (const TomlEntry& entry : plan.set)
            if (std::find(causes.begin(), causes.end(), entry.key) == causes.end())
                note(mistakes, entry.value.key,
                     fmt::format("a mutation cannot alter \"{}\"", entry.key),
                     "it alters a cause: farm, supply, load, bus, meter, client or do");
    }
    if (const TomlNode* more = table.array("do"))
        plan.more = std::get<TomlArray>(more->value);
    if (const TomlNode* without = table.node("without")) {
        if (without->is_text())
            plan.without = {*table.text("without")};
        else
            plan.without = table.texts("without").value_or(std::vector<std::string>{});
    }
    if (plan.set.empty() && plan.more.empty() && plan.without.empty())
        note(mistakes, node.place, "the mutation alters nothing",
             "add set.load.NAME.p = \"1 kW\", do = [{ … }] or without = \"id\"");
    table.finish();
    return plan;
}

std::string id_of(const TomlNode& node, const std::string& key) {
    const TomlNode* id = node.find(key);
    const auto* text = id != nullptr ? std::get_if<std::string>(&id->value) : nullptr;
    return text != nullptr ? *text : std::string{};
}

TomlArray* list_in(TomlEntries& root, const std::string& key) {
    TomlNode* node = find(root, key);
    return node != nullptr ? std::get_if<TomlArray>(&node->value) : nullptr;
}

/// meter.NAME.key or do.ID.key
void set_in_list(TomlEntries& root, const TomlEntry& what, std::vector<Mistake>& mistakes) {
    const std::string by = what.key == "do" ? "id" : "name";
    TomlArray none;
    TomlArray* list = list_in(root, what.key);
    for (const TomlEntry& entry : entries_of(what.value)) {
        bool any = false;
        std::vector<std::string> known;
        for (TomlNode& one : list != nullptr ? *list : none) {
            known.push_back(id_of(one, by));
            if (known.back() != entry.key || !one.is_table())
                continue;
            merge(std::get<TomlEntries>(one.value), entries_of(entry.value));
            any = true;
        }
        std::erase(known, "");
        if (!any)
            note(mistakes, entry.value.key,
                 fmt::format("there is no {} with the {} \"{}\"",
                             what.key == "do" ? "action" : what.key, by, entry.key),
                 "known: " + listed(known));
    }
}

/// supply.NAME.key: the name must be there. Of the farm any key may be set.
void check_named(const TomlNode& root, const TomlEntry& what, std::vector<Mistake>& mistakes) {
    if (what.key == "farm")
        return;
    const TomlNode* table = root.find(what.key);
    std::vector<std::string> known;
    for (const TomlEntry& entry : table != nullptr ? entries_of(*table) : TomlEntries{})
        known.push_back(entry.key);
    for (const TomlEntry& entry : entries_of(what.value))
        if (std::find(known.begin(), known.end(), entry.key) == known.end())
            note(mistakes, entry.value.key,
                 fmt::format("there is no {} \"{}\"", what.key, entry.key),
                 known.empty() ? "write what the scenario has" : "known: " + listed(known));
}

} // namespace

std::vector<MutationPlan> read_mutations(const TomlNode& root, std::vector<Mistake>& mistakes) {
    std::vector<MutationPlan> plans;
    const TomlNode* node = root.find("mutation");
    if (node == nullptr)
        return plans;
    if (node->is_table())
        plans.push_back(read_mutation(*node, mistakes));
    else if (const auto* list = std::get_if<TomlArray>(&node->value))
        for (const TomlNode& one : *list)
            plans.push_back(read_mutation(one, mistakes));
    else
        note(mistakes, node->place, "mutation is no table", "write [mutation] with its keys below");
    return plans;
}

TomlNode mutated(const TomlNode& root, const MutationPlan& mutation,
                 std::vector<Mistake>& mistakes) {
    TomlNode out = root;
    auto& entries = std::get<TomlEntries>(out.value);
    for (const TomlEntry& what : mutation.set)
        if (what.key == "meter" || what.key == "client" || what.key == "do")
            set_in_list(entries, what, mistakes);
        else {
            check_named(root, what, mistakes);
            merge(entries, {what});
        }
    TomlArray none;
    TomlArray* const written = list_in(entries, "do");
    TomlArray& actions = written != nullptr ? *written : none;
    for (const std::string& id : mutation.without) {
        const auto before = actions.size();
        std::erase_if(actions, [&](const TomlNode& one) { return id_of(one, "id") == id; });
        if (actions.size() == before)
            note(mistakes, mutation.place, fmt::format("no action has the id \"{}\"", id),
                 "write id = \"…\" into the [[do]] that is meant");
    }
    if (!mutation.more.empty()) {
        TomlNode more{mutation.place, TomlArray{mutation.more}, mutation.place};
        merge(entries, {{"do", std::move(more)}});
    }
    return out;
}

} // namespace kpmsim
