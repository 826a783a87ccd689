#pragma once

// For .cpp files of this room only: what all routes do with JSON.
#include "files/json_text.hpp"
#include "servers/api/api.hpp"
#include "servers/api/problem.hpp"
#include "sim/iso_time.hpp"

#include <nlohmann/json.hpp>

namespace kpmsim::api {

using Json = nlohmann::ordered_json;

inline ApiAnswer json_answer(const Json& json, int status = 200) {
    return {status, "application/json", json_text(json) + '\n', {}, {}};
}

/// null for what is no number: JSON has none.
Json number_or_null(double value);
/// Nearest to what was written: 7.3, not 7.300000000000001.
inline double seconds_json(SimDuration d) { return static_cast<double>(d.count()) / 1e9; }

/// An object that came as a body, while it is read. Collects every mistake, each with its place.
class Body {
public:
    /// `example`: what could have been sent.
    Body(const std::string& text, const std::string& example);

    bool has(const std::string& key);
    std::optional<std::string> text(const std::string& key);
    std::optional<bool> boolean(const std::string& key);
    std::optional<std::int64_t> integer(const std::string& key, std::int64_t least,
                                        std::int64_t most);
    /// Any kind; null when it is not there.
    const Json* value(const std::string& key);
    void wrong(const std::string& key, std::string what, std::string cure);
    void missing(const std::string& key, const std::string& example);
    /// Every key that was not asked for is a mistake. Call once, last.
    void finish();
    const std::vector<Mistake>& mistakes() const { return mistakes_; }

private:
    Json json_;
    std::vector<std::string> taken_;
    std::vector<Mistake> mistakes_;
};

/// An entry as GET /v1/journal and the events show it.
Json journal_json(const JournalEntry& entry, CivilTime start);

/// Whether the body is JSON, for those who read it themselves; answers itself when it is none.
bool is_json(const ApiCall& call, const std::string& example);
/// Whether the body says nothing, as the call takes none; answers itself when it does.
bool is_empty(const ApiCall& call);

/// What an advance counts on must not be taken from under it.
std::optional<Problem> is_moving(const Control& control);
/// "0240", "0x240", "240H": hexadecimal, as in the maps.
std::optional<std::uint16_t> read_address(std::string_view text);
/// The meter of the path; answers itself when there is none.
std::optional<ApiMeter> meter_of(ApiRoom& room, const ApiCall& call);
/// The circuit that the query asks for, 0-based; answers itself when the meter has none such.
std::optional<int> circuit_of(const ApiMeter& meter, const ApiCall& call);

} // namespace kpmsim::api
