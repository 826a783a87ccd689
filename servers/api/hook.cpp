#include "servers/api/hook.hpp"

#include "servers/net/asio.hpp"

#include <algorithm>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <deque>
#include <fmt/format.h>
#include <optional>
#include <spdlog/spdlog.h>

namespace kpmsim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Stream = beast::basic_stream<tcp, LoopExecutor>;
using Resolver = asio::ip::basic_resolver<tcp, LoopExecutor>;

constexpr std::size_t answer_limit = 64 * 1024;

bool is_passing(unsigned status) { return status == 408 || status == 429 || status >= 500; }

} // namespace

struct Hook::Parts : std::enable_shared_from_this<Hook::Parts> {
    Parts(EventLoop& loop_, HookOptions options_)
        : loop{loop_}, options{std::move(options_)}, resolver{loop_}, timer{loop_},
          pause{options.first_pause} {}

    EventLoop& loop;
    const HookOptions options;
    Resolver resolver;
    LoopTimer timer;
    std::optional<Stream> stream; ///< while it is connected, or connecting
    beast::flat_buffer buffer;
    std::optional<http::response_parser<http::string_body>> parser;
    std::string out;
    std::deque<std::string> bodies; ///< the first is on its way
    std::size_t bytes{0};
    std::chrono::milliseconds pause;
    unsigned answers{0}; ///< to the first that asked for another time
    bool busy{false};
    bool kept{false}; ///< the connection has carried an answer already
    bool closing{false};
    bool said_down{false};
    bool said_lost{false};
    std::uint64_t sent{0}, lost{0};

    std::string url() const { return fmt::format("http://{}{}", options.host, options.path); }

    // A handler that does nothing once the hook is gone.
    template <class Function>
    auto guarded(Function function) {
        // Constrained, since asio asks which of its overloads a handler is for.
        return [ self = shared_from_this(), function ]<class... More>(
            const error_code& error,
            More&&... more) requires std::is_invocable_v<Function, Parts&, const error_code&,
                                                         More...> {
            if (!self->closing)
                function(*self, error, more...);
        };
    }

    void take(const Event& event) {
        std::string body =
            fmt::format(R"({{"id":{},"kind":"{}","event":{}}})", event.id, event.kind, event.json);
        if (bodies.size() >= options.most_waiting || bytes + body.size() > options.most_bytes)
            return lose(1, "it does not take them as fast as they come");
        bytes += body.size();
        bodies.push_back(std::move(body));
        if (!busy)
            go_on();
    }

    void lose(std::size_t events, const std::string& why) {
        lost += events;
        if (!std::exchange(said_lost, true))
            spdlog::warn(fmt::format("hook {}: events are lost: {}", url(), why));
    }

    void go_on() {
        busy = !bodies.empty();
        if (!busy)
            return;
        if (stream)
            write();
        else
            look_up();
    }

    void look_up() {
        resolver.async_resolve(
            options.server.host, std::to_string(options.server.port),
            guarded([](Parts& p, const error_code& error, const tcp::resolver::results_type& all) {
                if (error)
                    p.failed(error.message());
                else
                    p.connect(all);
            }));
    }

    void connect(const tcp::resolver::results_type& all) {
        kept = false;
        buffer.clear();
        stream.emplace(loop);
        stream->expires_after(options.patience);
        stream->async_connect(all,
                              guarded([](Parts& p, const error_code& error, const tcp::endpoint&) {
                                  if (error)
                                      p.failed(error == beast::error::timeout ? "it does not answer"
                                                                              : error.message());
                                  else
                                      p.write();
                              }));
    }

    void write() {
        out = fmt::format("POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: kpmsim\r\nContent-Type: "
                          "application/json\r\nContent-Length: {}\r\n\r\n",
                          options.path, options.host, bodies.front().size()) +
              bodies.front();
        stream->expires_after(options.patience);
        asio::async_write(*stream, asio::buffer(out),
                          guarded([](Parts& p, const error_code& error, std::size_t) {
                              if (error)
                                  p.broken(error);
                              else
                                  p.read();
                          }));
    }

    void read() {
        parser.emplace();
        parser->body_limit(answer_limit);
        http::async_read(*stream, buffer, *parser,
                         guarded([](Parts& p, const error_code& error, std::size_t) {
                             if (error)
                                 p.broken(error);
                             else
                                 p.answered();
                         }));
    }

    /// A server may end a connection that it had kept: then another one is made, and at once.
    void broken(const error_code& error) {
        if (kept) {
            stream.reset();
            look_up();
        } else {
            failed(error == beast::error::timeout ? "it does not answer"
                   : error == http::error::end_of_stream
                       ? "it closes the connection without an answer"
                       : error.message());
        }
    }

    void answered() {
        const unsigned status = parser->get().result_int();
        const bool keeps = parser->get().keep_alive();
        kept = true;
        if (!keeps)
            stream.reset();
        if (is_passing(status) && ++answers <= options.most_answers)
            return failed(fmt::format("it answers {}", status));
        if (status / 100 == 2) {
            ++sent;
            if (std::exchange(said_down, false))
                spdlog::info(fmt::format("hook {}: is back", url()));
        } else {
            lose(1, fmt::format("it answers {}", status));
        }
        bytes -= bodies.front().size();
        bodies.pop_front();
        answers = 0;
        pause = options.first_pause;
        go_on();
    }

    void failed(const std::string& why) {
        stream.reset();
        if (!std::exchange(said_down, true))
            spdlog::warn(fmt::format("hook {}: {}; events wait, up to {} of them", url(), why,
                                     options.most_waiting));
        timer.expires_after(pause);
        timer.async_wait(guarded([](Parts& p, const error_code& error) {
            if (!error)
                p.go_on();
        }));
        pause = std::min(2 * pause, options.longest_pause);
    }

    void close() {
        closing = true;
        lost += bodies.size();
        bodies.clear();
        timer.cancel();
        resolver.cancel();
        stream.reset();
    }
};

Hook::Hook(EventLoop& loop, HookOptions options)
    : parts_{std::make_shared<Parts>(loop, std::move(options))} {}

Hook::~Hook() { parts_->close(); }

bool Hook::send(const Event& event) {
    parts_->take(event);
    return true; // it stays, whatever becomes of its events
}

std::uint64_t Hook::sent() const { return parts_->sent; }
std::uint64_t Hook::lost() const { return parts_->lost; }
std::size_t Hook::waiting() const { return parts_->bodies.size(); }
std::string Hook::url() const { return parts_->url(); }

} // namespace kpmsim
