#include "cli/bench.hpp"
#include "cli/control/act_commands.hpp"
#include "cli/control/control_commands.hpp"
#include "cli/play/scenario_commands.hpp"
#include "cli/terminal/flag_checks.hpp"
#include "cli/terminal/report.hpp"
#include "cli/terminal/standard_streams.hpp"
#include "cli/terminal/usage_mistake.hpp"
#include "cli/terminal/version.hpp"
#include "cli/verbs.hpp"
#include "cli/verify.hpp"
#include "models/faces/model_files.hpp"
#include "sim/kernel_level.hpp"

#include <CLI/CLI.hpp>
#include <exception>
#include <fmt/format.h>
#include <functional>
#include <iostream>
#include <sstream>

namespace {

using namespace kpmsim;

void add_models_folder(CLI::App& verb, std::string& folder) {
    verb.add_option("--models", folder, "Folder with meters of your own (DIR/<name>/meter.toml …)")
        ->check(path_fault)
        ->type_name("DIR")
        ->envname("KPMSIM_MODELS");
}

void add_run_options(CLI::App& verb, RunOptions& run) {
    verb.add_option("--for", run.run_for, "Stop after this much simulated time: 60s, 10m, 2h")
        ->type_name("DURATION");
    verb.add_option("--clock", run.clock,
                    "realtime, x60 (an hour in a minute), free (as fast as it goes), stepped (by\n"
                    "kpmsim time) or paused")
        ->type_name("CLOCK")
        ->envname("KPMSIM_CLOCK");
    verb.add_option("--fidelity", run.fidelity,
                    "sample (every sample through the metering) or window (jumps over windows in "
                    "which nothing changes)")
        ->type_name("FIDELITY")
        ->envname("KPMSIM_FIDELITY");
    verb.add_option("--start", run.start, "Civil time at the start: 2026-01-01T00:00:00")
        ->type_name("TIME");
    verb.add_option("--seed", run.seed, "Seed of everything random")
        ->type_name("N")
        ->check(seed_fault)
        ->envname("KPMSIM_SEED");
    verb.add_option("--threads", run.threads,
                    "Threads that meter (the readings do not depend on it)")
        ->type_name("N")
        ->check(CLI::Range(1, 256))
        ->envname("KPMSIM_THREADS");
    add_models_folder(verb, run.models);
    verb.add_option("--ready-file", run.ready_file,
                    "Write the endpoints there, as JSON, once every listener is bound")
        ->check(path_fault)
        ->type_name("PATH");
    verb.add_option("--api", run.api,
                    "Open the control API there: 127.0.0.1:8474; port 0 is any free one")
        ->type_name("HOST:PORT");
    verb.add_option("--api-token", run.api_token,
                    "What the API's clients must bring; needed off this machine")
        ->type_name("TEXT")
        ->envname("KPMSIM_API_TOKEN");
    verb.add_option("--from", run.from, "Go on from a state that `kpmsim save` wrote")
        ->check(path_fault)
        ->type_name("FILE");
    verb.add_option(
            "--state", run.state,
            "Keep all that the farm is in this folder while it runs, and go on from what is\n"
            "there: what a client was shown is not taken back, however the farm ends")
        ->check(path_fault)
        ->type_name("DIR")
        ->envname("KPMSIM_STATE");
    verb.add_option(
            "--state-resume", run.state_resume,
            "Where it goes on: stored (the moment at which it was left) or wall (the moment by\n"
            "the wall's clock; no meter was powered in between)")
        ->type_name("HOW");
    verb.add_option("--record", run.record,
                    "Write every MQTT message, and at the end all registers and the truth, there")
        ->check(path_fault)
        ->type_name("DIR");
}

} // namespace

int main(int argc, char** argv) {
    secure_standard_streams();
    CLI::App app{"Electricity meters that are not there: waveforms go through a real metering DSP, "
                 "and the readings\n"
                 "are served as the real meter would, over Modbus-RTU, Modbus-TCP and MQTT.",
                 "kpmsim"};
    app.set_version_flag("--version", version_text());
    app.require_subcommand(1);
    app.footer(
        "First farm:   kpmsim spawn kpm312 --count 2 --tcp 1502\n"
        "Then, beside: kpmsim read tcp://127.0.0.1:1502 --unit 1 --model kpm312 u_a p e_p_import\n"
        "Wind it:      kpmsim up FARM.toml --clock stepped --detach, then kpmsim time advance 15m\n"
        "Exit codes:   0 ok, 1 failed, 2 usage or file, 3 could not start");
    app.fallthrough();
    app.add_option_function<std::string>(
           "--kernel",
           [](const std::string& name) {
               const auto level = kernel_level_from(name);
               if (name != "auto" && level && !use_kernel_level(*level))
                   throw CLI::ValidationError{
                       "--kernel", fmt::format("this machine has no {}; the highest it has is {}",
                                               name, name_of(kernel_level()))};
           },
           "Level of the processor that the sample loops use: auto, baseline, avx2 or avx512\n"
           "(speed hangs on it, no reading does)")
        ->type_name("LEVEL")
        ->check(CLI::IsMember({"auto", "baseline", "avx2", "avx512"}))
        ->envname("KPMSIM_KERNEL");
    std::function<Exit()> run;

    UpOptions up_options;
    auto* up_verb = app.add_subcommand("up", "Run the farm of a file, until Ctrl-C");
    up_verb->add_option("farm", up_options.farm, "The farm file")
        ->required()
        ->type_name("FARM.toml");
    add_run_options(*up_verb, up_options.run);
    up_verb->add_flag("--detach", up_options.run.detach,
                      "Run away from the terminal: returns when it is ready. With a ready file\n"
                      "(kpmsim.ready.json), a log beside it, and the control API");
    up_verb->callback([&] { run = [&] { return up(up_options); }; });
    up_verb->footer("Example: kpmsim up examples/quickstart.toml --clock x60 --for 1h\n"
                    "A line `ready: N meters` on stderr says that every listener is bound.");

    SpawnOptions spawn_options;
    auto* spawn_verb = app.add_subcommand("spawn", "Run a farm without a file");
    spawn_verb->add_option("model", spawn_options.model, "See `kpmsim models`")->required();
    spawn_verb->add_option("--count", spawn_options.count, "How many of them")
        ->check(CLI::Range(1, 100000));
    spawn_verb
        ->add_option("--tcp", spawn_options.tcp,
                     "Modbus-TCP port for all of them, from the 248th unit on the next ones too;\n"
                     "0 = any free one")
        ->type_name("PORT")
        ->check(CLI::Range(0, 65535));
    spawn_verb->add_option("--pty", spawn_options.pty, "Link of the RS-485 line to make")
        ->type_name("PATH");
    spawn_verb
        ->add_option("--mqtt", spawn_options.mqtt,
                     "embedded, or mqtt://[account:password@]host:port")
        ->type_name("URL");
    spawn_verb->add_option("--u", spawn_options.u, "Voltage of the supply")->capture_default_str();
    spawn_verb->add_option("--p", spawn_options.p, "Power of each load")->capture_default_str();
    spawn_verb->add_option("--pf", spawn_options.pf, "Power factor of each load")
        ->capture_default_str();
    spawn_verb->add_flag("--print", spawn_options.print,
                         "Print the farm file that this is, and stop");
    add_run_options(*spawn_verb, spawn_options.run);
    spawn_verb->callback([&] { run = [&] { return spawn(spawn_options); }; });
    spawn_verb->footer(
        "Example: kpmsim spawn kpm312 --count 8 --tcp 1502 --pty run/line1 --mqtt embedded");

    add_control_verbs(app, run);
    add_act_verbs(app, run);
    add_scenario_verbs(app, run);

    ModelsOptions models_options;
    auto* models_verb =
        app.add_subcommand("models", "List the meters there are, or say how true one of them is");
    models_verb->add_option("model", models_options.model,
                            "What of this one is from its manual, assumed, or not modelled");
    models_verb
        ->add_option("--format", models_options.format,
                     "Of one model: text, json, or page (Markdown)")
        ->check(CLI::IsMember({"text", "json", "page"}))
        ->capture_default_str();
    add_models_folder(*models_verb, models_options.models);
    models_verb->add_flag("--json", models_options.json, "For machines");
    models_verb
        ->add_option("--schema", models_options.schema,
                     "The JSON Schema of a model's meter.toml, registers.toml or mqtt.toml")
        ->check(CLI::IsMember(model_file_names()));
    models_verb->add_flag("--keys", models_options.keys, "Every key of every model file");
    models_verb->callback([&] { run = [&] { return list_models(models_options); }; });

    MapOptions map_options;
    auto* map_verb = app.add_subcommand("map", "Show a meter's register map");
    map_verb->add_option("model", map_options.model, "See `kpmsim models`")->required();
    map_verb
        ->add_option("--format", map_options.format,
                     "table, md, csv, json, or page (the whole reference page, Markdown)")
        ->check(CLI::IsMember({"table", "md", "csv", "json", "page"}))
        ->capture_default_str();
    map_verb->add_flag_callback(
        "--json", [&] { map_options.format = "json"; }, "The same as --format json");
    add_models_folder(*map_verb, map_options.models);
    map_verb->callback([&] { run = [&] { return show_map(map_options); }; });

    ValidateOptions validate_options;
    auto* validate_verb = app.add_subcommand(
        "validate", "Find every mistake in a farm or scenario file, without starting it");
    validate_verb->add_option("farm", validate_options.farm, "The farm file")
        ->required()
        ->type_name("FARM.toml");
    add_models_folder(*validate_verb, validate_options.models);
    validate_verb->add_flag("--json", validate_options.json, "For machines");
    validate_verb->callback([&] { run = [&] { return validate(validate_options); }; });

    ReadOptions read_options;
    auto* read_verb =
        app.add_subcommand("read", "Read registers of a meter by name, as a Modbus client");
    read_verb
        ->add_option("endpoint", read_options.endpoint,
                     "tcp://127.0.0.1:1502 or rtu:///path/to/pty")
        ->required();
    read_verb->add_option("names", read_options.names,
                          "Registers (`kpmsim map MODEL`); none = all");
    read_verb->add_option("--unit", read_options.unit, "Unit id or address")
        ->check(CLI::Range(0, 255))
        ->capture_default_str();
    read_verb->add_option("--model", read_options.model, "Whose register map")->required();
    read_verb->add_option("--baud", read_options.baud, "Of the line")->capture_default_str();
    read_verb->add_option("--format", read_options.format, "Of the line: 8N1, 8E1, 8O1, 8N2")
        ->check(CLI::IsMember({"8N1", "8E1", "8O1", "8N2"}))
        ->capture_default_str();
    read_verb->add_option("--timeout", read_options.timeout_s, "Seconds to wait for an answer")
        ->check(CLI::Range(0.001, 3600.0))
        ->capture_default_str();
    read_verb
        ->add_option("--word-order", read_options.word_order,
                     "Of 32-bit values: abcd or cdab; unless given, the model's")
        ->type_name("ORDER")
        ->check(CLI::IsMember({"abcd", "cdab"}));
    read_verb
        ->add_option("--max-read-words", read_options.max_read_words,
                     "Registers in one request; unless given, the model's most")
        ->type_name("N")
        ->check(CLI::Range(1, 125));
    read_verb->add_flag("--json", read_options.json, "For machines");
    add_models_folder(*read_verb, read_options.models);
    read_verb->callback([&] { run = [&] { return read_meter(read_options); }; });

    WaveOptions wave_options;
    auto* wave_verb =
        app.add_subcommand("wave", "Write the samples that a meter sees, with the truth");
    wave_verb->add_option("farm", wave_options.farm, "The farm file")
        ->required()
        ->type_name("FARM.toml");
    wave_verb->add_option("--meter", wave_options.meter, "Its name")->required()->type_name("NAME");
    wave_verb->add_option("--cycles", wave_options.cycles, "How many cycles")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    wave_verb->add_option("--at", wave_options.at, "Simulated time to begin at: 10s")
        ->type_name("DURATION");
    wave_verb->add_option("--seed", wave_options.seed, "Instead of the file's")
        ->type_name("N")
        ->check(seed_fault);
    wave_verb
        ->add_option("--format", wave_options.format,
                     "csv, wav (32-bit floats) or comtrade (2013 BINARY32, the converter's codes); "
                     "unless given, as --out ends")
        ->check(CLI::IsMember({"csv", "wav", "comtrade"}));
    wave_verb
        ->add_option("--out", wave_options.out, "NAME.csv, .wav, .cfg or .cff; - = CSV to stdout")
        ->check(path_fault)
        ->type_name("FILE")
        ->capture_default_str();
    add_models_folder(*wave_verb, wave_options.models);
    wave_verb->footer("Example: kpmsim wave examples/quickstart.toml --meter chiller --cycles 50 "
                      "--out chiller.cfg");
    wave_verb->callback([&] { run = [&] { return wave(wave_options); }; });

    MeasureOptions measure_options;
    auto* measure_verb =
        app.add_subcommand("measure", "Put a recorded waveform through a meter, without a farm");
    measure_verb
        ->add_option("recording", measure_options.recording,
                     "COMTRADE (.cfg with .dat, .cff), .wav or .csv")
        ->required()
        ->type_name("FILE");
    measure_verb->add_option("--model", measure_options.model, "Which meter measures")
        ->capture_default_str();
    measure_verb->add_option("--rating", measure_options.rating,
                             "Code of its rated current; unless given, the model's first");
    measure_verb->add_option(
        "--wiring", measure_options.wiring,
        "P4L, P3L3, P3L2, or as the model calls them; unless given, its first");
    measure_verb
        ->add_option("--pt", measure_options.pt,
                     "Its voltage ratio, 10000/100; unless given, the recording's")
        ->type_name("RATIO");
    measure_verb
        ->add_option("--ct", measure_options.ct,
                     "Its current ratio, 400/5; unless given, the recording's")
        ->type_name("RATIO");
    measure_verb->add_flag("--primary", measure_options.primary,
                           "The recording's values are primary: divide them by --pt and --ct");
    measure_verb
        ->add_option("--channels", measure_options.channels,
                     "Which channel is which: ua=VA,ub=VB,uc=VC,ia=#4,…; none = a dead terminal")
        ->allow_extra_args(false)
        ->type_name("ua=NAME,…");
    measure_verb
        ->add_option("--full-scale-u", measure_options.full_scale_u,
                     "Volts of the largest number of a PCM WAV")
        ->type_name("V")
        ->check(CLI::PositiveNumber);
    measure_verb
        ->add_option("--full-scale-i", measure_options.full_scale_i,
                     "Amperes of the largest number of a PCM WAV")
        ->type_name("A")
        ->check(CLI::PositiveNumber);
    measure_verb
        ->add_option("--orders", measure_options.orders,
                     "Highest harmonic to measure, where the recording carries no 31")
        ->check(CLI::Range(1, 31))
        ->capture_default_str();
    measure_verb->add_flag("--json", measure_options.json, "For machines");
    measure_verb->add_option("--out", measure_options.out, "The readings as CSV; - = stdout")
        ->check(path_fault)
        ->type_name("FILE")
        ->capture_default_str();
    add_models_folder(*measure_verb, measure_options.models);
    measure_verb->callback([&] { run = [&] { return measure_recording(measure_options); }; });
    measure_verb->footer("Example: kpmsim measure fault.cfg --model kpm53 --out readings.csv");

    VerifyOptions verify_options;
    auto* verify_verb = app.add_subcommand(
        "verify", "Measure the metering against the standards, row by row of the table");
    auto* row_option =
        verify_verb
            ->add_option("--row", verify_options.row, "Only this row: 1 to 37, 39 to 48, M1 to M8")
            ->type_name("ID");
    verify_verb
        ->add_option("--sweep", verify_options.sweep,
                     "Instead of the table: errors against frequency, current or order")
        ->type_name("NAME")
        ->excludes(row_option);
    verify_verb->add_flag("--json", verify_options.json, "For machines");
    verify_verb->callback([&] { run = [&] { return verify_metering(verify_options); }; });
    verify_verb->footer("Exit code 1 when a row is out of the standard's limit or of ours.");

    BenchOptions bench_options;
    auto* bench_verb = app.add_subcommand(
        "bench", "Measure how fast this machine meters, and against a textbook loop");
    bench_verb->add_option("--runs", bench_options.runs, "How often each figure is measured")
        ->type_name("N")
        ->check(CLI::Range(1, 1000));
    bench_verb->add_flag("--quick", bench_options.quick, "Less work a run, and three runs");
    bench_verb->add_flag("--json", bench_options.json, "For machines");
    bench_verb->callback([&] { run = [&] { return bench(bench_options); }; });
    bench_verb->footer(
        "Let the machine be idle. Speed fails nothing: the exit code is 0 also where "
        "a target is missed.");

    try {
        app.parse(argc, argv);
        if (const std::string mistake = empty_option(app); !mistake.empty())
            run = [mistake] {
                say(mistake);
                return Exit::usage;
            };
    } catch (const CLI::ParseError& e) { // or no mistake: --help, --version
        run = [&app, e] {
            if (const std::string mistake = usage_mistake(app, e); !mistake.empty()) {
                say(mistake);
                return Exit::usage;
            }
            std::ostringstream mistake;
            const bool fine = app.exit(e, std::cout, mistake) == 0;
            say(mistake.str());
            return fine ? Exit::ok : Exit::usage;
        };
    }
    return static_cast<int>(guarded(run));
}
