#include "servers/api/json.hpp"

#include "files/json_parse.hpp"

#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <set>

namespace kpmsim::api {

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Body::Body(const std::string& text, const std::string& example) {
    json_ = text.empty() ? Json::object() : parse_sent_json(text, "body", example, mistakes_);
    if (mistakes_.empty() && !json_.is_object())
        note(mistakes_, {"body", 0, 0}, "the body is no object",
             "write an object such as " + example);
    if (!mistakes_.empty())
        json_ = Json::object();
}

const Json* Body::value(const std::string& key) {
    taken_.push_back(key);
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
}

bool Body::has(const std::string& key) { return value(key) != nullptr; }

std::optional<std::string> Body::text(const std::string& key) {
    const Json* json = value(key);
    if (json == nullptr)
        return std::nullopt;
    if (json->is_string())
        return json->get<std::string>();
    wrong(key, key + " is no text", "write a text in quotes");
    return std::nullopt;
}

std::optional<bool> Body::boolean(const std::string& key) {
    const Json* json = value(key);
    if (json == nullptr)
        return std::nullopt;
    if (json->is_boolean())
        return json->get<bool>();
    wrong(key, key + " is neither true nor false", "write true or false");
    return std::nullopt;
}

std::optional<std::int64_t> Body::integer(const std::string& key, std::int64_t least,
                                          std::int64_t most) {
    const Json* json = value(key);
    if (json == nullptr)
        return std::nullopt;
    if (json->is_number_integer()) {
        const bool huge = json->is_number_unsigned() &&
                          json->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
        const auto number = huge ? INT64_MAX : json->get<std::int64_t>();
        if (number >= least && number <= most)
            return number;
    }
    wrong(key, key + (json->is_number_integer() ? " is out of range" : " is no whole number"),
          fmt::format("write a whole number from {} to {}", least, most));
    return std::nullopt;
}

void Body::wrong(const std::string& key, std::string what, std::string cure) {
    note(mistakes_, {"body/" + key, 0, 0}, std::move(what), std::move(cure));
}

void Body::missing(const std::string& key, const std::string& example) {
    if (mistakes_.empty())
        note(mistakes_, {"body", 0, 0}, fmt::format("the body lacks \"{}\"", key),
             "add " + example);
}

void Body::finish() {
    for (const auto& [key, value] : json_.items()) {
        if (std::find(taken_.begin(), taken_.end(), key) != taken_.end())
            continue;
        const std::string near = nearest(key, taken_);
        std::string known;
        for (const std::string& each : std::set<std::string>{taken_.begin(), taken_.end()})
            known += (known.empty() ? "known: " : ", ") + each;
        wrong(key, fmt::format("unknown key \"{}\"", key),
              !near.empty()   ? "did you mean " + near + '?'
              : known.empty() ? "this call takes none"
                              : known);
    }
}

std::optional<std::uint16_t> read_address(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X"))
        text.remove_prefix(2);
    else if (text.ends_with('H') || text.ends_with('h'))
        text.remove_suffix(1);
    std::uint16_t address = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), address, 16);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{address}
                                                                    : std::nullopt;
}

bool is_json(const ApiCall& call, const std::string& example) {
    std::vector<Mistake> mistakes;
    parse_sent_json(call.request.body, "body", example, mistakes);
    if (!mistakes.empty())
        call.reply(answer_of(400, mistakes));
    return mistakes.empty();
}

bool is_empty(const ApiCall& call) {
    Body body{call.request.body, "{}"};
    body.finish();
    if (!body.mistakes().empty())
        call.reply(answer_of(400, body.mistakes()));
    return body.mistakes().empty();
}

std::optional<ApiMeter> meter_of(ApiRoom& room, const ApiCall& call) {
    auto meter = room.control.meter(call.names.front());
    if (!meter) {
        const std::string near = nearest(call.names.front(), room.control.meter_names());
        call.reply(
            answer_of({404, "path", fmt::format("there is no meter \"{}\"", call.names.front()),
                       near.empty() ? "GET /v1/meters lists them" : "did you mean " + near + '?'}));
    }
    return meter;
}

std::optional<int> circuit_of(const ApiMeter& meter, const ApiCall& call) {
    const auto asked = call.query.find("circuit");
    if (asked == call.query.end())
        return 0;
    const int most = static_cast<int>(meter.units.size());
    int circuit = 0;
    const char* const last = asked->second.data() + asked->second.size();
    const auto [end, error] = std::from_chars(asked->second.data(), last, circuit);
    if (error == std::errc{} && end == last && circuit >= 1 && circuit <= most)
        return circuit - 1;
    call.reply(answer_of({404, "query circuit",
                          fmt::format("{} has no circuit \"{}\"", meter.name, asked->second),
                          most == 1 ? "it has one" : fmt::format("write 1 to {}", most)}));
    return std::nullopt;
}

} // namespace kpmsim::api
