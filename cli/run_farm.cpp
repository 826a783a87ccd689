#include "cli/run_farm.hpp"

#include "cli/control/control_api.hpp"
#include "cli/control/farm_events.hpp"
#include "cli/control/farm_expectations.hpp"
#include "cli/control/ready_file.hpp"
#include "cli/serve/address_watch.hpp"
#include "cli/serve/descriptor_limit.hpp"
#include "cli/serve/farm_server.hpp"
#include "cli/serve/kept_farm.hpp"
#include "cli/serve/live_table.hpp"
#include "cli/serve/runner.hpp"
#include "cli/serve/served_faults.hpp"
#include "cli/serve/stop_signals.hpp"
#include "cli/terminal/log.hpp"
#include "cli/terminal/report.hpp"
#include "cli/terminal/standard_streams.hpp"
#include "cli/terminal/version.hpp"
#include "files/text_file.hpp"
#include "scenarios/farm/clip_watch.hpp"
#include "scenarios/farm/held_watch.hpp"
#include "scenarios/farm/keys_watch.hpp"
#include "scenarios/farm/overload_watch.hpp"
#include "scenarios/farm/sensor_watch.hpp"
#include "scenarios/file/wrong_resume.hpp"
#include "scenarios/measure/record.hpp"
#include "scenarios/play/actions.hpp"
#include "servers/net/asio.hpp"

#include <algorithm>
#include <boost/asio/signal_set.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace kpmsim {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

Endpoint read_api_endpoint(const std::string& text) {
    Fault fault;
    const auto api = parse_listener(text, "127.0.0.1", fault);
    if (!api)
        wrong_flag("--api", fault);
    return *api;
}

std::optional<SimDuration> run_time(const RunOptions& options, const FarmPlan& plan) {
    return options.run_for ? std::optional{parse_duration(*options.run_for, "--for",
                                                          plan.supplies.front().spec.f_hz)}
                           : std::nullopt;
}

} // namespace

void override_plan(FarmPlan& plan, const RunOptions& options) {
    if (options.seed)
        plan.seed = *options.seed;
    if (options.clock) {
        const auto pace = read_pace(*options.clock);
        if (!pace) {
            wrong_flag("--clock", fmt::format("\"{}\" is no clock", *options.clock),
                       std::string{pace_cure});
        }
        plan.pace = *pace;
    }
    if (options.api)
        plan.api = read_api_endpoint(*options.api);
    if (options.fidelity) {
        const auto fidelity = read_fidelity(*options.fidelity);
        if (!fidelity) {
            wrong_flag("--fidelity", fmt::format("\"{}\" is no fidelity", *options.fidelity),
                       "write sample or window");
        }
        plan.fidelity = *fidelity;
    }
    if (options.state) {
        StatePlan state = plan.state.value_or(StatePlan{});
        state.folder = *options.state;
        state.place.reset();
        plan.state = std::move(state);
    }
    if (options.state_resume) {
        const auto resume = read_state_resume(*options.state_resume);
        if (!resume)
            wrong_flag("--state-resume",
                       fmt::format("\"{}\" is no way to go on", *options.state_resume),
                       "write stored or wall");
        if (!plan.state)
            wrong_flag("--state-resume", "nothing is kept to go on from", "add --state DIR");
        plan.state->resume = *resume;
    }
    if (plan.state)
        if (const auto fault = wrong_resume(plan.state->resume, plan.pace))
            wrong_flag(options.state_resume ? "--state-resume" : "--clock", *fault);
    if (options.start) {
        Fault fault;
        const auto start = read_site_time(*options.start, fault);
        if (!start)
            wrong_flag("--start", fault);
        plan.start = *start;
        for (const MeterPlan& meter : plan.meters)
            if (!clock_starts_well(meter, plan.start)) {
                wrong_flag("--start",
                           fmt::format("the clock_offset of {} leads out of the years that a "
                                       "meter's clock shows",
                                       meter.spec.name),
                           fmt::format("they go from {} to {}", first_clock_year, last_clock_year));
            }
    }
    run_time(options, plan);
}

namespace {

/// Throws for a state of another farm: nothing has been started yet.
void go_on_from(Actions& actions, const std::string& path) {
    std::vector<Mistake> mistakes;
    const auto saved = read_file(path, mistakes);
    if (!saved)
        throw FileError{mistakes};
    try {
        actions.restore({reinterpret_cast<const std::uint8_t*>(saved->data()), saved->size()});
    } catch (const BadState& bad) {
        wrong_flag("--from", fmt::format("{} does not fit: {}", path, bad.what()),
                   "start the farm file, seed and version that it was saved from");
    }
}

/// After meters have come or gone. A disk that is full now ends no farm.
void rewrite_ready_file(const std::string& path, const FarmPlan& plan, const FarmServer& server,
                        const std::optional<std::string>& api) {
    if (path.empty())
        return;
    try {
        write_ready_file(path, plan, server, api);
    } catch (const CouldNotStart& bad) {
        spdlog::warn(bad.what());
    }
}

std::size_t screen_lines() {
    winsize size{};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

/// When time does not pass at its own pace, the first uploads would be over before the broker has
/// greeted anybody: wait for the clients, but not for a broker that is down.
void wait_for_broker(EventLoop& loop, const FarmServer& server) {
    const auto deadline = std::chrono::steady_clock::now() + 2s;
    while (server.radios().connected() < server.radios().clients() &&
           std::chrono::steady_clock::now() < deadline)
        loop.run_one_for(10ms);
}

/// On a terminal the farm is shown as a table that is drawn anew each second.
class Screen {
public:
    Screen(EventLoop& loop, const Farm& farm, const FarmServer& server)
        : timer_{loop}, farm_{farm}, server_{server} {}

    void start() { draw(); }
    void stop() { timer_.cancel(); }

private:
    void draw() {
        // What a terminal that is stopped or gone does not take is drawn another time.
        write_without_waiting(STDOUT_FILENO,
                              "\x1b[H\x1b[J" + live_table(farm_, server_, screen_lines()));
        timer_.expires_after(1s);
        timer_.async_wait([this](const boost::system::error_code& error) {
            if (!error)
                draw();
        });
    }

    LoopTimer timer_;
    const Farm& farm_;
    const FarmServer& server_;
};

std::unique_ptr<Recorder> open_recorder(const std::string& folder) {
    if (folder.empty())
        return nullptr;
    try {
        return std::make_unique<Recorder>(folder);
    } catch (const CannotRecord& e) {
        throw CouldNotStart{e.what()};
    }
}

/// One line for each place where clients can come in.
void log_endpoints(const FarmServer& server) {
    std::map<std::string, int> units_at;
    for (const UnitEndpoints* unit : server.units()) {
        for (const OpenEndpoint& endpoint : unit->endpoints) {
            const bool connects = endpoint.kind == OpenEndpoint::Kind::connects;
            ++units_at[endpoint.protocol + (connects ? " to " : " ") + endpoint.where];
        }
    }
    if (const auto broker = server.radios().broker())
        spdlog::info(fmt::format("MQTT broker {}", to_text(*broker)));
    constexpr std::size_t enough = 20;
    if (units_at.size() > enough) {
        spdlog::info(fmt::format("{} Modbus endpoints; --ready-file lists them", units_at.size()));
        return;
    }
    for (const auto& [where, units] : units_at)
        spdlog::info(fmt::format("{}: {} unit{}", where, units, units == 1 ? "" : "s"));
}

/// A sentence a meter; a farm of thousands may have as many at once.
void log_meters(spdlog::level::level_enum level, const std::vector<std::string>& remarks) {
    constexpr std::size_t enough = 20;
    for (std::size_t n = 0; n < std::min(enough, remarks.size()); ++n)
        spdlog::log(level, remarks[n]);
    if (remarks.size() > enough)
        spdlog::log(level, fmt::format("… and {} more", remarks.size() - enough));
}

void log_farewell(const Farm& farm, const FarmServer& server) {
    const Traffic t = server.traffic();
    spdlog::info(fmt::format(
        "stopped at {}, fidelity {}: {} requests served, {} exceptions, {} MQTT messages, "
        "{} dropped",
        iso_text(farm.site_time()), name_of(farm.plan().fidelity), t.requests, t.exceptions,
        t.published, t.dropped));
    const std::uint64_t odd = t.bad_crc + t.short_frames + t.long_frames + t.bad_header +
                              t.other_units + t.wrong_line + t.too_soon + t.collisions +
                              t.answers_heard;
    if (odd > 0) {
        spdlog::info(fmt::format(
            "not understood: {} bad CRC, {} short, {} long, {} bad header, {} for other units, "
            "{} on other line settings, {} too soon, {} collisions, {} answers",
            t.bad_crc, t.short_frames, t.long_frames, t.bad_header, t.other_units, t.wrong_line,
            t.too_soon, t.collisions, t.answers_heard));
    }
}

} // namespace

Exit run_farm(FarmPlan plan, const RunOptions& options) {
    override_plan(plan, options);
    check_start(plan);
    const std::optional<SimDuration> run_for = run_time(options, plan);
    const bool on_terminal = isatty(STDOUT_FILENO) != 0;
    set_up_log(on_terminal);
    spdlog::info(fmt::format("{}; seed {}, clock {}, fidelity {}, start {}, {} metering thread{}",
                             version_text(), plan.seed, to_text(plan.pace), name_of(plan.fidelity),
                             iso_text(plan.start), options.threads,
                             options.threads == 1 ? "" : "s"));
    for (const std::string& remark : plan.remarks)
        spdlog::warn(remark);
    if (!options.ready_file.empty()) // an old one must not be taken for ours
        remove_old_ready_file(options.ready_file);

    const std::unique_ptr<Recorder> recorder = open_recorder(options.record);
    make_room_for_descriptors(descriptors_needed(plan));
    Farm farm{plan, options.threads};
    Actions actions{farm};
    if (!options.from.empty())
        go_on_from(actions, options.from);
    std::optional<KeptFarm> kept;
    if (plan.state)
        kept.emplace(plan, farm, actions, !options.from.empty());
    else
        spdlog::info("nothing is kept: what the meters count is gone when the farm stops; "
                     "--state DIR keeps it");
    const std::optional<SimTime> until =
        run_for ? std::optional{farm.now() + *run_for} : std::nullopt;
    asio::io_context loop{1};
    asio::signal_set signals{loop}; // from here on there is something to put away
    catch_stop_signals(signals);
    FarmServer server{loop, farm};
    ServedFaults faults{actions, farm, server};
    Screen screen{loop, farm, server};
    std::optional<FarmEvents> events; // where somebody may listen
    if (plan.api || !plan.hooks.empty())
        events.emplace(farm, server);
    if (events)
        events->follow(actions);
    for (const HookPlan& hook : plan.hooks)
        events->add(loop, hook);
    std::optional<ControlApi> api;
    FarmExpectations expectations{farm};
    Runner::Hooks hooks;
    hooks.stepped = [&] {
        if (kept)
            kept->sent();
        expectations.look();
    };
    if (kept)
        kept->follow(hooks);
    hooks.next_stop = [&] { return std::min(expectations.next_stop(), faults.next_stop()); };
    hooks.sent = [&] { faults.sent(); };
    hooks.upload = [&](const UnitEndpoints& unit, const Message& message) {
        faults.says(message);
        if (events)
            events->upload(unit, message);
        expectations.hear(message);
        if (recorder)
            recorder->message(civil_time(plan.start, message.at), *unit.circuit, message);
    };
    ClipWatch clips;
    SensorWatch sensors;
    OverloadWatch overloads;
    AddressWatch addresses{server};
    HeldWatch held;
    std::uint64_t followed = server.followed(); // by the ready file
    std::optional<std::string> url;
    hooks.published = [&] {
        if (std::exchange(followed, server.followed()) != server.followed())
            rewrite_ready_file(options.ready_file, farm.plan(), server, url);
        faults.published();
        const ClipWatch::Remarks remarks = clips.look(farm);
        log_meters(spdlog::level::warn, remarks.begun);
        log_meters(spdlog::level::info, remarks.over);
        const SensorWatch::Remarks sensed = sensors.look(farm);
        log_meters(spdlog::level::warn, sensed.begun);
        log_meters(spdlog::level::info, sensed.over);
        std::vector<std::string> overloaded;
        for (const Overloaded& one : overloads.look(farm))
            overloaded.push_back(to_text(farm, one));
        log_meters(spdlog::level::warn, overloaded);
        log_meters(spdlog::level::warn, held.look(farm));
        log_meters(spdlog::level::warn, refused_at_keys(farm));
        const AddressWatch::Changes moves = addresses.look();
        log_meters(spdlog::level::warn, moves.met);
        log_meters(spdlog::level::info, moves.parted);
        if (events)
            events->published();
    };
    hooks.finished = [&] {
        screen.stop();
        signals.cancel();
        if (events)
            events->hub().close();
        const auto close_server = [&] { server.close([&] { loop.stop(); }); };
        if (api)
            api->close(close_server); // whoever asked for the end is to hear of it
        else
            close_server();
    };
    Runner runner{loop, farm, server, plan.pace, until, std::move(hooks)};
    if (plan.api) {
        api.emplace(loop, *plan.api, options.api_token, farm, server, runner, actions, *events);
        api->judged_by(expectations);
        if (kept)
            api->kept_by(*kept);
        url = api->url();
        spdlog::info(fmt::format("control API {}", *url));
    }
    if (!options.ready_file.empty())
        write_ready_file(options.ready_file, plan, server, url);
    log_endpoints(server);
    const std::size_t meters = server.units().size();
    log_bare(fmt::format("ready: {} meter{}", meters, meters == 1 ? "" : "s"));
    signals.async_wait([&](const boost::system::error_code& error, int) {
        if (!error)
            runner.stop();
    });
    if (on_terminal)
        screen.start();
    if (plan.pace.mode != Pace::Mode::realtime)
        wait_for_broker(loop, server);
    runner.start();
    loop.run();

    if (kept)
        kept->close();
    if (recorder)
        recorder->finish(farm);
    log_farewell(farm, server);
    if (!plan.hooks.empty())
        spdlog::info(fmt::format("hooks: {} events posted, {} lost, {} that waited still",
                                 events->posted(), events->lost(), events->waiting()));
    return Exit::ok;
}

} // namespace kpmsim
