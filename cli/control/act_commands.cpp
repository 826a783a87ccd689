#include "cli/control/act_commands.hpp"

#include "cli/control/api_client.hpp"
#include "cli/control/control_commands.hpp"
#include "cli/terminal/report.hpp"
#include "files/number.hpp"
#include "scenarios/play/action.hpp"
#include "scenarios/play/action_pages.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

namespace kpmsim {
namespace {

using Json = nlohmann::ordered_json;

struct ActOptions {
    ApiWhere where;
    std::string kind;
    std::map<std::string, std::string> keys; ///< as they are written behind their flags
};

struct ActionsOptions {
    ApiWhere where;
    bool kinds{false};
    bool schema{false};
    bool json{false};
    bool end_all{false};
    std::string end;
};

bool is_number(const ActionParameter& parameter) {
    return parameter.form == ParameterForm::number || parameter.form == ParameterForm::integer;
}

/// Any text, whatever it looks like.
bool is_text(const ActionParameter& parameter) {
    return parameter.form == ParameterForm::text || parameter.form == ParameterForm::topic ||
           parameter.form == ParameterForm::json;
}

/// A flag's text as the value that a file would have: a number where one is meant, a table or a list
/// where it is written as JSON.
Json value_of(const std::string& flag, const std::string& text, bool number_meant) {
    if (number_meant) {
        const auto number = read_number(text);
        if (!number)
            wrong_flag("--" + flag, fmt::format("\"{}\" is no number", text), "write a number");
        if (*number == static_cast<double>(static_cast<std::int64_t>(*number)))
            return static_cast<std::int64_t>(*number);
        return *number;
    }
    if (text.starts_with('{') || text.starts_with('[')) {
        Json json = Json::parse(text, nullptr, false);
        if (json.is_discarded())
            wrong_flag("--" + flag, fmt::format("\"{}\" is no JSON", text),
                       R"(write {"5": "4 %"} or ["100 %", "98 %", "100 %"])");
        return json;
    }
    return text;
}

Exit act(const ActOptions& options) {
    const ActionKind& kind = *find_action_kind(options.kind);
    Json body{{"kind", options.kind}};
    for (const auto& [key, text] : options.keys) {
        if (text.empty())
            continue;
        const ActionParameter* parameter = kind.find(key);
        if (parameter != nullptr && is_text(*parameter))
            body[key] = text;
        else
            body[key] = value_of(key, text,
                                 parameter != nullptr ? is_number(*parameter)
                                                      : find_common_key(key)->whole);
    }
    const Json done = Json::parse(ApiClient{options.where}.ask("POST", "/v1/actions", body.dump()));
    fmt::print("{}: from {}{}\n", done["id"].get<std::string>(), done["from"].get<std::string>(),
               done["until"].is_null() ? std::string{}
                                       : " until " + done["until"].get<std::string>());
    return Exit::ok;
}

void print_kinds() {
    for (const ActionKind& kind : action_kinds()) {
        fmt::print("{:<22} {} ({})\n", kind.name, kind.title, name_of(kind.target));
        for (const ActionParameter& p : kind.parameters)
            fmt::print("    --{:<20} {}{}\n", p.name, p.title, p.needed ? "; needed" : "");
    }
}

Exit show_actions(const ActionsOptions& options) {
    if (options.schema) {
        fmt::print("{}\n", action_schema_json());
        return Exit::ok;
    }
    if (options.kinds) {
        if (options.json)
            fmt::print("{}\n", action_kinds_json());
        else
            print_kinds();
        return Exit::ok;
    }
    const ApiClient client{options.where};
    if (options.end_all || !options.end.empty()) {
        const Json done = Json::parse(
            client.ask("DELETE", options.end_all ? "/v1/actions" : "/v1/actions/" + options.end));
        fmt::print("ended: {}\n", done["ended"].get<int>());
        return Exit::ok;
    }
    const Json all = Json::parse(client.ask("GET", "/v1/actions"));
    if (options.json) {
        fmt::print("{}\n", all.dump(2));
        return Exit::ok;
    }
    for (const Json& one : all)
        fmt::print(
            "{:<5} {:<8} {} from {}{}\n", one["id"].get<std::string>(),
            one["state"].get<std::string>(), one["action"].dump(), one["from"].get<std::string>(),
            one["until"].is_null() ? std::string{} : " until " + one["until"].get<std::string>());
    return Exit::ok;
}

} // namespace

void add_act_verbs(CLI::App& app, std::function<Exit()>& chosen) {
    CLI::App* verb = app.add_subcommand("act", "Do something to a running farm");
    verb->require_subcommand(1);
    verb->footer("Example: kpmsim act dip --supply main --residual 40% --for \"10 cycles\"");
    for (const ActionKind& kind : action_kinds()) {
        auto options = std::make_shared<ActOptions>();
        options->kind = kind.name;
        CLI::App* one = verb->add_subcommand(std::string{kind.name}, std::string{kind.title});
        add_where(*one, options->where);
        const auto flag = [&](std::string_view name, std::string_view title) {
            one->add_option("--" + std::string{name}, options->keys[std::string{name}],
                            std::string{title});
        };
        for (const CommonKey& key : common_keys())
            if (key.name != "kind")
                flag(key.name, key.title);
        for (const ActionParameter& parameter : kind.parameters)
            flag(parameter.name, parameter.title);
        one->callback([options, &chosen] { chosen = [options] { return act(*options); }; });
    }

    auto options = std::make_shared<ActionsOptions>();
    CLI::App* actions =
        app.add_subcommand("actions", "What is being done to a running farm, and what can be");
    add_where(*actions, options->where);
    actions->add_flag("--kinds", options->kinds, "All kinds with their parameters; asks no farm");
    actions->add_flag("--schema", options->schema, "The JSON Schema of an action; asks no farm");
    actions->add_flag("--json", options->json, "For machines");
    actions->add_option("--end", options->end, "End this one: a3");
    actions->add_flag("--end-all", options->end_all, "End all");
    actions->callback(
        [options, &chosen] { chosen = [options] { return show_actions(*options); }; });
}

} // namespace kpmsim
