#include "cli/terminal/http_get.hpp"

#include "files/endpoint.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

namespace kpmsim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

struct Target {
    Endpoint at;
    std::string path;
};

std::optional<Target> target_of(std::string_view url, Fault& fault) {
    constexpr std::string_view scheme = "http://";
    if (!url.starts_with(scheme)) {
        fault = {fmt::format("\"{}\" is no http:// URL", url), "write http://127.0.0.1:8080/path"};
        return std::nullopt;
    }
    url.remove_prefix(scheme.size());
    const auto slash = std::min(url.find('/'), url.size());
    std::string host{url.substr(0, slash)};
    if (host.find(':', host.find(']') == std::string::npos ? 0 : host.find(']')) ==
        std::string::npos)
        host += ":80";
    const auto at = parse_server(host, fault);
    if (!at)
        return std::nullopt;
    std::string path{url.substr(slash)};
    return Target{*at, path.empty() ? "/" : path};
}

/// One request, step by step; each step gives up when the time is over.
class Exchange {
public:
    Exchange(asio::io_context& loop, const Target& target, std::chrono::seconds patience)
        : resolver_{loop}, stream_{loop}, request_{http::verb::get, target.path, 11} {
        request_.set(http::field::host, to_text(target.at));
        request_.set(http::field::connection, "close");
        stream_.expires_after(patience);
        resolver_.async_resolve(target.at.host, std::to_string(target.at.port),
                                [this](beast::error_code error, const auto& found) {
                                    if (!failed(error))
                                        connect(found);
                                });
    }
    beast::error_code error() const { return error_; }
    const http::response<http::string_body>& answer() const { return answer_; }

private:
    bool failed(beast::error_code error) {
        error_ = error;
        return static_cast<bool>(error);
    }
    void connect(const asio::ip::tcp::resolver::results_type& found) {
        stream_.async_connect(
            found,
            [this](beast::error_code error, const auto&) {
                if (!failed(error))
                    http::async_write(
                        stream_, request_,
                        [this](beast::error_code e, std::size_t) {
                            if (!failed(e))
                                read();
                        });
            });
    }
    void read() {
        http::async_read(
            stream_, buffer_, answer_,
            [this](beast::error_code error, std::size_t) { failed(error); });
    }

    asio::ip::tcp::resolver resolver_;
    beast::tcp_stream stream_;
    http::request<http::empty_body> request_;
    beast::flat_buffer buffer_;
    http::response<http::string_body> answer_;
    beast::error_code error_;
};

} // namespace

Result<std::string, std::string> http_get(const std::string& url, std::chrono::seconds patience) {
    Fault fault;
    const auto target = target_of(url, fault);
    if (!target)
        return Unexpected<std::string>{fault.what + "; " + fault.cure};
    asio::io_context loop;
    Exchange exchange{loop, *target, patience};
    loop.run();
    if (exchange.error())
        return Unexpected<std::string>{
            fmt::format("{} does not answer: {}", url, exchange.error().message())};
    const unsigned status = exchange.answer().result_int();
    if (status < 200 || status > 299)
        return Unexpected<std::string>{fmt::format("{} answers {}", url, status)};
    return exchange.answer().body();
}

} // namespace kpmsim
