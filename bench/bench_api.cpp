// The control API's listener, 16 kept connections, GET /v1/time on each: requests per second against a
// bare Beast server that reads a request and writes the same bytes back, in the same moments.
//
// Both serve on a thread of their own; one client sends on all connections and then reads them all, in
// turns of 50 ms, so that whatever else the machine does falls on both alike. `x_echo` is the median
// of the rounds' ratios; the target is 0.5.

#include "servers/api/api.hpp"
#include "servers/api/listener.hpp"
#include "servers/net/asio.hpp"

#include <benchmark/benchmark.h>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace kpmsim;
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Clock = std::chrono::steady_clock;

constexpr int connections = 16;
constexpr auto turn = std::chrono::milliseconds{50};

/// What GET /v1/time needs of a farm.
class NoFarm : public Control {
public:
    const ApiFarm& farm() const override { return facts_; }
    std::vector<ApiMeter> meters() const override { return {}; }
    std::optional<ApiMeter> meter(const std::string&) const override { return {}; }
    std::size_t meter_count() const override { return 0; }
    std::vector<std::string> meter_names() const override { return {}; }
    bool ready() const override { return true; }
    std::vector<ApiMetric> metrics() const override { return {}; }
    MeterState truth(const std::string&, int) const override { return {}; }
    void between_steps(std::function<void()> work) override { work(); }
    SimTime now() const override { return SimTime{std::chrono::hours{5}}; }
    Pace pace() const override { return {Pace::Mode::stepped, 1}; }
    void set_pace(const Pace&, std::function<void()> done) override { done(); }
    bool advancing() const override { return false; }
    void advance(ApiAdvance, std::function<void(const ApiAdvanced&)>) override {}
    Result<std::function<bool()>, Fault> condition(std::string_view) override {
        return Unexpected<Fault>{{}};
    }
    Bytes save() override { return {}; }
    std::optional<Fault> restore(std::span<const std::uint8_t>) override { return {}; }
    std::optional<Fault> reset() override { return {}; }
    Result<std::vector<ApiMeter>, ApiRefusal> add_meters(const std::string&) override {
        return std::vector<ApiMeter>{};
    }
    std::optional<ApiRefusal> remove_meter(const std::string&) override { return {}; }
    void shut_down() override {}
    ActionsPort* actions() override { return nullptr; }

private:
    ApiFarm facts_;
};

class Served {
public:
    virtual ~Served() = default;
    virtual unsigned short port() const = 0;
};

class OurApi : public Served {
public:
    OurApi()
        : listener_{loop_,
                    {"127.0.0.1", 0},
                    {},
                    [this](ApiRequest request, ApiReply reply) {
                        serve(room_, std::move(request), std::move(reply));
                    },
                    body_limit},
          thread_{[this] { loop_.run(); }} {}
    ~OurApi() override {
        loop_.stop();
        thread_.join();
    }
    unsigned short port() const override { return listener_.endpoint().port; }

private:
    asio::io_context loop_{1};
    NoFarm farm_;
    Journal journal_;
    EventHub events_;
    ApiRoom room_{farm_, journal_, events_, 0};
    ApiListener listener_;
    std::thread thread_;
};

class Echo : public Served {
public:
    Echo() : thread_{[this] { loop_.run(); }} { accept(); }
    ~Echo() override {
        loop_.stop();
        thread_.join();
    }
    unsigned short port() const override { return acceptor_.local_endpoint().port(); }

private:
    struct One : std::enable_shared_from_this<One> {
        explicit One(asio::ip::tcp::socket socket) : stream{std::move(socket)} {}
        void read() {
            request = {};
            http::async_read(stream, buffer, request,
                             [self = shared_from_this()](beast::error_code error, std::size_t) {
                                 if (!error)
                                     self->write();
                             });
        }
        void write() {
            answer = {http::status::ok, 11};
            answer.set(http::field::content_type, "application/json");
            answer.body() = std::string(140, 'x'); // as long as the time is
            answer.prepare_payload();
            http::async_write(stream, answer,
                              [self = shared_from_this()](beast::error_code error, std::size_t) {
                                  if (!error)
                                      self->read();
                              });
        }
        beast::tcp_stream stream;
        beast::flat_buffer buffer;
        http::request<http::string_body> request;
        http::response<http::string_body> answer;
    };
    void accept() {
        acceptor_.async_accept([this](beast::error_code error, asio::ip::tcp::socket socket) {
            if (error)
                return;
            socket.set_option(asio::ip::tcp::no_delay(true));
            std::make_shared<One>(std::move(socket))->read();
            accept();
        });
    }

    asio::io_context loop_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
    asio::ip::tcp::acceptor acceptor_{loop_, {asio::ip::make_address("127.0.0.1"), 0}};
    std::thread thread_;
};

class Clients {
public:
    explicit Clients(unsigned short port) {
        for (int n = 0; n < connections; ++n) {
            sockets_.emplace_back(loop_);
            sockets_.back().connect({asio::ip::make_address("127.0.0.1"), port});
            sockets_.back().set_option(asio::ip::tcp::no_delay(true));
        }
    }
    /// Requests a second over one turn.
    double run() {
        static const std::string request = "GET /v1/time HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
        const auto begun = Clock::now();
        std::size_t answered = 0;
        while (Clock::now() - begun < turn) {
            for (auto& socket : sockets_)
                asio::write(socket, asio::buffer(request));
            for (auto& socket : sockets_) {
                http::response<http::string_body> answer;
                http::read(socket, buffer_, answer);
                answered += answer.result() == http::status::ok ? 1 : 0;
            }
        }
        return static_cast<double>(answered) /
               std::chrono::duration<double>(Clock::now() - begun).count();
    }

private:
    asio::io_context loop_;
    beast::flat_buffer buffer_;
    std::vector<asio::ip::tcp::socket> sockets_;
};

double median(std::vector<double> values) {
    std::nth_element(values.begin(),
                     values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

void api_requests(benchmark::State& state) {
    const OurApi api;
    const Echo echo;
    Clients ours{api.port()}, theirs{echo.port()};
    std::vector<double> rates, ratios;
    for ([[maybe_unused]] auto _ : state) {
        rates.push_back(ours.run());
        ratios.push_back(rates.back() / theirs.run());
    }
    state.counters["per_s"] = median(rates);
    state.counters["x_echo"] = median(ratios);
}
BENCHMARK(api_requests)->Iterations(20)->Unit(benchmark::kMillisecond);

} // namespace
