// What each fault makes of messages on their way to a broker.
#include "servers/faults/upload_faults.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

UploadOnWay packet(LineTime at, std::size_t client, int n, bool last = false) {
    return {at, client, "MQTT_ENY_NOW",
            "{\"n\":" + std::to_string(10 * static_cast<int>(client) + n) + ",\"isend\":\"" +
                (last ? "1" : "0") + "\"}"};
}

struct Way {
    UploadFaults faults;
    std::vector<UploadOnWay> out;

    Way(std::string_view name, FaultSpec spec = {}) {
        spec.stream = Random{7, "messages"};
        faults.begin(1, name, spec, {0, 1});
    }
    void send(const UploadOnWay& message) { faults.take(message, out); }
    /// Their numbers, in the order in which they came out.
    std::string numbers() const {
        std::string all;
        for (const UploadOnWay& one : out) {
            const std::size_t at = one.payload.find(':') + 1;
            all += (all.empty() ? "" : " ") + one.payload.substr(at, one.payload.find(',') - at);
        }
        return all;
    }
};

} // namespace

TEST_SUITE("exchange") {
    TEST_CASE("a message comes twice, at once or later") {
        Way at_once{"mqtt-duplicate"};
        at_once.send(packet(1s, 0, 1));
        CHECK(at_once.numbers() == "1 1");
        FaultSpec spec;
        spec.delay = 2s;
        Way later{"mqtt-duplicate", spec};
        later.send(packet(1s, 0, 1));
        CHECK(later.numbers() == "1");
        CHECK(later.faults.next_event() == 3s);
        later.send(packet(2s, 0, 2));
        later.faults.advance(3s, later.out);
        CHECK(later.numbers() == "1 2 1");
        CHECK(later.out.back().at == 3s);
    }

    TEST_CASE("each that is hit comes behind the next one of its client") {
        FaultSpec spec;
        spec.last = 1;
        Way way{"mqtt-reorder", spec};
        way.send(packet(1s, 0, 1));
        way.send(packet(1s, 1, 1));
        way.send(packet(1s, 0, 2));
        way.send(packet(1s, 1, 2));
        CHECK(way.numbers() == "2 1 12 11");
    }

    TEST_CASE("one packet of a split record is lost") {
        FaultSpec spec;
        spec.bytes = 2;
        Way way{"mqtt-lost", spec};
        for (int record = 0; record < 2; ++record)
            for (int n = 1; n <= 3; ++n)
                way.send(packet(record * 1s, 0, n, n == 3));
        CHECK(way.numbers() == "1 3 1 3");
        Way all{"mqtt-lost"};
        all.send(packet(1s, 0, 1));
        all.send(packet(1s, 5, 1)); // another client
        CHECK(all.numbers() == "51");
    }

    TEST_CASE("packets of one moment come in turns") {
        Way way{"mqtt-interleave"};
        for (const std::size_t client : {std::size_t{0}, std::size_t{1}})
            for (int n = 1; n <= 3; ++n)
                way.send(packet(1s, client, n, n == 3));
        CHECK(way.numbers().empty());
        way.send(packet(2s, 0, 4, true));
        CHECK(way.numbers() == "1 11 2 12 3 13");
        way.faults.advance(2s, way.out);
        CHECK(way.numbers() == "1 11 2 12 3 13 4");
    }

    TEST_CASE("a late message has the time at which it was made, and others pass it") {
        FaultSpec spec;
        spec.delay = 10min;
        spec.last = 1;
        Way way{"mqtt-late", spec};
        way.send(packet(1s, 0, 1));
        way.send(packet(2s, 0, 2));
        CHECK(way.numbers() == "2");
        way.faults.advance(10min, way.out);
        CHECK(way.numbers() == "2");
        way.faults.advance(10min + 1s, way.out);
        CHECK(way.numbers() == "2 1");
        CHECK(way.out.back().payload == packet(1s, 0, 1).payload);
    }

    TEST_CASE("what is held when a fault ends is not lost") {
        Way way{"mqtt-reorder"};
        way.send(packet(1s, 0, 1));
        way.faults.end(1);
        CHECK_FALSE(way.faults.idle());
        way.send(packet(2s, 0, 2));
        CHECK(way.numbers() == "1 2");
        CHECK(way.faults.idle());
    }

    TEST_CASE("two faults stack in the order in which they began") {
        FaultSpec third;
        third.first = 3;
        Way way{"mqtt-duplicate"};
        way.faults.begin(2, "mqtt-lost", third, {0});
        way.send(packet(1s, 0, 1));
        way.send(packet(1s, 0, 2)); // the third and fourth that the second fault sees
        CHECK(way.numbers() == "1 1");
    }
}
