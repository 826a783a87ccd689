#include "servers/api/api.hpp"

#include "files/mistake.hpp"
#include "servers/api/problem.hpp"
#include "servers/api/routes.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace kpmsim {
namespace {

using namespace api;

constexpr std::size_t small = 64 * 1024;
constexpr std::size_t large = std::size_t{1} << 30; ///< a saved farm

constexpr std::array routes{
    ApiRoute{"GET", "/healthz", "", 0, get_healthz},
    ApiRoute{"GET", "/readyz", "", 0, get_readyz},
    ApiRoute{"GET", "/version", "", 0, get_version},
    ApiRoute{"GET", "/metrics", "", 0, get_metrics},
    ApiRoute{"GET", "/openapi.json", "", 0, get_openapi},
    ApiRoute{"GET", "/v1/farm", "", 0, get_farm},
    ApiRoute{"GET", "/v1/meters", "", 0, get_meters},
    ApiRoute{"POST", "/v1/meters", "", small, post_meters},
    ApiRoute{"GET", "/v1/meters/{name}", "", 0, get_meter},
    ApiRoute{"DELETE", "/v1/meters/{name}", "", 0, delete_meter},
    ApiRoute{"GET", "/v1/meters/{name}/points", "names truth circuit", 0, get_points},
    ApiRoute{"PATCH", "/v1/meters/{name}/points", "", small, patch_points},
    ApiRoute{"DELETE", "/v1/meters/{name}/points/{point}", "circuit", 0, delete_point},
    ApiRoute{"GET", "/v1/meters/{name}/registers/{address}", "words space circuit", 0,
             get_registers},
    ApiRoute{"PUT", "/v1/meters/{name}/registers/{address}", "circuit", small, put_registers},
    ApiRoute{"GET", "/v1/supplies", "", 0, get_supplies},
    ApiRoute{"GET", "/v1/loads", "", 0, get_loads},
    ApiRoute{"GET", "/v1/lines", "", 0, get_lines},
    ApiRoute{"GET", "/v1/time", "", 0, get_time},
    ApiRoute{"POST", "/v1/time/advance", "", small, post_advance},
    ApiRoute{"PUT", "/v1/time/clock", "", small, put_clock},
    ApiRoute{"GET", "/v1/action-kinds", "", 0, get_action_kinds},
    ApiRoute{"GET", "/v1/actions", "", 0, get_actions},
    ApiRoute{"POST", "/v1/actions", "", small, post_action},
    ApiRoute{"DELETE", "/v1/actions", "", 0, delete_actions},
    ApiRoute{"DELETE", "/v1/actions/{id}", "", 0, delete_action},
    ApiRoute{"GET", "/v1/scenario", "", 0, get_scenario},
    ApiRoute{"GET", "/v1/expectations", "", 0, get_expectations},
    ApiRoute{"POST", "/v1/expect", "", small, post_expect},
    ApiRoute{"GET", "/v1/journal", "meter line kind since limit", 0, get_journal},
    ApiRoute{"GET", "/v1/journal/count", "meter line kind since", 0, get_journal_count},
    ApiRoute{"POST", "/v1/journal/find", "", small, post_journal_find},
    ApiRoute{"GET", "/v1/journal/near-misses", "meter line since limit", 0, get_near_misses},
    ApiRoute{"DELETE", "/v1/journal", "", 0, delete_journal},
    ApiRoute{"GET", "/v1/events", "kinds every meter names", 0, get_events},
    ApiRoute{"GET", "/v1/state", "", 0, get_state},
    ApiRoute{"PUT", "/v1/state", "", large, put_state},
    ApiRoute{"POST", "/v1/reset", "", small, post_reset},
    ApiRoute{"POST", "/v1/shutdown", "", small, post_shutdown},
};

/// What stands where the pattern has {…}; nothing when the path does not fit it.
std::optional<std::vector<std::string>> match(std::string_view pattern,
                                              const std::vector<std::string>& path) {
    std::vector<std::string> names;
    std::size_t n = 0;
    while (!pattern.empty()) {
        pattern.remove_prefix(1); // the slash
        const std::string_view segment = pattern.substr(0, pattern.find('/'));
        pattern.remove_prefix(segment.size());
        if (n == path.size())
            return std::nullopt;
        if (segment.starts_with('{'))
            names.push_back(path[n]);
        else if (segment != path[n])
            return std::nullopt;
        ++n;
    }
    return n == path.size() ? std::optional{names} : std::nullopt;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        words.emplace_back(word);
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return words;
}

/// Nothing when the route takes every key of the query.
std::optional<Problem> wrong_key(const ApiRoute& route,
                                 const std::map<std::string, std::string>& query) {
    const std::vector<std::string> known = words_of(route.query);
    for (const auto& [key, value] : query) {
        if (std::find(known.begin(), known.end(), key) != known.end())
            continue;
        const std::string near = nearest(key, known);
        return Problem{400, "query " + key, fmt::format("unknown key \"{}\" in the query", key),
                       near.empty() ? known.empty() ? "this call takes none"
                                                    : fmt::format("known: {}", route.query)
                                    : "did you mean " + near + '?'};
    }
    return std::nullopt;
}

Problem no_such_path(std::string_view path) {
    std::vector<std::string> known;
    for (const ApiRoute& route : routes)
        if (known.empty() || known.back() != route.path)
            known.emplace_back(route.path);
    const std::string near = nearest(std::string{path}, known);
    return {404, "path", fmt::format("there is no {}", path),
            near.empty() ? "GET /openapi.json lists all there is" : "did you mean " + near + '?'};
}

} // namespace

std::span<const ApiRoute> api_routes() { return routes; }

std::size_t body_limit(std::string_view method, std::string_view target) {
    if (const auto parts = read_target(target))
        for (const ApiRoute& route : routes)
            if (route.method == method && match(route.path, parts->path))
                return std::max<std::size_t>(route.body, small); // a useless one is not an error
    return small;
}

void serve(ApiRoom& room, ApiRequest request, ApiReply reply) {
    ++room.requests;
    const auto target = read_target(request.target);
    if (!target)
        return reply(answer_of({400, "path", "the address cannot be read",
                                "write two hexadecimal digits behind each %, and each key once"}));
    std::string_view method{request.method};
    if (method == "HEAD")
        method = "GET";
    std::string allowed;
    for (const ApiRoute& route : routes) {
        auto names = match(route.path, target->path);
        if (!names)
            continue;
        if (route.method != method) {
            allowed += fmt::format("{}{}", route.method, route.method == "GET" ? ", HEAD, " : ", ");
            continue;
        }
        if (const auto problem = wrong_key(route, target->query))
            return reply(answer_of(*problem));
        return route.handler(
            room, {std::move(request), std::move(*names), target->query, std::move(reply)});
    }
    const std::string_view path =
        std::string_view{request.target}.substr(0, request.target.find('?'));
    if (allowed.empty() && request.target != "*")
        return reply(answer_of(no_such_path(path)));
    allowed += "OPTIONS";
    ApiAnswer answer;
    if (request.method == "OPTIONS")
        answer = {204, "", "", {}, {}};
    else
        answer = answer_of({405, "method", fmt::format("{} is not for {}", request.method, path),
                            "allowed: " + allowed});
    answer.headers.emplace_back("Allow", allowed);
    reply(std::move(answer));
}

} // namespace kpmsim
