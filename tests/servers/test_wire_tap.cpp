#include "servers/line/wire_tap.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

using Bytes = std::vector<std::uint8_t>;

/// Takes two bytes at a time, says the first at once, and "9" a second later.
class Parrot final : public ByteServiceFactory {
public:
    class Service final : public ByteService {
    public:
        std::size_t take(std::span<const std::uint8_t> in, const Arrival& arrival,
                         Bytes& out) override {
            if (in.size() < 2)
                return 0;
            out.push_back(in[0]);
            due_ = arrival.at + 1s;
            return 2;
        }
        std::optional<LineTime> next_event() const override { return due_; }
        void advance(LineTime, Bytes& out) override {
            out.push_back(9);
            due_.reset();
        }
        std::optional<HangUp> hangs_up() const override { return HangUp::reset; }
        LineTime lingers() const override { return 7s; }

    private:
        std::optional<LineTime> due_;
    };
    std::unique_ptr<ByteService> connect() override { return std::make_unique<Service>(); }
    std::string_view protocol() const override { return "parrot"; }
    const Traffic& traffic() const override { return traffic_; }

private:
    Traffic traffic_;
};

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a tap writes down what both ends sent, and changes nothing") {
        WireLog log;
        WireTap tap{std::make_shared<Parrot>(), 3, log};
        const auto first = tap.connect();
        const auto second = tap.connect();
        Bytes out{1}; // somebody else's, still there
        const std::array<std::uint8_t, 3> in{5, 6, 7};
        CHECK(first->take(in, {10s, {}}, out) == 2);
        CHECK(first->take(std::span{in}.subspan(2), {11s, {}}, out) == 0);
        CHECK(out == Bytes{1, 5});
        CHECK(first->next_event() == 11s);
        first->advance(11s, out);
        second->advance(12s, out);
        CHECK(first->hangs_up() == HangUp::reset);
        CHECK(first->lingers() == 7s);
        CHECK(tap.protocol() == "parrot");
        REQUIRE(log.all().size() == 4);
        CHECK(log.all()[0].bytes == Bytes{5, 6});
        CHECK(log.all()[0].from_client);
        CHECK(log.all()[0].wire == 3);
        CHECK(log.all()[1].bytes == Bytes{5});
        CHECK_FALSE(log.all()[1].from_client);
        CHECK(log.all()[1].at == 10s);
        CHECK(log.all()[2].bytes == Bytes{9});
        CHECK(log.all()[2].at == 11s);
        CHECK(log.all()[2].connection == 1);
        CHECK(log.all()[3].connection == 2);
    }

    TEST_CASE("a log of wires is bounded: the oldest goes") {
        WireLog log{100'000};
        for (int n = 0; n < 2000; ++n)
            log.add({LineTime{n}, 0, 1, true, Bytes(100)});
        CHECK(log.all().size() < 1000);
        CHECK(log.all().size() + log.forgotten() == 2000);
        CHECK(log.all().back().at == LineTime{1999});
    }
}
