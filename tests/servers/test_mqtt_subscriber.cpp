// A user's system that joins packets, and books what it reads.
#include "modbus_rig.hpp"
#include "servers/client/ledger.hpp"
#include "servers/client/mqtt_subscriber.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

SimTime at(SimDuration after) { return SimTime{} + after; }

constexpr const char* first_id = "3071223B00003";
constexpr const char* second_id = "3071223B00004";

SubscriberPlan two_meters(ClientMistakes mistakes = {}) {
    SubscriberPlan plan;
    plan.name = "backend";
    plan.mistakes = std::move(mistakes);
    const MeterType* const type = &rig::builtin("kpm37");
    plan.senders = {{first_id, "one", 0, type}, {second_id, "two", 0, type}};
    return plan;
}

std::string packet(const char* id, const std::string& fields, bool last,
                   const char* time = "20260101000500") {
    return fmt::format(R"({{"id":"{}",{},"time":"{}","isend":"{}"}})", id, fields, time,
                       last ? 1 : 0);
}

const std::string topic = "MQTT_ENY_NOW";

/// Two meters' records of two packets, interleaved.
ClientLog interleaved(ClientMistakes mistakes = {}) {
    MqttSubscriber backend{two_meters(std::move(mistakes))};
    backend.hear(at(300s), topic, packet(first_id, R"("zygsz":100.5)", false));
    backend.hear(at(300s), topic, packet(second_id, R"("zygsz":7.25)", false));
    backend.hear(at(300s), topic, packet(first_id, R"("fygsz":1.5)", true));
    backend.hear(at(300s), topic, packet(second_id, R"("fygsz":2.5)", true));
    backend.advance(at(600s));
    return backend.log();
}

std::string texts(const ClientLog& log) {
    std::string all;
    for (const ClientEntry& entry : log)
        all += to_text(entry) + '\n';
    return all;
}

ClientEntry energy(SimTime when, double value) {
    return {when, ClientEvent::value, "one", 0, "e_p_import", value, {}};
}

/// What is booked of these readings, a minute apart but where nothing could be read.
double booked(const std::vector<std::pair<int, double>>& readings, ClientMistakes mistakes,
              std::size_t* alarms = nullptr) {
    Ledger::Plan plan;
    plan.every = 60s;
    plan.mistakes = std::move(mistakes);
    Ledger ledger{plan};
    ClientLog log;
    for (const auto& [minute, value] : readings)
        ledger.take(energy(at(minute * 60s), value), log);
    double sum = 0;
    for (const ClientEntry& entry : log) {
        sum += entry.event == ClientEvent::booked ? entry.value : 0;
        if (alarms != nullptr)
            *alarms += entry.event == ClientEvent::alarm ? 1 : 0;
    }
    return sum;
}

} // namespace

TEST_SUITE("exchange") {
    TEST_CASE("packets are joined by topic, id and time") {
        CHECK(texts(interleaved()) == "300.000000000 one record MQTT_ENY_NOW 2\n"
                                      "300.000000000 one value e_p_export 1.5\n"
                                      "300.000000000 one value e_p_import 100.5\n"
                                      "300.000000000 two record MQTT_ENY_NOW 2\n"
                                      "300.000000000 two value e_p_export 2.5\n"
                                      "300.000000000 two value e_p_import 7.25\n");
    }

    TEST_CASE("whoever joins by topic has one meter's energy in another's record") {
        const ClientLog log = interleaved({ClientMistake::join_by_topic});
        const auto wrong = std::find_if(log.begin(), log.end(), [](const ClientEntry& entry) {
            return entry.meter == "one" && entry.what == "e_p_import";
        });
        REQUIRE(wrong != log.end());
        CHECK(wrong->value == 7.25);
    }

    TEST_CASE("whoever ignores isend has records that are not whole") {
        const ClientLog log = interleaved({ClientMistake::ignore_isend});
        CHECK(std::count_if(log.begin(), log.end(), [](const ClientEntry& entry) {
                  return entry.event == ClientEvent::record && entry.value == 1;
              }) == 4);
    }

    TEST_CASE("a record that never becomes whole is told once its patience is over") {
        MqttSubscriber backend{two_meters()};
        backend.hear(at(1s), topic, packet(first_id, R"("zygsz":1)", false));
        CHECK(backend.next_event() == at(31s));
        backend.advance(at(40s));
        CHECK(texts(backend.log()) == "31.000000000 one failure MQTT_ENY_NOW: a record of "
                                      "3071223B00003 lacks packets\n");
        CHECK(backend.next_event() == SimTime::max());
    }

    TEST_CASE("doubles, ghosts, texts and junk") {
        MqttSubscriber backend{two_meters()};
        backend.hear(at(1s), topic, packet(first_id, R"("zygsz":"1.5")", true));
        backend.hear(at(2s), topic, packet(first_id, R"("zygsz":1.5)", true));
        backend.hear(at(3s), topic, packet("3071223B00009", R"("zygsz":0)", true));
        backend.hear(at(4s), topic, packet(first_id, R"("ZYGSZ":2)", true, "20260101001000"));
        backend.hear(at(5s), topic, "{}");
        backend.hear(at(6s), topic, "hello");
        CHECK(texts(backend.log()) ==
              "1.000000000 one record MQTT_ENY_NOW 1\n"
              "1.000000000 one value e_p_import 1.5\n"
              "2.000000000 one alarm MQTT_ENY_NOW: the record was there already\n"
              "3.000000000 - alarm MQTT_ENY_NOW: nobody knows 3071223B00009\n"
              "4.000000000 one record MQTT_ENY_NOW 1\n"
              "4.000000000 one failure ZYGSZ: no key of this meter\n"
              "5.000000000 - failure MQTT_ENY_NOW: no id, time or isend\n"
              "6.000000000 - failure MQTT_ENY_NOW: no JSON object\n");
    }

    TEST_CASE("a counter's differences are booked, across a gap, too") {
        CHECK(booked({{0, 10}, {1, 11}, {2, 12}, {7, 17}, {8, 18}}, {}) == doctest::Approx(8));
        CHECK(booked({{0, 10}, {1, 11}, {2, 12}, {7, 17}, {8, 18}},
                     {ClientMistake::book_gap_twice}) == doctest::Approx(12));
    }

    TEST_CASE("a counter that goes backwards is an alarm and begins anew") {
        std::size_t alarms = 0;
        CHECK(booked({{0, 10}, {1, 11}, {2, 0}, {3, 2}}, {}, &alarms) == doctest::Approx(3));
        CHECK(alarms == 1);
        CHECK(booked({{0, 10}, {1, 11}, {2, 0}, {3, 2}}, {ClientMistake::trust_counter}) ==
              doctest::Approx(-8));
    }

    TEST_CASE("a reading that stands still is an alarm, once; zero is none") {
        const auto alarms = [](double value, ClientMistakes mistakes) {
            Ledger::Plan plan;
            plan.mistakes = std::move(mistakes);
            Ledger ledger{plan};
            ClientLog log;
            for (int n = 0; n < 25; ++n)
                ledger.take({at(n * 1s), ClientEvent::value, "one", 0, "u_a", value, {}}, log);
            return log.size();
        };
        CHECK(alarms(230.1, {}) == 1);
        CHECK(alarms(0, {}) == 0);
        CHECK(alarms(230.1, {ClientMistake::never_stale}) == 0);
    }
}
