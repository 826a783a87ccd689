#include "servers/api/problem.hpp"

#include "files/json_text.hpp"

#include <nlohmann/json.hpp>

namespace kpmsim {
namespace {

using Json = nlohmann::ordered_json;

/// What a client may branch on; says no more than the status, and stays.
std::string type_of(int status) {
    std::string name{title_of(status)};
    for (char& c : name)
        c = c == ' ' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return "urn:kpmsim:" + name;
}

} // namespace

std::string_view title_of(int status) {
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 413:
        return "Content Too Large";
    case 421:
        return "Misdirected Request";
    case 422:
        return "Unprocessable Content";
    case 431:
        return "Request Header Fields Too Large";
    case 503:
        return "Service Unavailable";
    default:
        return "Internal Server Error";
    }
}

ApiAnswer answer_of(const Problem& problem) {
    return answer_of(problem.status,
                     {Mistake{Place{problem.place, 0, 0}, problem.what, problem.cure}});
}

ApiAnswer answer_of(int status, const std::vector<Mistake>& mistakes) {
    const Mistake& first = mistakes.front();
    Json json{{"type", type_of(status)}, {"title", title_of(status)},     {"status", status},
              {"detail", first.what},    {"place", to_text(first.place)}, {"cure", first.cure}};
    if (mistakes.size() > 1) {
        json["mistakes"] = Json::array();
        for (const Mistake& each : mistakes)
            json["mistakes"].push_back(
                {{"detail", each.what}, {"place", to_text(each.place)}, {"cure", each.cure}});
    }
    ApiAnswer answer{status, "application/problem+json", json_text(json) + '\n', {}, {}};
    if (status == 401)
        answer.headers.emplace_back("WWW-Authenticate", "Bearer");
    return answer;
}

} // namespace kpmsim
