#include "cli/play/outside_world.hpp"

#include "cli/terminal/child_process.hpp"
#include "cli/terminal/http_get.hpp"
#include "files/csv.hpp"
#include "files/mqtt_url.hpp"
#include "files/number.hpp"
#include "servers/mqtt/mqtt_get.hpp"

#include <chrono>
#include <fmt/format.h>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;
using Answer = Result<std::string, std::string>;

constexpr auto patience = 30s;
constexpr auto message_patience = 5s;

Answer none(std::string why) { return Unexpected<std::string>{std::move(why)}; }

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    return first == std::string::npos
               ? std::string{}
               : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// What a JSON pointer finds in a text; without one the text itself.
Answer pointed_at(const std::string& text, const std::string& pointer) {
    if (pointer.empty())
        return trimmed(text);
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (json.is_discarded())
        return none(fmt::format("\"{}\" is no JSON", trimmed(text).substr(0, 60)));
    try {
        const auto& found = json.at(nlohmann::json::json_pointer{pointer});
        return found.is_string() ? found.get<std::string>() : found.dump();
    } catch (const nlohmann::json::exception&) {
        return none(fmt::format("there is nothing at {}", pointer));
    }
}

Answer from_sqlite(const std::string& file, const std::string& query) {
    sqlite3* opened = nullptr;
    const int error = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database{opened, sqlite3_close};
    if (error != SQLITE_OK)
        return none(fmt::format("{}: {}", file, sqlite3_errstr(error)));
    sqlite3_busy_timeout(opened, 5000); // its writer may be at it
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(opened, query.c_str(), -1, &prepared, nullptr) != SQLITE_OK)
        return none(fmt::format("{}: {}", file, sqlite3_errmsg(opened)));
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement{prepared,
                                                                          sqlite3_finalize};
    const int step = sqlite3_step(prepared);
    if (step == SQLITE_DONE)
        return none("the query finds no row");
    if (step != SQLITE_ROW)
        return none(fmt::format("{}: {}", file, sqlite3_errmsg(opened)));
    const unsigned char* text = sqlite3_column_text(prepared, 0);
    return text == nullptr ? none("the query finds NULL")
                           : Answer{std::string{reinterpret_cast<const char*>(text)}};
}

Answer from_csv(const std::string& file, const std::string& column, const std::string& row) {
    std::vector<Mistake> mistakes;
    const CsvTable table = load_csv(file, mistakes);
    if (!mistakes.empty())
        return none(to_text(mistakes.front()));
    const int at = table.column(column);
    if (at < 0)
        return none(
            fmt::format("{} has no column \"{}\"; it has {}", file, column, listed(table.header)));
    if (table.rows.empty())
        return none(file + " has no row");
    std::size_t n = table.rows.size();
    if (!row.empty() && row != "last") {
        const auto number = read_number(row);
        if (!number || *number < 1 || *number > static_cast<double>(table.rows.size()))
            return none(fmt::format("{} has no row {}; it has {}", file, row, table.rows.size()));
        n = static_cast<std::size_t>(*number);
    }
    return table.rows[n - 1].cell[static_cast<std::size_t>(at)];
}

} // namespace

Answer OutsideWorld::command(const std::string& line) const {
    ChildProcess child{{line, {}, true}};
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!child.exit_code()) {
        if (std::chrono::steady_clock::now() > deadline)
            return none(
                fmt::format("the command \"{}\" takes longer than {} s", line, patience.count()));
        meanwhile_();
    }
    if (*child.exit_code() != 0)
        return none(fmt::format("the command \"{}\" ends with {}", line, *child.exit_code()));
    return child.output();
}

/// Work that waits, in a thread of its own.
Answer OutsideWorld::meanwhile(std::function<Answer()> work) const {
    auto answer = std::async(std::launch::async, std::move(work));
    while (answer.wait_for(0s) != std::future_status::ready)
        meanwhile_();
    return answer.get();
}

Answer OutsideWorld::http(const std::string& url) const {
    return meanwhile([&] { return http_get(url, patience); });
}

Answer OutsideWorld::mqtt(const std::string& url, const std::string& topic) const {
    if (url.empty() && broker_.empty())
        return none("the farm has no broker of its own; name one: url = \"mqtt://127.0.0.1:1883\"");
    Fault fault;
    const auto broker = parse_mqtt_url(url.empty() ? broker_ : url, fault);
    if (!broker)
        return none(fmt::format("{}; {}", fault.what, fault.cure));
    return meanwhile([&] { return mqtt_get(*broker, topic, message_patience); });
}

Answer OutsideWorld::ask(const Expectation& expectation) const {
    const auto text = [&](const char* key) {
        const auto found = expectation.text.find(key);
        return found == expectation.text.end() ? std::string{} : found->second;
    };
    const std::string_view kind = expectation.kind->name;
    if (kind == "sqlite")
        return from_sqlite(text("file"), text("query"));
    if (kind == "csv")
        return from_csv(text("file"), text("column"), text("row"));
    const Answer found = kind == "http"   ? http(text("url"))
                         : kind == "mqtt" ? mqtt(text("url"), text("topic"))
                                          : command(text("run"));
    return found ? pointed_at(*found, text("pointer")) : found;
}

} // namespace kpmsim
