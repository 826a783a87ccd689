#include "cli/control/api_client.hpp"

#include "cli/terminal/report.hpp"
#include "files/text_file.hpp"
#include "servers/net/asio.hpp"

#include <boost/asio/connect.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

namespace kpmsim {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Json = nlohmann::json;

/// boost::none would refuse any length here (Boost 1.74: "len > none" is true).
constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

constexpr std::string_view scheme = "http://";

std::string api_of(const std::string& ready_file) {
    std::vector<Mistake> mistakes;
    const auto text = read_text(ready_file, mistakes);
    const Json ready = Json::parse(text.value_or(""), nullptr, false);
    if (!text || !ready.is_object())
        throw ApiError{
            fmt::format("there is no ready file {}; start a farm with `kpmsim up FARM.toml "
                        "--detach`, or say --api or --ready-file",
                        ready_file)};
    if (!ready.contains("api") || !ready["api"].is_string())
        throw ApiError{fmt::format("the farm of {} has no control API; start it with --api "
                                   "127.0.0.1:0",
                                   ready_file)};
    return ready["api"].get<std::string>();
}

/// A place of the request as who typed a verb knows it: body/for is --for, body/values/x is x, what a
/// verb of time takes has no flag; the rest of a request he has not written.
std::string on_command_line(std::string place, std::string_view target) {
    static const std::map<std::string, std::string> of_time{{"body/by", "DURATION"},
                                                            {"body/to", "TIME"},
                                                            {"body/until", "CONDITION"},
                                                            {"body/clock", "CLOCK"}};
    static const std::map<std::string, std::string> operands{
        {"body/at_most", "--at-most"}, {"query names", "POINT"}, {"body", ""}, {"path", ""}};
    if (const auto operand = of_time.find(place);
        operand != of_time.end() && target.starts_with("/v1/time/"))
        return operand->second;
    if (const auto operand = operands.find(place); operand != operands.end())
        return operand->second;
    for (const auto& [begin, flag] :
         {std::pair<std::string_view, std::string_view>{"body/values/", ""},
          {"body/", "--"},
          {"query ", "--"}})
        if (place.starts_with(begin))
            return std::string{flag} + place.substr(begin.size());
    return place;
}

/// What a problem says, as the other messages are written.
std::string sentence_of(const std::string& body, int status, std::string_view target) {
    const Json problem = Json::parse(body, nullptr, false);
    if (!problem.is_object() || !problem.contains("detail"))
        return fmt::format("the API answered {}", status);
    std::string text;
    const auto add = [&](const Json& one) {
        const std::string where = on_command_line(one.value("place", ""), target);
        text +=
            fmt::format("{}{}{}{}; {}", text.empty() ? "" : "\n", where, where.empty() ? "" : ": ",
                        one.value("detail", ""), one.value("cure", ""));
    };
    if (problem.contains("mistakes"))
        for (const Json& one : problem["mistakes"])
            add(one);
    else
        add(problem);
    return text;
}

} // namespace

ApiClient::ApiClient(const ApiWhere& where) : token_{where.token} {
    std::string url = where.api;
    if (url.empty())
        url = api_of(where.ready_file.empty() ? default_ready_file : where.ready_file);
    std::string_view host = url;
    if (host.starts_with(scheme))
        host.remove_prefix(scheme.size());
    if (host.ends_with('/'))
        host.remove_suffix(1);
    Fault fault;
    const auto endpoint = parse_server(host, fault);
    if (!endpoint)
        wrong_flag("--api", fault);
    endpoint_ = *endpoint;
}

ApiClient::Answer ApiClient::exchange(const std::string& method, const std::string& target,
                                      const std::string& body) const {
    asio::io_context loop;
    asio::ip::tcp::resolver resolver{loop};
    asio::ip::tcp::socket socket{loop};
    boost::system::error_code error;
    const auto found = resolver.resolve(endpoint_.host, std::to_string(endpoint_.port), error);
    if (!error)
        asio::connect(socket, found, error);
    if (error)
        throw ApiError{fmt::format("nobody answers at http://{}: {}; is the farm running?",
                                   to_text(endpoint_), error.message())};
    http::request<http::string_body> request;
    request.method_string(method);
    request.target(target);
    request.set(http::field::host, to_text(endpoint_));
    request.set(http::field::connection, "close");
    if (!token_.empty())
        request.set(http::field::authorization, "Bearer " + token_);
    request.body() = body;
    request.prepare_payload();
    http::write(socket, request, error);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(no_limit);
    // No time-out: an advance takes as long as it takes, and a farm that ends closes the connection.
    if (!error)
        http::read(socket, buffer, parser, error);
    if (error)
        throw ApiError{fmt::format("the farm at http://{} went away: {}", to_text(endpoint_),
                                   error.message())};
    return {static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
}

std::string ApiClient::ask(const std::string& method, const std::string& target,
                           const std::string& body) const {
    Answer answer = exchange(method, target, body);
    if (answer.status >= 400)
        throw ApiError{sentence_of(answer.body, answer.status, target)};
    return std::move(answer.body);
}

std::optional<int> ApiClient::status_of(const std::string& target) const {
    try {
        return exchange("GET", target, "").status;
    } catch (const ApiError&) {
        return std::nullopt;
    }
}

} // namespace kpmsim
