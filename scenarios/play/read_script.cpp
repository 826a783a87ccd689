#include "scenarios/file/scenario_tree.hpp"
#include "scenarios/play/action.hpp"
#include "scenarios/play/companions.hpp"
#include "scenarios/play/script.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace kpmsim {
namespace {

std::string text_of(TomlTable& table, const char* key) {
    return table.text(key).value_or(std::string{});
}

class ScriptReader {
public:
    ScriptReader(Script& script, const ScriptRules& rules, std::vector<Mistake>& mistakes)
        : script_{script}, rules_{rules}, farm_{script.plan.farm}, mistakes_{mistakes} {}

    void read() {
        for (const TomlNode& node : script_.plan.probes)
            if (const auto probe = read_probe(node, farm_, mistakes_)) {
                for (const NamedValues& other : others_)
                    if (other.name == probe->name)
                        note(mistakes_, node.place, fmt::format("{} is there twice", probe->name),
                             "give each probe its own name");
                script_.probes.push_back(*probe);
                others_.push_back(named_values(*probe));
            }
        for (const TomlNode& node : script_.plan.clients)
            read_client(node);
        if (rules_.open_ended)
            add_client(std::string{outside_client}, false);
        for (const TomlNode& node : farm_.actions)
            read_timed(node);
        farm_.actions.clear();
        const ExpectationContext context{farm_, others_, script_.plan.length, clients_};
        for (const TomlNode& node : script_.plan.expectations)
            if (auto expectation = read_expectation(node, context, mistakes_))
                script_.expectations.push_back(std::move(*expectation));
        check_ids();
    }

private:
    /// Which values it will have: counts, and the points that it reads.
    void read_client(const TomlNode& node) {
        if (rules_.check_client)
            rules_.check_client(node, farm_, mistakes_);
        const TomlNode* name = node.find("name");
        if (name == nullptr || !name->is_text())
            return;
        const std::string& called = std::get<std::string>(name->value);
        if (called == outside_client)
            note(mistakes_, name->place,
                 fmt::format("\"{}\" is how real clients are called", called),
                 "give it another name");
        if (std::find(clients_.begin(), clients_.end(), called) != clients_.end())
            note(mistakes_, name->place, fmt::format("{} is there twice", called),
                 "give each client its own name");
        add_client(called, true);
    }

    void add_client(const std::string& name, bool reads_points) {
        NamedValues named{name, {}};
        for (const ClientCount& count : client_counts())
            named.values.push_back({std::string{count.key}, ""});
        if (reads_points) {
            named.values.push_back({"booked", "kWh"});
            if (!farm_.meters.empty())
                for (const Point& point : farm_.meters.front().spec.type->points.all())
                    if (!point.text)
                        named.values.push_back({point.name, point.unit});
        }
        others_.push_back(std::move(named));
        clients_.push_back(name);
    }

    void read_timed(const TomlNode& node) {
        TimedAction timed;
        timed.written = node;
        timed.place = node.place;
        if (node.is_table()) {
            TomlTable table{node, "this action", mistakes_};
            timed.id = text_of(table, "id");
            timed.after = text_of(table, "after");
            if (const auto when = table.text("when")) {
                Fault fault;
                timed.when = Condition::read(*when, Vocabulary{farm_.meters, true, others_}, fault);
                if (!timed.when)
                    table.wrong("when", fault.what, fault.cure);
                if (!timed.after.empty())
                    table.wrong("when", "after and when exclude each other",
                                "let one action follow the other");
            }
            auto& entries = std::get<TomlEntries>(timed.written.value);
            const bool waits = node.find("after") != nullptr || node.find("when") != nullptr;
            if (waits)
                read_delay(table, timed);
            std::erase_if(entries, [&](const TomlEntry& entry) {
                return entry.key == "id" || entry.key == "after" || entry.key == "when" ||
                       (waits && entry.key == "at");
            });
        }
        read_action(timed.written, farm_, SimTime{}, mistakes_);
        script_.actions.push_back(std::move(timed));
    }

    void read_delay(TomlTable& table, TimedAction& timed) {
        const auto text = table.text("at");
        Fault fault;
        if (!text)
            return;
        if (const auto delay = read_moment(*text, farm_, fault))
            timed.delay = *delay;
        else
            table.wrong("at", "at " + fault.what, fault.cure);
    }

    void check_ids() {
        std::map<std::string, std::string> after; // what each id waits for
        std::map<std::string, Place> places;
        const auto add = [&](const std::string& id, const std::string& waits_for,
                             const Place& place) {
            places.emplace(id, place);
            if (!id.empty() && !after.emplace(id, waits_for).second)
                note(mistakes_, place, fmt::format("the id \"{}\" is there twice", id),
                     "give each action and expectation its own");
        };
        for (const TimedAction& action : script_.actions)
            add(action.id, action.after, action.place);
        for (const Expectation& expectation : script_.expectations)
            add(expectation.id, expectation.timing.after, expectation.place);
        std::vector<std::string> known;
        for (const auto& [id, waits_for] : after)
            known.push_back(id);
        const auto need = [&](const std::string& id, const char* key, const Place& place) {
            const auto& left_out = script_.plan.left_out;
            if (id.empty() || after.contains(id) ||
                std::find(left_out.begin(), left_out.end(), id) != left_out.end())
                return;
            const std::string near = nearest(id, known);
            note(mistakes_, place,
                 fmt::format("{} names \"{}\", which nothing has as its id", key, id),
                 near.empty() ? "known: " + listed(known) : "did you mean " + near + '?');
        };
        for (const TimedAction& action : script_.actions)
            need(action.after, "after", action.place);
        for (const Expectation& expectation : script_.expectations) {
            need(expectation.timing.after, "after", expectation.place);
            for (const std::string& id : expectation.ids)
                need(id, "of", expectation.place);
        }
        for (const MutationPlan& mutation : script_.plan.mutations)
            for (const std::string& id : mutation.fails)
                check_failing(id, mutation.place);
        for (const auto& [id, waits_for] : after)
            check_circle(id, places[id], after);
    }

    void check_failing(const std::string& id, const Place& place) {
        std::vector<std::string> known;
        for (const Expectation& expectation : script_.expectations) {
            if (expectation.id == id)
                return;
            if (!expectation.id.empty())
                known.push_back(expectation.id);
        }
        note(mistakes_, place, fmt::format("fails names \"{}\", which is no expectation", id),
             "known: " + listed(known));
    }

    void check_circle(const std::string& id, const Place& place,
                      const std::map<std::string, std::string>& after) {
        std::set<std::string> passed;
        for (auto at = after.find(id); at != after.end(); at = after.find(at->second)) {
            if (!passed.insert(at->first).second) {
                if (at->first == id)
                    note(mistakes_, place, fmt::format("\"{}\" comes after itself", id),
                         "let one of the circle begin `at` a moment");
                return;
            }
        }
    }

    Script& script_;
    const ScriptRules& rules_;
    FarmPlan& farm_;
    std::vector<Mistake>& mistakes_;
    std::vector<NamedValues> others_;
    std::vector<std::string> clients_;
};

/// Whether what comes after the farm can be read without complaining of what the farm lacks.
bool goes_on(const ScenarioPlan& plan) {
    const TomlNode* meters = plan.root.find("meter");
    const auto* list = meters != nullptr ? std::get_if<TomlArray>(&meters->value) : nullptr;
    return list != nullptr && plan.farm.meters.size() >= list->size() &&
           !plan.farm.supplies.empty();
}

} // namespace

Script read_script(ScenarioPlan plan, const ScriptRules& rules) {
    Script script;
    std::vector<Mistake> mistakes = std::move(plan.mistakes);
    plan.mistakes.clear();
    const std::string file = plan.file;
    if (!plan.length && !rules.open_ended) {
        const TomlNode* scenario = plan.root.find("scenario");
        note(mistakes, scenario != nullptr ? scenario->place : Place{file, 0, 0},
             "scenario lacks its length", "add for = \"10 min\", of simulated time");
    }
    script.plan = std::move(plan);
    if (goes_on(script.plan))
        ScriptReader{script, rules, mistakes}.read();
    throw_mistakes(std::move(mistakes), file);
    return script;
}

} // namespace kpmsim
