#include "servers/line/shared_line.hpp"

#include "rtu_bench.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;
using namespace kpmsim::rtu_bench;
using namespace std::chrono_literals;

namespace {

/// Any protocol will do: frames end after 5 ms, each is answered by its bytes in reverse.
class Mirrors : public LineStations {
public:
    std::vector<rig::Bytes> heard;

    std::size_t longest_frame() const override { return 4; }
    LineTime silence_after(std::span<const std::uint8_t>, const LineSettings&) const override {
        return 5ms;
    }
    std::vector<LineReply> hear(const LineFrame& frame) override {
        heard.emplace_back(frame.bytes.begin(), frame.bytes.end());
        return {{{frame.bytes.rbegin(), frame.bytes.rend()}, {9600, 10}, 20ms}};
    }
    void collision() override { ++traffic_.collisions; }
    const Traffic& traffic() const override { return traffic_; }
    std::string_view protocol() const override { return "mirror"; }

private:
    Traffic traffic_;
};

struct Line {
    Mirrors* mirrors{new Mirrors};
    SharedLine line{{9600, 10}, std::unique_ptr<LineStations>{mirrors}};
};

rig::Bytes wind(ByteService& client, LineTime at) {
    rig::Bytes out;
    client.advance(at, out);
    return out;
}
void send(ByteService& client, const rig::Bytes& bytes, LineTime at) {
    rig::Bytes out;
    REQUIRE(client.take(bytes, {at, {}}, out) == bytes.size());
    REQUIRE(out.empty());
}

} // namespace

TEST_SUITE("exchange") {
    TEST_CASE("a line of any framing takes its characters, its silence and its turnaround") {
        Line l;
        const auto client = l.line.connect();
        send(*client, {1, 2, 3}, 1s);
        CHECK(client->next_event() == 1s + 3'125'000ns + 5ms); // 3 characters of 1.041667 ms
        CHECK(wind(*client, *client->next_event()).empty());
        CHECK(l.mirrors->heard == std::vector<rig::Bytes>{{1, 2, 3}});
        CHECK(client->next_event() == 1s + 3'125'000ns + 20ms + 3'125'000ns);
        CHECK(wind(*client, *client->next_event()) == rig::Bytes{3, 2, 1});
        CHECK_FALSE(client->next_event().has_value());
        send(*client, {1, 2, 3, 4, 5, 6}, 2s); // cut one byte behind the longest
        wind(*client, 3s);
        CHECK(l.mirrors->heard.back() == rig::Bytes{1, 2, 3, 4, 5});
    }

    TEST_CASE("an answer goes to whoever asked, whoever winds the line") {
        Line l;
        const auto one = l.line.connect();
        const auto two = l.line.connect();
        send(*one, {1, 2}, 1s);
        CHECK(wind(*two, 2s).empty());
        // … from when it was over on: 20 ms after the request, and two characters of its own.
        CHECK(one->next_event() == 1s + 2 * 2'083'333ns + 20ms);
        CHECK(wind(*one, 2s) == rig::Bytes{2, 1});
        send(*two, {3, 4}, 3s);
        CHECK(wind(*two, 4s) == rig::Bytes{4, 3});
        CHECK(wind(*one, 4s).empty());
    }

    TEST_CASE("two clients at once garble each other; who is last gets what is said to it") {
        Line l;
        const auto one = l.line.connect();
        const auto two = l.line.connect();
        send(*one, {1, 2}, 1s);
        send(*two, {3, 4}, 1s + 1ms);
        CHECK(wind(*one, 2s).empty());
        CHECK(wind(*two, 2s) == rig::Bytes{4, 3, 2, 1});
        // and one that speaks into the other's answer
        send(*one, {0x55, 0x55}, 3s);
        CHECK(wind(*one, 3s + 23ms).empty());
        send(*two, {0x00}, 3s + 23ms);
        CHECK(wind(*one, 4s) != rig::Bytes{0x55, 0x55});
        CHECK(wind(*two, 4s).empty());
        CHECK(l.line.traffic().collisions == 1);
    }

    TEST_CASE("the answer of a client that has gone is for nobody, and the line goes on") {
        Line l;
        const auto pty = l.line.connect();
        send(*pty, {1, 2}, 1s);
        pty->client_left();
        CHECK(pty->next_event() == 1s + 2'083'333ns + 5ms);
        CHECK(wind(*pty, 2s).empty());
        CHECK(l.mirrors->heard.size() == 1);
        {
            const auto gone = l.line.connect();
            send(*gone, {3, 4}, 3s);
        }
        send(*pty, {5, 6}, 4s);
        CHECK(wind(*pty, 5s) == rig::Bytes{6, 5});
        CHECK(l.mirrors->heard.size() == 3);
    }

    TEST_CASE("who is ahead of the wire by 512 characters waits for it") {
        Line l;
        const auto client = l.line.connect();
        CHECK(client->takes_from() < LineTime{0});
        send(*client, rig::Bytes(600, 7), 1s);
        CHECK(client->takes_from() == 1s + 625ms - 533'333'333ns);
    }
}
