#include "cli/control/control_verbs.hpp"

#include "cli/terminal/report.hpp"
#include "cli/terminal/table.hpp"
#include "files/number.hpp"
#include "files/text_file.hpp"
#include "servers/api/message.hpp"
#include "sim/clock.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <iostream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

namespace kpmsim {

namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

std::string shown(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.is_null() ? "-" : value.dump();
}

std::string path_of(const std::string& meter, const std::string& rest) {
    return "/v1/meters/" + percent_encoded(meter) + rest;
}

/// Tries until it holds or the time is over.
template <class Predicate>
bool wait_until(const std::string& timeout, Predicate holds) {
    const auto end = std::chrono::steady_clock::now() + parse_duration(timeout, "--timeout");
    while (!holds()) {
        if (std::chrono::steady_clock::now() >= end)
            return false;
        std::this_thread::sleep_for(20ms);
    }
    return true;
}

void set_clock(const ApiClient& client, const std::string& clock) {
    const Json time =
        Json::parse(client.ask("PUT", "/v1/time/clock", Json{{"clock", clock}}.dump()));
    fmt::print("{} {}\n", shown(time["now"]), shown(time["clock"]));
}

Exit advance(const ApiClient& client, const Json& what, bool json) {
    const Json done = Json::parse(client.ask("POST", "/v1/time/advance", what.dump()));
    if (json)
        fmt::print("{}\n", done.dump(2));
    else
        fmt::print("{}\n", shown(done["now"]));
    if (const auto lost = done["undelivered"].get<std::uint64_t>(); lost > 0)
        std::cerr << fmt::format("{} messages were confirmed by no broker\n", lost);
    if (done["reached"].get<bool>())
        return Exit::ok;
    std::cerr << "the condition did not come true\n";
    return Exit::failed;
}

} // namespace

Exit wind_time(const TimeOptions& options) {
    const ApiClient client{options.where};
    if (options.what == "advance")
        return advance(client, {{"by", options.operand}}, options.json);
    if (options.what == "until") {
        CivilTime moment;
        if (parse_iso(options.operand, moment))
            return advance(client, {{"to", options.operand}}, options.json);
        Json what{{"until", options.operand}};
        if (!options.at_most.empty())
            what["at_most"] = options.at_most;
        return advance(client, what, options.json);
    }
    if (options.what == "speed") {
        set_clock(client, options.operand);
    } else if (options.what == "pause") {
        set_clock(client, "paused");
    } else {
        const Json time = Json::parse(client.ask("GET", "/v1/time"));
        if (options.json)
            fmt::print("{}\n", time.dump(2));
        else
            fmt::print("{} {}\n", shown(time["now"]), shown(time["clock"]));
    }
    return Exit::ok;
}

Exit get_points(const GetOptions& options) {
    const ApiClient client{options.where};
    std::string query = fmt::format("?circuit={}&truth={}", options.circuit, options.truth);
    std::string names;
    for (const std::string& point : options.points)
        names += (names.empty() ? "" : ",") + point;
    if (!names.empty())
        query += "&names=" + percent_encoded(names);
    const Json answer = Json::parse(client.ask("GET", path_of(options.meter, "/points" + query)));
    if (options.json) {
        fmt::print("{}\n", answer.dump(2));
        return Exit::ok;
    }
    for (const auto& [name, point] : answer["points"].items())
        fmt::print("{:<24} {:>16} {:<6}{}\n", name, shown(point["value"]), shown(point["unit"]),
                   options.truth ? " " + shown(point["truth"]) : "");
    return Exit::ok;
}

namespace {

/// As the keys take it: up to four digits.
int password_of(const std::string& text) {
    const auto number = text.size() <= 4 ? whole_number(text) : std::nullopt;
    if (!number || *number < 0)
        wrong_flag("--password", fmt::format("\"{}\" is no password of a meter", text),
                   "write its four digits: --password 6666");
    return static_cast<int>(*number);
}

} // namespace

Exit set_points(const SetOptions& options) {
    Json values = Json::object();
    for (const std::string& text : options.assignments) {
        const auto equals = text.find('=');
        const auto value =
            equals == std::string::npos ? std::nullopt : read_number(text.substr(equals + 1));
        if (!value)
            wrong_flag("point",
                       equals == std::string::npos
                           ? fmt::format("\"{}\" sets nothing", text)
                           : fmt::format("\"{}\" is no number", text.substr(equals + 1)),
                       "write POINT=NUMBER: demand_minutes=10; what has names has numbers, too: "
                       "`kpmsim map MODEL`");
        const std::string name = text.substr(0, equals);
        if (values.contains(name))
            wrong_flag("point", fmt::format("{} is set twice", name), "leave one of them out");
        values[name] = *value;
    }
    Json body{{"values", values}, {"circuit", options.circuit}};
    if (options.password) {
        body["as"] = "keys";
        body["password"] = password_of(*options.password);
    }
    const ApiClient client{options.where};
    const Json done =
        Json::parse(client.ask("PATCH", path_of(options.meter, "/points"), body.dump()));
    for (const auto& [name, value] : done["values"].items())
        fmt::print("{} = {}\n", name, shown(value));
    return Exit::ok;
}

Exit show_journal(const JournalOptions& options) {
    const ApiClient client{options.where};
    std::string query = fmt::format("?limit={}", options.limit);
    for (const auto& [key, value] :
         {std::pair{"meter", options.meter}, std::pair{"line", options.line},
          std::pair{"kind", options.kind}})
        if (!value.empty() && !(options.near_misses && std::string_view{key} == "kind"))
            query += fmt::format("&{}={}", key, percent_encoded(value));
    const Json answer = Json::parse(client.ask(
        "GET", (options.near_misses ? "/v1/journal/near-misses" : "/v1/journal") + query));
    if (options.json) {
        fmt::print("{}\n", answer.dump(2));
        return Exit::ok;
    }
    for (const Json& entry : answer["entries"]) {
        const bool upload = entry["kind"] == "upload";
        const std::string what =
            upload
                ? fmt::format("{} {}", shown(entry["topic"]), shown(entry["payload"]))
                : fmt::format("unit {} {} -> {}{}{}", shown(entry["unit"]), shown(entry["request"]),
                              shown(entry["answer"]), entry["near_miss"].is_null() ? "" : "  ",
                              entry["near_miss"].is_null() ? "" : shown(entry["near_miss"]));
        fmt::print("{} {} {} {}\n", shown(entry["at"]), shown(entry["meter"]), shown(entry["line"]),
                   what);
    }
    return Exit::ok;
}

Exit save_farm(const SaveOptions& options) {
    const ApiClient client{options.where};
    const std::string state = client.ask("GET", "/v1/state");
    if (!write_text(options.file, [&](std::ostream& out) { out << state; }))
        throw ApiError{fmt::format("{} cannot be written; choose a folder that can", options.file)};
    return Exit::ok;
}

Exit wait_for_farm(const WaitOptions& options) {
    std::string why;
    const bool there = wait_until(options.timeout, [&] {
        try {
            const ApiClient client{options.where};
            return client.status_of("/readyz") == 200;
        } catch (const ApiError& error) { // no ready file yet
            why = error.what();
            return false;
        }
    });
    if (there)
        return Exit::ok;
    throw ApiError{why.empty() ? fmt::format("the farm is not ready after {}", options.timeout)
                               : why};
}

Exit end_farm(const WaitOptions& options) {
    const ApiClient client{options.where};
    client.ask("POST", "/v1/shutdown");
    if (wait_until(options.timeout, [&] { return !client.status_of("/healthz"); }))
        return Exit::ok;
    throw ApiError{fmt::format("the farm has not ended after {}", options.timeout)};
}

} // namespace kpmsim
