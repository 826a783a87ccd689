#include "servers/line/fault_seat.hpp"
#include "servers/line/shared_line.hpp"
#include "servers/modbus/modbus_tcp.hpp"
#include "servers/modbus/rtu_meters.hpp"

#include "rtu_bench.hpp"
#include "wire_rig.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace kpmsim;
using namespace kpmsim::rtu_bench;
using namespace std::chrono_literals;

namespace {

/// A protocol that notes each call and says what it hears, in two halves a second apart.
class Parrot : public ByteServiceFactory {
public:
    struct Call {
        LineTime at;
        rig::Bytes bytes;
        std::optional<int> baud;
        bool operator==(const Call&) const = default;
    };
    std::vector<Call> heard;
    std::size_t most{1000}; ///< taken of one offer

    std::unique_ptr<ByteService> connect() override { return std::make_unique<Ear>(*this); }
    std::string_view protocol() const override { return "parrot"; }
    const Traffic& traffic() const override { return traffic_; }

private:
    struct Ear : ByteService {
        explicit Ear(Parrot& of) : parrot{of} {}
        std::size_t take(std::span<const std::uint8_t> in, const Arrival& arrival,
                         rig::Bytes& out) override {
            const auto taken = in.first(std::min(in.size(), parrot.most));
            parrot.heard.push_back({arrival.at, {taken.begin(), taken.end()}, arrival.baud});
            const auto half = taken.size() / 2;
            out.insert(out.end(), taken.begin(), taken.begin() + static_cast<long>(half));
            later.assign(taken.begin() + static_cast<long>(half), taken.end());
            due = arrival.at + 1s;
            return taken.size();
        }
        std::optional<LineTime> next_event() const override { return due; }
        void advance(LineTime at, rig::Bytes& out) override {
            if (!due || at < *due)
                return;
            out.insert(out.end(), later.begin(), later.end());
            due.reset();
        }
        Parrot& parrot;
        rig::Bytes later;
        std::optional<LineTime> due;
    };
    Traffic traffic_;
};

/// Both directions by what the test says.
struct Told : LineFaults {
    using Way = std::function<void(std::span<const std::uint8_t>, LineTime, std::vector<Passing>&)>;
    Way inwards, outwards;

    static void as_it_is(std::span<const std::uint8_t> bytes, LineTime at,
                         std::vector<Passing>& out) {
        out.push_back({{bytes.begin(), bytes.end()}, at, {}});
    }
    Told(Way in, Way out) : inwards{std::move(in)}, outwards{std::move(out)} {}
    std::unique_ptr<LineFault> connect() override { return std::make_unique<Share>(*this); }

private:
    struct Share : LineFault {
        explicit Share(Told& of) : told{of} {}
        void to_meter(std::span<const std::uint8_t> bytes, LineTime at, Passed& out) override {
            told.inwards(bytes, at, out.to_meter);
        }
        void to_client(std::span<const std::uint8_t> bytes, LineTime at, Passed& out) override {
            told.outwards(bytes, at, out.to_client);
        }
        Told& told;
    };
};

struct Rig {
    std::shared_ptr<Parrot> parrot{std::make_shared<Parrot>()};
    FaultSeat seat{parrot};
    rig::Wire wire{seat.connect(), {}, {}};
};

const rig::Bytes four{1, 2, 3, 4};

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("an empty seat hands on each call as it is") {
        Rig r;
        r.wire.send(four, 5s, 2400);
        CHECK(r.parrot->heard == std::vector{Parrot::Call{5s, four, 2400}});
        CHECK(r.wire.service->next_event() == 6s);
        r.wire.run();
        CHECK(r.wire.sent ==
              std::vector{std::pair{LineTime{5s}, rig::Bytes{1, 2}}, {6s, rig::Bytes{3, 4}}});
        r.parrot->most = 1; // what is not taken stays with the transport
        r.wire.send(four, 7s);
        CHECK(r.wire.left == rig::Bytes{2, 3, 4});
    }

    TEST_CASE("bytes of a real line pass an empty seat unchanged, and at their moments") {
        const auto meter = rig::meter(rig::builtin("kpm53"), 1);
        const auto ask = [&](bool seated) {
            auto line = std::make_shared<SharedLine>(
                LineSettings{}, std::make_unique<RtuMeters>(
                                    LineSettings{}, std::vector{&meter->circuits().front()}));
            FaultSeat seat{line};
            rig::Wire wire{seated ? seat.connect() : line->connect(), {}, {}};
            wire.send(rig::rtu(1, read_two), 1s);
            wire.run();
            wire.send(rig::rtu(1, rig::request(4, 0, 60)), 2s);
            wire.run();
            return wire.sent;
        };
        CHECK(ask(true).size() == 2);
        CHECK(ask(true) == ask(false));
    }

    TEST_CASE("a fault drops, alters and delays what goes to the meter") {
        Rig r;
        r.seat.put(std::make_shared<Told>(
            [](auto bytes, LineTime at, auto& out) {
                rig::Bytes kept{bytes.begin() + 1, bytes.end()};
                kept.front() ^= 0x80;
                out.push_back({kept, at + 300ms, {}});
            },
            &Told::as_it_is));
        r.wire.send(four, 5s, 1200);
        CHECK(r.parrot->heard.empty());
        CHECK(r.wire.service->next_event() == 5300ms);
        r.wire.run();
        CHECK(r.parrot->heard == std::vector{Parrot::Call{5300ms, {0x82, 3, 4}, 1200}});
        CHECK(r.wire.sent ==
              std::vector{std::pair{LineTime{5300ms}, rig::Bytes{0x82}}, {6300ms, {3, 4}}});
    }

    TEST_CASE("a fault drops, alters and delays what comes from the meter") {
        Rig r;
        int pieces = 0;
        r.seat.put(std::make_shared<Told>(&Told::as_it_is, [&](auto bytes, LineTime at, auto& out) {
            if (++pieces == 1)
                return; // lost
            for (const std::uint8_t byte : bytes)
                out.push_back({{static_cast<std::uint8_t>(byte + 1)}, at += 100ms, {}});
        }));
        r.wire.send(four, 5s);
        r.wire.run();
        CHECK(r.parrot->heard == std::vector{Parrot::Call{5s, four, {}}});
        CHECK(r.wire.sent ==
              std::vector{std::pair{LineTime{6100ms}, rig::Bytes{4}}, {6200ms, {5}}});
    }

    TEST_CASE("nothing overtakes what is under way, also when the fault is taken away") {
        Rig r;
        r.seat.put(std::make_shared<Told>(
            [](auto bytes, LineTime at, auto& out) {
                out.push_back({{bytes.begin(), bytes.end()}, at + 10s, {}});
            },
            &Told::as_it_is));
        r.wire.send({1}, 5s);
        r.seat.put(nullptr);
        r.wire.send({2}, 6s);
        CHECK(r.parrot->heard.empty());
        r.wire.run();
        CHECK(r.parrot->heard ==
              std::vector{Parrot::Call{15s, {1}, {}}, Parrot::Call{15s, {2}, {}}});
        // and then it is as if there had been none
        r.wire.send({3}, 20s);
        CHECK(r.parrot->heard.back() == Parrot::Call{20s, {3}, {}});
    }

    TEST_CASE("half a request that was there before the fault is not altered by it") {
        const auto type = rig::plain_type();
        const auto meter = rig::meter(type, 1);
        ModbusUnits units;
        units.any = &meter->circuits().front();
        FaultSeat seat{std::make_shared<ModbusTcp>(units)};
        rig::Wire wire{seat.connect(), {}, {}};
        const auto request = rig::tcp(7, 1, rig::request(3, 0, 2));
        wire.send({request.begin(), request.begin() + 5}, 1s);
        CHECK(wire.left.size() == 5);
        seat.put(std::make_shared<Told>(
            [](auto bytes, LineTime at, auto& out) {
                out.push_back({{bytes.begin(), bytes.end()}, at, {}});
                out.back().bytes.back() = 1; // one register instead of two
            },
            &Told::as_it_is));
        wire.send({request.begin() + 5, request.end()}, 2s);
        CHECK(wire.left.empty());
        REQUIRE(wire.sent.size() == 1);
        CHECK(rig::hex(wire.sent[0].second) == "00 07 00 00 00 05 01 03 02 00 00");
    }

    TEST_CASE("a client that has gone gets nothing that was under way") {
        Rig r;
        r.seat.put(std::make_shared<Told>(&Told::as_it_is, [](auto bytes, LineTime at, auto& out) {
            out.push_back({{bytes.begin(), bytes.end()}, at + 1s, {}});
        }));
        r.wire.send(four, 5s);
        r.wire.service->client_left();
        r.wire.run();
        CHECK(r.wire.sent == std::vector{std::pair{LineTime{7s}, rig::Bytes{3, 4}}});
    }
}
