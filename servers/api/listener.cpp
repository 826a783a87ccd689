#include "servers/api/listener.hpp"

#include "servers/api/gate.hpp"
#include "servers/api/problem.hpp"
#include "servers/net/acceptor.hpp"
#include "servers/net/asio.hpp"

#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <deque>
#include <fmt/format.h>
#include <limits>
#include <unordered_set>

namespace kpmsim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Stream = beast::basic_stream<tcp, LoopExecutor>;

constexpr std::size_t head_limit = 16 * 1024;
constexpr std::size_t stream_limit = std::size_t{1} << 20; ///< of events that wait for a listener
/// boost::none would refuse any length here (Boost 1.74: "len > none" is true).
constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();
constexpr auto farewell = std::chrono::milliseconds{500};

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

class Connection;

struct Hub {
    ApiListenerOptions options;
    ApiListener::Handler handler;
    ApiListener::BodyLimit body_limit;
    Endpoint endpoint;
    std::unordered_set<std::shared_ptr<Connection>> connections;
    bool closing{false};
    std::function<void()> emptied;
};

/// The head of an answer, and its body unless only the head was asked for.
std::string as_text(const ApiAnswer& answer, bool with_body, bool keep_alive) {
    std::string text = fmt::format("HTTP/1.1 {} {}\r\n", answer.status, title_of(answer.status));
    if (!answer.type.empty())
        text += fmt::format("Content-Type: {}\r\n", answer.type);
    for (const auto& [name, value] : answer.headers)
        text += fmt::format("{}: {}\r\n", name, value);
    if (!answer.stream && answer.status != 204)
        text += fmt::format("Content-Length: {}\r\n", answer.body.size());
    text += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
    if (with_body)
        text += answer.body;
    return text;
}

/// One client: a request is read, handed over, answered, and then the next one read.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(LoopSocket socket, Hub& hub)
        : stream_{std::move(socket)}, late_{stream_.get_executor()}, hub_{&hub} {}

    void read() {
        if (hub_ == nullptr)
            return;
        if (hub_->closing)
            return leave();
        parser_.emplace();
        parser_->header_limit(head_limit);
        parser_->body_limit(no_limit); // settled once it is known what is asked
        idle_ = true;
        stream_.expires_after(hub_->options.idle);
        http::async_read_header(stream_, buffer_, *parser_,
                                [self = shared_from_this()](const error_code& error, std::size_t) {
                                    self->idle_ = false;
                                    self->read_head(error);
                                });
    }

    bool idle() const { return idle_; }

    void close() {
        hub_ = nullptr;
        error_code ignored;
        late_.cancel();
        stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
        stream_.socket().close(ignored);
    }

    /// As the other end of a stream of events.
    bool push(std::string_view text) {
        if (hub_ == nullptr || waiting_bytes_ + text.size() > stream_limit) {
            if (hub_ != nullptr)
                leave();
            return false;
        }
        waiting_bytes_ += text.size();
        waiting_.emplace_back(text);
        if (waiting_.size() == 1)
            push_on();
        return true;
    }

private:
    void leave() {
        if (hub_ == nullptr)
            return;
        Hub& hub = *hub_;
        const auto self = shared_from_this();
        close();
        hub.connections.erase(self);
        if (hub.connections.empty() && hub.emptied)
            std::exchange(hub.emptied, nullptr)();
    }

    void read_head(const error_code& error) {
        if (hub_ == nullptr)
            return;
        if (error)
            return wrong(error);
        const auto& head = parser_->get();
        const auto field = [&](http::field name) { return view(head[name]); };
        keep_alive_ = head.keep_alive();
        if (const auto problem = refused_at_the_gate(
                {view(head.target()), field(http::field::host), field(http::field::origin),
                 field(http::field::authorization), head.count(http::field::host)},
                hub_->endpoint, hub_->options.token)) {
            keep_alive_ = false; // its body was not read
            return write(answer_of(*problem));
        }
        const std::size_t limit = hub_->body_limit(view(head.method_string()), view(head.target()));
        if (const auto length = parser_->content_length(); length && *length > limit)
            return too_large(limit);
        parser_->body_limit(limit);
        if (beast::iequals(head[http::field::expect], "100-continue") && !parser_->is_done()) {
            out_ = "HTTP/1.1 100 Continue\r\n\r\n";
            stream_.expires_after(hub_->options.patience);
            asio::async_write(stream_, asio::buffer(out_),
                              [self = shared_from_this()](const error_code& failed, std::size_t) {
                                  failed ? self->leave() : self->read_body();
                              });
            return;
        }
        read_body();
    }

    void read_body() {
        if (hub_ == nullptr)
            return;
        // The stream's own limit would close it, and nobody would be told.
        stream_.expires_never();
        if (!parser_->is_done()) {
            late_.expires_after(hub_->options.patience);
            late_.async_wait([self = shared_from_this()](const error_code& error) {
                if (!error && self->hub_ != nullptr)
                    self->stream_.cancel();
            });
        }
        http::async_read(stream_, buffer_, *parser_,
                         [self = shared_from_this()](const error_code& error, std::size_t) {
                             self->late_.cancel();
                             self->serve(error);
                         });
    }

    void serve(const error_code& error) {
        if (hub_ == nullptr)
            return;
        if (error)
            return wrong(error);
        auto request = parser_->release();
        head_only_ = request.method() == http::verb::head;
        stream_.expires_never();
        hub_->handler(
            {std::string{view(request.method_string())}, std::string{view(request.target())},
             std::move(request.body())},
            [self = shared_from_this()](ApiAnswer answer) { self->write(std::move(answer)); });
    }

    /// What is no HTTP, too much of it or half of it gets one answer; a client that has gone, or sends
    /// nothing, gets none.
    void wrong(const error_code& error) {
        keep_alive_ = false;
        if (error == http::error::header_limit)
            return write(answer_of({431, "header", "the request's head is too long",
                                    fmt::format("send at most {} bytes", head_limit)}));
        if (error == http::error::body_limit)
            return too_large(hub_->body_limit(view(parser_->get().method_string()),
                                              view(parser_->get().target())));
        if (error == http::error::partial_message)
            return write(answer_of({400, "body", "the request ends before all of it is there",
                                    "send as much as its Content-Length says"}));
        if (error == asio::error::operation_aborted && parser_->is_header_done())
            return write(answer_of({408, "body", "the rest of the request did not come",
                                    fmt::format("send it within {} s",
                                                std::chrono::duration_cast<std::chrono::seconds>(
                                                    hub_->options.patience)
                                                    .count())}));
        if (error.category() != http::make_error_code(http::error::end_of_stream).category() ||
            error == http::error::end_of_stream)
            return leave();
        write(answer_of({400, "request", "this is no HTTP: " + error.message(),
                         "send HTTP/1.1, as curl does"}));
    }

    void too_large(std::size_t limit) {
        keep_alive_ = false;
        write(answer_of(
            {413, "body", "the body is too long", fmt::format("send at most {} bytes", limit)}));
    }

    void write(ApiAnswer answer) {
        if (hub_ == nullptr)
            return;
        const bool streams = static_cast<bool>(answer.stream) && !head_only_;
        keep_alive_ = keep_alive_ && !answer.stream && !hub_->closing;
        out_ = as_text(answer, !head_only_, keep_alive_);
        head_only_ = false;
        stream_.expires_after(hub_->options.patience);
        asio::async_write(stream_, asio::buffer(out_),
                          [self = shared_from_this(), streams,
                           begin = std::move(answer.stream)](const error_code& error, std::size_t) {
                              if (error || self->hub_ == nullptr)
                                  self->leave();
                              else if (streams)
                                  self->begin_stream(begin);
                              else if (self->keep_alive_)
                                  self->read();
                              else
                                  self->let_go();
                          });
    }

    /// The other side is to read the answer before it hears that its own bytes met nobody.
    void let_go() {
        error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
        stream_.expires_after(std::chrono::seconds{1});
        drain();
    }

    void drain() {
        if (hub_ == nullptr || hub_->closing)
            return leave();
        stream_.async_read_some(asio::buffer(sink_),
                                [self = shared_from_this()](const error_code& error, std::size_t) {
                                    error ? self->leave() : self->drain();
                                });
    }

    // ---- a stream of events -----------------------------------------------------------------

    class Sink : public EventSink {
    public:
        explicit Sink(std::weak_ptr<Connection> to) : to_{std::move(to)} {}
        bool send(const Event& event) override {
            const auto connection = to_.lock();
            return connection && connection->push(fmt::format("id: {}\nevent: {}\ndata: {}\n\n",
                                                              event.id, event.kind, event.json));
        }

    private:
        std::weak_ptr<Connection> to_;
    };

    void begin_stream(const std::function<void(std::shared_ptr<EventSink>)>& begin) {
        stream_.expires_never();
        idle_ = true; // nothing of it is owed when the farm ends
        notice_end();
        push(": kpmsim\n\n"); // there is a stream, however long nothing happens
        begin(std::make_shared<Sink>(weak_from_this()));
    }

    void notice_end() {
        stream_.socket().async_read_some(
            asio::buffer(sink_),
            [self = shared_from_this()](const error_code& error, std::size_t) {
                error ? self->leave() : self->notice_end();
            });
    }

    void push_on() {
        asio::async_write(
            stream_.socket(), asio::buffer(waiting_.front()),
            [self = shared_from_this()](const error_code& error, std::size_t) {
                if (error || self->hub_ == nullptr)
                    return self->leave();
                self->waiting_bytes_ -= self->waiting_.front().size();
                self->waiting_.pop_front();
                if (!self->waiting_.empty())
                    self->push_on();
            });
    }

    Stream stream_;
    LoopTimer late_; ///< a body that dawdles
    Hub* hub_;       ///< null once closed
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    std::string out_;
    std::array<char, 1024> sink_{};
    std::deque<std::string> waiting_;
    std::size_t waiting_bytes_{0};
    bool idle_{false};
    bool keep_alive_{true};
    bool head_only_{false};
};

void need_token(const Endpoint& endpoint, const ApiListenerOptions& options) {
    if (!is_loopback(endpoint.host) && options.token.empty())
        throw CannotListen{to_text(endpoint) +
                           " can be reached from other machines, and the API lets whoever comes do "
                           "anything; add --api-token (or KPMSIM_API_TOKEN), or use 127.0.0.1"};
}

} // namespace

struct ApiListener::Parts : std::enable_shared_from_this<Parts> {
    Parts(EventLoop& loop, ApiListenerOptions options, Handler handler, BodyLimit limit)
        : hub{std::move(options), std::move(handler), std::move(limit), {}, {}, false, {}},
          acceptor{loop}, again{loop}, last_word{loop} {}

    void open(EventLoop& loop, const Endpoint& wanted) {
        need_token(wanted, hub.options);
        acceptor = open_acceptor(loop, wanted);
        hub.endpoint = {wanted.host, acceptor.local_endpoint().port()};
        accept();
    }

    void accept() {
        acceptor.async_accept(
            [self = shared_from_this()](const error_code& error, LoopSocket socket) {
                if (!self->acceptor.is_open())
                    return;
                if (error)
                    return self->accept_later();
                self->take(std::move(socket));
                self->accept();
            });
    }

    /// There was no descriptor left, say.
    void accept_later() {
        again.expires_after(std::chrono::milliseconds{100});
        again.async_wait([self = shared_from_this()](const error_code& error) {
            if (!error && self->acceptor.is_open())
                self->accept();
        });
    }

    void take(LoopSocket socket) {
        error_code ignored;
        if (hub.connections.size() >= hub.options.most_connections) {
            // Full: said in one write that nobody waits for.
            socket.non_blocking(true, ignored);
            const std::string text =
                as_text(answer_of({503, "connection", "there are too many connections",
                                   "close one, or keep one and use it again"}),
                        true, false);
            socket.write_some(asio::buffer(text), ignored);
            return;
        }
        socket.set_option(tcp::no_delay(true), ignored);
        const auto connection = std::make_shared<Connection>(std::move(socket), hub);
        hub.connections.insert(connection);
        connection->read();
    }

    void close_all() {
        error_code ignored;
        acceptor.close(ignored);
        again.cancel();
        last_word.cancel();
        for (const auto& connection : std::exchange(hub.connections, {}))
            connection->close();
    }

    Hub hub;
    LoopAcceptor acceptor;
    LoopTimer again;
    LoopTimer last_word;
};

ApiListener::ApiListener(EventLoop& loop, const Endpoint& endpoint, ApiListenerOptions options,
                         Handler handler, BodyLimit body_limit)
    : parts_{std::make_shared<Parts>(loop, std::move(options), std::move(handler),
                                     std::move(body_limit))} {
    parts_->open(loop, endpoint);
}

ApiListener::~ApiListener() { parts_->close_all(); }

Endpoint ApiListener::endpoint() const { return parts_->hub.endpoint; }
std::size_t ApiListener::connections() const { return parts_->hub.connections.size(); }

void ApiListener::close(std::function<void()> done) {
    Parts& p = *parts_;
    error_code ignored;
    p.acceptor.close(ignored);
    p.hub.closing = true;
    for (const auto& connection : std::vector(p.hub.connections.begin(), p.hub.connections.end()))
        if (connection->idle()) {
            connection->close();
            p.hub.connections.erase(connection);
        }
    if (p.hub.connections.empty())
        return done();
    const auto once = std::make_shared<std::function<void()>>(std::move(done));
    const auto end = [self = parts_, once] {
        if (*once)
            std::exchange(*once, nullptr)();
    };
    p.hub.emptied = end;
    p.last_word.expires_after(farewell);
    p.last_word.async_wait([end](const error_code& error) {
        if (!error)
            end();
    });
}

} // namespace kpmsim
