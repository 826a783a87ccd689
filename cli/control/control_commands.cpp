// The command line of the verbs in control_verbs.hpp.
#include "cli/control/control_commands.hpp"

#include "cli/control/control_verbs.hpp"

#include <CLI/CLI.hpp>
#include <memory>

namespace kpmsim {

void add_where(CLI::App& verb, ApiWhere& where) {
    verb.add_option("--api", where.api, "The farm's control API: http://127.0.0.1:8474")
        ->type_name("URL")
        ->envname("KPMSIM_API");
    verb.add_option("--ready-file", where.ready_file,
                    "… or where its ready file is; unless given, kpmsim.ready.json")
        ->type_name("PATH")
        ->envname("KPMSIM_READY");
    verb.add_option("--api-token", where.token, "What the API wants to be brought")
        ->type_name("TEXT")
        ->envname("KPMSIM_API_TOKEN");
}

namespace {

/// A verb whose options live as long as the command line.
template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> verb(CLI::App& app, const char* name,
                                                    const char* help, Exit (*run)(const Options&),
                                                    std::function<Exit()>& chosen) {
    auto options = std::make_shared<Options>();
    CLI::App* added = app.add_subcommand(name, help);
    add_where(*added, options->where);
    added->callback([options, run, &chosen] { chosen = [options, run] { return run(*options); }; });
    return {added, options};
}

void add_time(CLI::App& app, std::function<Exit()>& chosen) {
    CLI::App* time = app.add_subcommand("time", "Wind a running farm's clock");
    time->require_subcommand(1);
    const auto add = [&](const char* name, const char* help, const char* operand) {
        auto [one, options] = verb<TimeOptions>(*time, name, help, wind_time, chosen);
        options->what = name;
        if (operand != nullptr)
            one->add_option("what", options->operand)->required()->type_name(operand);
        one->add_flag("--json", options->json, "For machines");
        return std::pair{one, options};
    };
    add("show", "What time it is, and how it passes", nullptr);
    add("advance", "Let so much time pass: 15m", "DURATION");
    auto [until, options] =
        add("until", "Let time pass until then, or until a condition is true", "TIME|CONDITION");
    until
        ->add_option("--at-most", options->at_most,
                     "Of a condition: give up after this time; a day")
        ->type_name("DURATION");
    add("speed", "How time passes from now on", "realtime|x60|free|stepped");
    add("pause", "Stop it", nullptr);
    time->footer("Example: kpmsim time until \"shop-3.p > 2000\" --at-most 2h");
}

} // namespace

void add_control_verbs(CLI::App& app, std::function<Exit()>& chosen) {
    add_time(app, chosen);

    auto [get, get_options] =
        verb<GetOptions>(app, "get", "Read points of a running farm's meter", get_points, chosen);
    get->add_option("meter", get_options->meter, "Its name")->required();
    get->add_option("points", get_options->points, "u_a p …; none = all");
    get->add_option("--circuit", get_options->circuit, "Which of several")->capture_default_str();
    get->add_flag("--truth", get_options->truth, "With what was really at its terminals");
    get->add_flag("--json", get_options->json, "For machines");

    auto [set, set_options] = verb<SetOptions>(
        app, "set", "Write points of a running farm's meter, all or none", set_points, chosen);
    set->add_option("meter", set_options->meter, "Its name")->required();
    set->add_option("values", set_options->assignments, "demand_minutes=10 …")->required();
    set->add_option("--circuit", set_options->circuit, "Which of several")->capture_default_str();
    set->add_option("--password", set_options->password,
                    "At its keys, as somebody who enters this: 6666")
        ->type_name("DIGITS");

    auto [journal, journal_options] = verb<JournalOptions>(
        app, "journal", "Requests to a running farm, and its uploads", show_journal, chosen);
    journal->add_option("--meter", journal_options->meter, "Only this one's");
    journal->add_option("--line", journal_options->line, "Only this line's");
    journal->add_option("--kind", journal_options->kind, "request or upload")
        ->check(CLI::IsMember({"request", "upload"}));
    journal->add_option("--limit", journal_options->limit, "The last so many")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    journal->add_flag("--near-misses", journal_options->near_misses,
                      "Only requests that probably meant something else");
    journal->add_flag("--json", journal_options->json, "For machines");

    auto [save, save_options] = verb<SaveOptions>(
        app, "save", "Write all that a running farm remembers, for up --from", save_farm, chosen);
    save->add_option("file", save_options->file, "Where to")->required()->type_name("FILE");

    auto [wait, wait_options] =
        verb<WaitOptions>(app, "wait", "Wait until a farm is ready", wait_for_farm, chosen);
    wait->add_option("--timeout", wait_options->timeout, "How long at most")
        ->type_name("DURATION")
        ->capture_default_str();
    auto [down, down_options] =
        verb<WaitOptions>(app, "down", "End a running farm", end_farm, chosen);
    down->add_option("--timeout", down_options->timeout, "How long to wait for it")
        ->type_name("DURATION")
        ->capture_default_str();
}

} // namespace kpmsim
