#include "cli/play/served_scenario.hpp"

#include "cli/control/control_api.hpp"
#include "cli/control/farm_events.hpp"
#include "cli/control/farm_expectations.hpp"
#include "cli/control/ready_file.hpp"
#include "cli/play/outside_world.hpp"
#include "cli/serve/runner.hpp"
#include "cli/serve/served_faults.hpp"
#include "cli/serve/stop_signals.hpp"
#include "cli/terminal/child_process.hpp"
#include "cli/terminal/report.hpp"
#include "servers/net/asio.hpp"

#include <boost/asio/signal_set.hpp>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace kpmsim {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Wall = std::chrono::steady_clock;

/// A folder of its own for the ready file.
class TempFolder {
public:
    TempFolder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "kpmsim-run-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw CouldNotStart{"no temporary folder can be made"};
        path_ = pattern;
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    std::string operator/(const char* name) const { return path_ + '/' + name; }

private:
    std::string path_;
};

/// shop-1 circuit 2 becomes SHOP_1_CIRCUIT_2.
std::string variable_name(const std::string& name) {
    std::string out;
    for (const char c : name)
        out += c >= 'a' && c <= 'z'                               ? static_cast<char>(c - 'a' + 'A')
               : (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ? c
                                                                  : '_';
    return out;
}

using Variables = std::vector<std::pair<std::string, std::string>>;

Variables variables_of(const FarmServer& server, const std::string& api, const std::string& ready) {
    Variables all{{"KPMSIM_API", api}, {"KPMSIM_READY", ready}};
    if (const auto broker = server.radios().broker())
        all.emplace_back("KPMSIM_BROKER", to_text(*broker));
    for (const UnitEndpoints* unit : server.units()) {
        const std::string name = variable_name(unit->name());
        if (unit->modbus_tcp)
            all.emplace_back("KPMSIM_TCP_" + name, to_text(*unit->modbus_tcp));
        if (unit->pty)
            all.emplace_back("KPMSIM_PTY_" + name, *unit->pty);
        if (unit->modbus_tcp || unit->pty)
            all.emplace_back("KPMSIM_UNIT_" + name, fmt::to_string(unit->unit()));
    }
    return all;
}

class Served {
public:
    Served(Conductor& conductor, const ServedOptions& options)
        : conductor_{conductor}, options_{options}, server_{loop_, conductor.farm()},
          faults_{conductor.actions(), conductor.farm(), server_},
          events_{conductor.farm(), server_}, outside_{[this] { loop_.run_one_for(2ms); }},
          signals_{loop_}, timer_{loop_}, runner_{loop_,        conductor.farm(),
                                                  server_,      pace(conductor.farm().plan()),
                                                  std::nullopt, hooks()},
          api_{loop_,
               conductor.farm().plan().api.value_or(Endpoint{"127.0.0.1", 0}),
               "",
               conductor.farm(),
               server_,
               runner_,
               conductor.actions(),
               events_},
          expectations_{conductor.farm(), &conductor} {
        api_.judged_by(expectations_);
        for (const HookPlan& hook : conductor.farm().plan().hooks)
            events_.add(loop_, hook);
        conductor.witness().outside(
            [this](const Expectation& expectation) { return outside_.ask(expectation); });
        expectations_.outside(
            [this](const Expectation& expectation) { return outside_.ask(expectation); });
        if (const auto broker = server_.radios().broker())
            outside_.broker("mqtt://" + to_text(*broker));
        events_.on_request([this](const JournalEntry& entry) { note(entry); });
    }

    ServedEnd run() {
        const std::string ready = folder_ / "ready.json";
        write_ready_file(ready, conductor_.farm().plan(), server_, api_.url());
        catch_stop_signals(signals_);
        signals_.async_wait([this](const boost::system::error_code& error, int) {
            if (!error)
                stop("it was stopped by a signal");
        });
        child_.emplace(ChildProcess::Options{options_.command,
                                             variables_of(server_, api_.url(), ready), false});
        begun_ = Wall::now();
        conductor_.look();
        watch_child();
        runner_.start();
        loop_.run();
        child_.reset();
        return end_;
    }

private:
    Pace pace(const FarmPlan& plan) const {
        if (!options_.clock)
            return plan.pace;
        return read_pace(*options_.clock).value_or(plan.pace);
    }

    Runner::Hooks hooks() {
        Runner::Hooks hooks;
        hooks.sent = [this] { faults_.sent(); };
        hooks.upload = [this](const UnitEndpoints& unit, const Message& message) {
            faults_.says(message);
            events_.upload(unit, message);
            conductor_.hear(message);
            expectations_.hear(message);
        };
        hooks.published = [this] {
            faults_.published();
            conductor_.remark();
            events_.published();
        };
        hooks.stepped = [this] {
            conductor_.look();
            expectations_.look();
        };
        hooks.next_stop = [this] {
            return std::max(
                std::min({conductor_.next_stop(), expectations_.next_stop(), faults_.next_stop()}),
                conductor_.farm().now() + SimDuration{1});
        };
        hooks.finished = [this] {
            conductor_.finish();
            end_.posted = expectations_.finish();
            signals_.cancel();
            timer_.cancel();
            events_.hub().close();
            api_.close([this] { server_.close([this] { loop_.stop(); }); });
        };
        return hooks;
    }

    void watch_child() {
        if (const auto code = child_->exit_code()) {
            end_.code = code;
            runner_.stop();
            return;
        }
        if (options_.time_limit && Wall::now() - begun_ > *options_.time_limit) {
            child_->end();
            stop(fmt::format("the command did not end within {:g} s",
                             std::chrono::duration<double>(*options_.time_limit).count()));
            return;
        }
        timer_.expires_after(10ms);
        timer_.async_wait([this](const boost::system::error_code& error) {
            if (!error)
                watch_child();
        });
    }

    /// A request as a client would have noted it.
    void note(const JournalEntry& entry) {
        const auto asked = asked_in(entry.request);
        if (!asked)
            return;
        Noted noted;
        noted.at = entry.at;
        noted.client = outside_client;
        noted.event = "request";
        noted.meter = entry.meter;
        noted.circuit = std::max(entry.circuit - 1, 0);
        noted.what = fmt::format("{:02} {:04X}H {}", asked->function, asked->address, asked->count);
        noted.text = entry.line;
        conductor_.hear(noted);
        const auto exception = exception_in(entry.answer);
        noted.event = entry.answer.empty() || exception ? "failure" : "answer";
        if (entry.answer.empty())
            noted.text = "no answer";
        else if (exception)
            noted.text = fmt::format("exception {}", *exception);
        conductor_.hear(noted);
    }

    void stop(std::string why) {
        end_.trouble = std::move(why);
        runner_.stop();
    }

    Conductor& conductor_;
    const ServedOptions& options_;
    TempFolder folder_;
    asio::io_context loop_{1};
    FarmServer server_;
    ServedFaults faults_;
    FarmEvents events_;
    OutsideWorld outside_;
    asio::signal_set signals_;
    LoopTimer timer_;
    Runner runner_;
    ControlApi api_;
    FarmExpectations expectations_;
    std::optional<ChildProcess> child_;
    Wall::time_point begun_{};
    ServedEnd end_;
};

} // namespace

ServedEnd serve_scenario(Conductor& conductor, const ServedOptions& options) {
    return Served{conductor, options}.run();
}

} // namespace kpmsim
