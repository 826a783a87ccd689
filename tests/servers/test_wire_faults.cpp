// What each fault of the wire makes of a request and its answer: bytes and moments, without a socket.
#include "fault_bench.hpp"
#include "servers/faults/uart.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace kpmsim;
using namespace kpmsim::fault_bench;

namespace {

FaultSpec upstream(FaultSpec spec) {
    spec.upstream = true;
    spec.downstream = false;
    return spec;
}

FaultSpec with_bytes(std::string_view name, std::size_t bytes) {
    FaultSpec spec = fault(name);
    spec.bytes = bytes;
    return spec;
}

FaultSpec with_delay(std::string_view name, LineTime delay) {
    FaultSpec spec = fault(name);
    spec.delay = delay;
    return spec;
}

bool check_fits(const std::string& hex) { return check_is_right(rig::bytes(hex)); }

} // namespace

TEST_SUITE("exchange") {
    TEST_CASE("without a fault the answer is the meter's") {
        Bench tcp{WireForm::tcp};
        CHECK(tcp.ask(tcp_read(7), 1s) == "00 07 00 00 00 05 01 03 02 12 34");
        Bench rtu{WireForm::rtu};
        CHECK(rtu.ask(rtu_read(), 1s) == right_rtu);
    }

    TEST_CASE("no answer: the meter has acted, or has heard nothing") {
        const rig::Bytes write = rig::tcp(1, 1, rig::request(6, 5, 77));
        Bench down{WireForm::tcp, fault("no-answer")};
        CHECK(down.ask(write, 1s).empty());
        CHECK(down.meter->circuits().front().number(*down.type.points.find("spare_5")) == 77);
        Bench up{WireForm::tcp, upstream(fault("no-answer"))};
        CHECK(up.ask(write, 1s).empty());
        CHECK(up.meter->circuits().front().number(*up.type.points.find("spare_5")) == 0);
    }

    TEST_CASE("a late answer comes with the next request, before the answer to that") {
        FaultSpec once = fault("late-answer");
        once.last = 1;
        Bench rtu{WireForm::rtu, once};
        CHECK(rtu.ask(rtu_read(), 1s).empty());
        CHECK(rtu.ask(rig::rtu(1, rig::request(3, 1, 1)), 2s) ==
              right_rtu + " 01 03 02 00 00 B8 44");
        CHECK(rtu.wire.sent.front().first == 2s);
        CHECK(rtu.ask(rtu_read(), 3s) == right_rtu);
        Bench tcp{WireForm::tcp, fault("late-answer")}; // each is one behind
        CHECK(tcp.ask(tcp_read(1), 1s).empty());
        CHECK(tcp.ask(tcp_read(2), 2s) == "00 01 00 00 00 05 01 03 02 12 34");
        CHECK(tcp.ask(tcp_read(3), 3s) == "00 02 00 00 00 05 01 03 02 12 34");
    }

    TEST_CASE("a wrong check is wrong by one bit of one byte") {
        Bench rtu{WireForm::rtu, fault("wrong-crc")};
        const std::string answer = rtu.ask(rtu_read(), 1s);
        CHECK(answer != right_rtu);
        CHECK(answer.substr(0, 18) == right_rtu.substr(0, 18));
        CHECK_FALSE(check_fits(answer));
        Bench up{WireForm::rtu, upstream(fault("wrong-crc"))};
        CHECK(up.ask(rtu_read(), 1s).empty());
        CHECK(up.seat->traffic().bad_crc == 1);
    }

    TEST_CASE("another unit answers, and its check fits") {
        Bench rtu{WireForm::rtu, fault("wrong-unit")};
        const std::string answer = rtu.ask(rtu_read(), 1s);
        CHECK(answer.substr(0, 14) == "02 03 02 12 34");
        CHECK(check_fits(answer));
        Bench tcp{WireForm::tcp, fault("wrong-unit")};
        CHECK(tcp.ask(tcp_read(7), 1s) == "00 07 00 00 00 05 02 03 02 12 34");
        Bench up{WireForm::tcp, upstream(fault("wrong-unit"))};
        CHECK(up.ask(tcp_read(7), 1s).empty());
        CHECK(up.seat->traffic().other_units == 1);
    }

    TEST_CASE("the end is missing, or bytes are added at either end") {
        CHECK(Bench{WireForm::rtu, with_bytes("truncated", 5)}.ask(rtu_read(), 1s) ==
              "01 03 02 12 34");
        CHECK(Bench{WireForm::rtu, fault("truncated")}.ask(rtu_read(), 1s) == "01 03 02");
        const std::string more =
            Bench{WireForm::rtu, with_bytes("extra-bytes", 2)}.ask(rtu_read(), 1s);
        CHECK(more.size() == right_rtu.size() + 6);
        CHECK(more.starts_with(right_rtu));
        const std::string noise =
            Bench{WireForm::rtu, with_bytes("noise-bytes", 3)}.ask(rtu_read(), 1s);
        CHECK(noise.size() == right_rtu.size() + 9);
        CHECK(noise.ends_with(right_rtu));
    }

    TEST_CASE("an exception instead of the answer, by the meter or before it") {
        FaultSpec busy = fault("exception");
        busy.code = 6;
        Bench tcp{WireForm::tcp, busy};
        CHECK(tcp.ask(tcp_read(7), 1s) == "00 07 00 00 00 03 01 83 06");
        CHECK(tcp.seat->traffic().requests == 1);
        Bench rtu{WireForm::rtu, upstream(busy)};
        CHECK(rtu.ask(rtu_read(), 1s) == "01 83 06 C1 32");
        CHECK(rtu.seat->traffic().requests == 0);
        // 8 and 5 characters and a silence of 3.5, each of 1/960 s
        CHECK(rtu.came() >= 1s + LineTime{16'500'000'000 / 960});
        CHECK(rtu.came() <= 1s + LineTime{16'500'000'000 / 960 + 100});
    }

    TEST_CASE("two masters: requests meet, or somebody else's answer comes first") {
        Bench up{WireForm::rtu, upstream(fault("two-masters"))};
        CHECK(up.ask(rtu_read(), 1s).empty());
        CHECK(up.seat->traffic().bad_crc + up.seat->traffic().other_units == 1);
        Bench down{WireForm::rtu, fault("two-masters")};
        const std::string both = down.ask(rtu_read(), 1s);
        CHECK(both.ends_with(right_rtu));
        const std::string first = both.substr(0, both.size() - right_rtu.size() - 1);
        CHECK(first.substr(0, 8) == "02 03 04");
        CHECK(check_fits(first));
    }

    TEST_CASE("two meters of one address: no bit is one that both have not sent") {
        const std::string answer = Bench{WireForm::rtu, fault("address-twice")}.ask(rtu_read(), 1s);
        REQUIRE(answer.size() >= right_rtu.size());
        CHECK_FALSE(check_fits(answer));
        const rig::Bytes mixed = rig::bytes(answer);
        const rig::Bytes right = rig::bytes(right_rtu);
        for (std::size_t n = 0; n < right.size(); ++n)
            CHECK((mixed[n] & ~right[n]) == 0);
    }

    TEST_CASE("a master at another speed is heard by nobody, and makes nothing of what it hears") {
        FaultSpec spec = fault("wrong-baud");
        spec.baud = 4800;
        Bench up{WireForm::rtu, upstream(spec)};
        CHECK(up.ask(rtu_read(), 1s).empty());
        CHECK(up.seat->traffic().wrong_line == 1);
        const std::string heard = Bench{WireForm::rtu, spec}.ask(rtu_read(), 1s);
        CHECK(heard.size() < right_rtu.size());
        CHECK(heard == rig::hex(heard_at(rig::bytes(right_rtu), 9600, 4800)));
    }

    TEST_CASE("bits of a known character at other speeds") {
        using Bytes = std::vector<std::uint8_t>;
        const Bytes u{0x55, 0x55};
        CHECK(heard_at(u, 9600, 9600) == u);
        // 01010101 01 seen twice as fast: the start bit and each bit are two bits long.
        CHECK(heard_at(Bytes{0xFF}, 9600, 19200) == Bytes{0xFE});
        CHECK(heard_at(Bytes{0x00}, 9600, 19200) == Bytes{0x00});
        // Bits of 1.5 of the sender's, taken at 2.25, 3.75, … of start, 10101010, stop and idle.
        CHECK(heard_at(Bytes{0x55}, 9600, 6400).front() == 0xE6);
        CHECK(heard_with_parity(Bytes{0x00, 0x01, 0x03, 0x07}, false) == Bytes{0x01, 0x07});
        CHECK(heard_with_parity(Bytes{0x00, 0x01, 0x03, 0x07}, true) == Bytes{0x00, 0x03});
    }

    TEST_CASE("a cut line is silent, a shorted one is one long zero") {
        FaultSpec cut = fault("line-cut");
        cut.upstream = true;
        CHECK(Bench{WireForm::rtu, cut}.ask(rtu_read(), 1s).empty());
        Bench shorted{WireForm::rtu, fault("line-shorted")};
        CHECK(shorted.ask(rtu_read(), 1s) == "00");
    }

    TEST_CASE("latency is added on each way, by its law") {
        Bench plain{WireForm::tcp};
        plain.ask(tcp_read(1), 1s);
        FaultSpec both = with_delay("latency", 200ms);
        both.upstream = true;
        Bench fixed{WireForm::tcp, both};
        CHECK(fixed.ask(tcp_read(1), 1s) == "00 01 00 00 00 05 01 03 02 12 34");
        CHECK(fixed.came() == plain.came() + 400ms);

        FaultSpec uniform = with_delay("latency", 200ms);
        uniform.jitter = 100ms;
        uniform.law = DelayLaw::uniform;
        FaultSpec log_normal = uniform;
        log_normal.law = DelayLaw::log_normal;
        Bench one{WireForm::tcp, uniform};
        Bench other{WireForm::tcp, log_normal};
        double sum = 0;
        int above = 0;
        constexpr int times = 2000;
        for (int n = 1; n <= times; ++n) {
            one.ask(tcp_read(n), n * 10s);
            const LineTime late = one.came() - n * 10s;
            REQUIRE(late >= 100ms);
            REQUIRE(late <= 300ms);
            sum += static_cast<double>(late.count()) * 1e-9;
            other.ask(tcp_read(n), n * 10s);
            above += other.came() - n * 10s > 200ms;
        }
        // Means of n numbers with deviations 0.1/sqrt(3) and 0.5, four of their own deviations wide.
        CHECK(sum / times == doctest::Approx(0.2).epsilon(0).scale(1).epsilon(4 * 0.0577 / 44.7));
        CHECK(above > times / 2 - 4 * 23);
        CHECK(above < times / 2 + 4 * 23);
    }

    TEST_CASE("a slow way takes its time for each byte, and for what waits before it") {
        FaultSpec slow = fault("bandwidth");
        slow.bytes_per_s = 11;
        Bench tcp{WireForm::tcp, slow};
        CHECK(tcp.ask(tcp_read(1), 1s) == "00 01 00 00 00 05 01 03 02 12 34");
        CHECK(tcp.wire.sent.size() == 11);
        CHECK(std::abs((tcp.came() - 2s).count()) < 20);
        tcp.wire.send(tcp_read(2), 10s);
        tcp.wire.send(tcp_read(3), 10s);
        tcp.wire.run();
        CHECK(std::abs((tcp.came() - 12s).count()) < 40);
    }

    TEST_CASE("slices are as long as they are told to be, and together what was sent") {
        FaultSpec spec = with_bytes("slicer", 3);
        spec.delay = 20ms;
        Bench even{WireForm::tcp, spec};
        CHECK(even.ask(tcp_read(1), 1s) == "00 01 00 00 00 05 01 03 02 12 34");
        REQUIRE(even.wire.sent.size() == 4);
        CHECK(even.wire.sent[1].second.size() == 3);
        CHECK(even.came() == 1060ms);
        spec.vary = 2;
        Bench varied{WireForm::tcp, spec};
        std::set<std::size_t> sizes;
        for (int n = 1; n < 50; ++n) {
            varied.ask(tcp_read(n), n * 1s);
            for (const auto& [at, piece] : varied.wire.sent)
                sizes.insert(piece.size());
        }
        CHECK(sizes == std::set<std::size_t>{1, 2, 3, 4, 5});
    }

    TEST_CASE("connections that end: after so much, after a time, and at once") {
        Bench limited{WireForm::tcp, with_bytes("limit-data", 16)};
        CHECK(limited.ask(tcp_read(1), 1s).size() == 32);
        CHECK_FALSE(limited.wire.service->hangs_up());
        CHECK(limited.ask(tcp_read(2), 2s) == "00 02 00 00 00");
        CHECK(limited.wire.service->hangs_up() == HangUp::close);

        Bench timed{WireForm::tcp, with_delay("timeout", 5s)};
        timed.wire.send(tcp_read(1), 1s);
        CHECK(timed.wire.service->next_event() == 6s);
        CHECK_FALSE(timed.wire.service->hangs_up());
        timed.wire.run();
        CHECK(timed.wire.sent.empty());
        CHECK(timed.wire.service->hangs_up() == HangUp::close);

        Bench reset{WireForm::tcp, upstream(fault("reset-peer"))};
        CHECK(reset.ask(tcp_read(1), 1s).empty());
        CHECK(reset.wire.service->hangs_up() == HangUp::reset);
        reset.wire.service->client_left();
        reset.place->end(1);
        CHECK(reset.ask(tcp_read(1), 2s) == "00 01 00 00 00 05 01 03 02 12 34");
    }

    TEST_CASE("a half-open connection says nothing, and is reset when its meter is back") {
        FaultSpec spec = fault("half-open");
        spec.upstream = true;
        Bench bench{WireForm::tcp, spec};
        CHECK(bench.ask(tcp_read(1), 1s).empty());
        CHECK(bench.ask(tcp_read(2), 2s).empty());
        CHECK_FALSE(bench.wire.service->hangs_up());
        bench.place->end(1);
        CHECK(bench.ask(tcp_read(3), 3s).empty());
        CHECK(bench.wire.service->hangs_up() == HangUp::reset);
        bench.wire.service->client_left(); // and a new one is as any
        CHECK(bench.ask(tcp_read(4), 4s) == "00 04 00 00 00 05 01 03 02 12 34");
    }

    TEST_CASE("refusing and lingering are told to whoever holds the sockets") {
        Bench bench{WireForm::tcp};
        std::vector<bool> told;
        bench.seat->on_refusal([&](bool refuses) { told.push_back(refuses); });
        bench.place->begin(1, fault("refused"));
        bench.place->begin(2, with_delay("slow-close", 2s));
        bench.seat->refusal_changed();
        CHECK(bench.wire.service->lingers() == 2s);
        CHECK(bench.ask(tcp_read(4), 4s) == "00 04 00 00 00 05 01 03 02 12 34");
        bench.place->end(1);
        bench.seat->refusal_changed();
        bench.seat->refusal_changed();
        CHECK(told == std::vector{true, false});
    }

    TEST_CASE("the range counts requests, whoever sends them; chance is the same each time") {
        FaultSpec spec = fault("no-answer");
        spec.first = 3;
        spec.last = 4;
        Bench bench{WireForm::tcp, spec};
        std::string seen;
        for (int n = 1; n <= 6; ++n) {
            seen += bench.ask(tcp_read(n), n * 1s).empty() ? '-' : 'x';
            bench.wire.service->client_left();
            bench.wire.service = bench.seat->connect();
        }
        CHECK(seen == "xx--xx");

        FaultSpec half = fault("no-answer");
        half.toxicity = 0.5;
        const auto run = [&](LineTime apart) {
            Bench one{WireForm::tcp, half};
            std::string all;
            for (int n = 1; n <= 400; ++n)
                all += one.ask(tcp_read(n), n * apart).empty() ? '-' : 'x';
            return all;
        };
        const std::string fast = run(10ms);
        CHECK(fast == run(1s));
        const auto lost = std::count(fast.begin(), fast.end(), '-');
        CHECK(lost > 200 - 4 * 10);
        CHECK(lost < 200 + 4 * 10);
        half.stream = Random{8, "no-answer"};
        CHECK(fast != run(10ms));
    }

    TEST_CASE("only requests of those who are meant are counted, and answers find their request") {
        const MeterType type = rig::plain_type();
        const auto one = rig::meter(type, 1);
        const auto two = rig::meter(type, 2);
        ModbusUnits units;
        units.units = {{&one->circuits().front(), 0}, {&two->circuits().front(), 0}};
        FaultSeat seat{std::make_shared<ModbusTcp>(units)};
        const auto place = std::make_shared<FaultPlace>(WireForm::tcp);
        seat.put(place);
        FaultSpec spec = fault("no-answer");
        spec.first = 2;
        place->begin(1, spec, [](int unit) { return unit == 2; });
        rig::Wire wire{seat.connect(), {}, {}};
        rig::Bytes pipelined;
        for (const auto& [transaction, unit] : {std::pair{1, 2}, {2, 1}, {3, 2}, {4, 1}}) {
            const rig::Bytes adu = rig::tcp(transaction, unit, rig::request(3, 0, 1));
            pipelined.insert(pipelined.end(), adu.begin(), adu.end());
        }
        wire.send({pipelined.begin(), pipelined.begin() + 20}, 1s); // half of the second one
        wire.send({pipelined.begin() + 20, pipelined.end()}, 1s);
        wire.run();
        std::string transactions;
        for (const auto& [at, bytes] : wire.sent)
            for (std::size_t n = 1; n < bytes.size(); n += 11)
                transactions += std::to_string(bytes[n]);
        CHECK(transactions == "124");
    }

    TEST_CASE("several stack in the order in which they began") {
        Bench bench{WireForm::rtu};
        bench.place->begin(1, with_bytes("truncated", 3));
        bench.place->begin(2, with_bytes("extra-bytes", 1));
        CHECK(bench.ask(rtu_read(), 1s).size() == 11);
        bench.place->end(1);
        bench.place->begin(3, with_bytes("truncated", 3));
        CHECK(bench.ask(rtu_read(), 2s) == "01 03 02");
        bench.place->end(2);
        bench.place->end(3);
        CHECK(bench.place->idle());
        CHECK(bench.ask(rtu_read(), 3s) == right_rtu);
    }

    TEST_CASE("a request that a client writes in two goes is one request") {
        FaultSpec spec = fault("no-answer");
        spec.first = 2;
        Bench bench{WireForm::rtu, spec};
        const rig::Bytes request = rtu_read();
        bench.wire.send({request.begin(), request.begin() + 3}, 1s);
        CHECK(bench.ask({request.begin() + 3, request.end()}, 1s + 4ms) == right_rtu);
        CHECK(bench.ask(rtu_read(), 2s).empty());
    }
}
