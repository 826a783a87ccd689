// The control API's side towards the network: what comes too late.
#include "servers/api/listener.hpp"
#include "servers/net/asio.hpp"

#include "serving_thread.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

using boost::asio::ip::tcp;

struct Door {
    rig::ServingThread serving;
    std::unique_ptr<ApiListener> listener;

    explicit Door(const ApiListenerOptions& options) {
        listener = std::make_unique<ApiListener>(
            serving.loop, Endpoint{"127.0.0.1", 0}, options,
            [](const ApiRequest& request, const ApiReply& reply) {
                reply({200, "text/plain", "heard " + request.body, {}, {}});
            },
            [](std::string_view, std::string_view) { return std::size_t{1000}; });
        serving.start();
    }
    ~Door() { serving.stop(); }

    /// All that it says to somebody who sends this and nothing else, until it closes.
    std::string says_to(const std::string& sent) {
        boost::asio::io_context mine;
        tcp::socket client{mine};
        client.connect({boost::asio::ip::make_address("127.0.0.1"), listener->endpoint().port});
        boost::asio::write(client, boost::asio::buffer(sent));
        std::string all;
        std::array<char, 1024> some{};
        boost::system::error_code error;
        while (const std::size_t n = client.read_some(boost::asio::buffer(some), error))
            all.append(some.data(), n);
        return all;
    }
};

constexpr const char* head = "POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\n";

} // namespace

TEST_SUITE("exchange") {

    TEST_CASE("A body whose rest does not come is answered by 408, and the connection ends") {
        Door door{{"", 256, 60'000ms, 100ms}};
        const std::string said = door.says_to(std::string{head} + "\r\nab");
        CHECK(said.starts_with("HTTP/1.1 408 "));
        CHECK(said.find("the rest of the request did not come") != std::string::npos);
        CHECK(said.find("Connection: close") != std::string::npos);
        CHECK(door.says_to(std::string{head} + "Connection: close\r\n\r\nabcd")
                  .ends_with("heard abcd"));
    }

    TEST_CASE("Who sends no whole head is left without an answer") {
        Door door{{"", 256, 100ms, 60'000ms}};
        CHECK(door.says_to("GET /x HT") == "");
        CHECK(door.says_to("") == "");
    }
}
