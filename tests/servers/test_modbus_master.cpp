// A Modbus master in simulated time, over the services and faults that sockets would carry.
#include "fault_bench.hpp"
#include "servers/client/client_group.hpp"
#include "servers/client/modbus_master.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace kpmsim;
using namespace kpmsim::fault_bench;

namespace {

SimTime at(SimDuration after) { return SimTime{} + after; }

MasterPlan plan_for(const Bench& bench, WireForm form) {
    MasterPlan plan;
    plan.name = "scada";
    plan.form = form;
    plan.units = {{"plain", 0, 1, &bench.type, WordOrder::abcd, 125}};
    plan.points = {"spare_0"};
    plan.from = at(1s);
    return plan;
}

std::string texts(const ClientLog& log) {
    std::string all;
    for (const ClientEntry& entry : log)
        all += to_text(entry) + '\n';
    return all;
}

std::string failures(const ClientLog& log) {
    std::string all;
    for (const ClientEntry& entry : log)
        if (entry.event == ClientEvent::failure)
            all += (all.empty() ? "" : ", ") + entry.text;
    return all;
}

long count(const ClientLog& log, ClientEvent event) {
    return std::count_if(
        log.begin(), log.end(), [&](const ClientEntry& entry) { return entry.event == event; });
}

/// What a master at a faulty meter of plain registers comes to, in two rounds.
ClientLog two_rounds(WireForm form, const FaultSpec& spec, ClientMistakes mistakes = {}) {
    Bench bench{form, spec};
    MasterPlan plan = plan_for(bench, form);
    plan.mistakes = std::move(mistakes);
    ModbusMaster master{plan, *bench.seat};
    master.advance(at(20s));
    return master.log();
}

} // namespace

TEST_SUITE("exchange") {
    TEST_CASE("it asks at its moments and notes what it gets") {
        Bench tcp{WireForm::tcp};
        ModbusMaster master{plan_for(tcp, WireForm::tcp), *tcp.seat};
        CHECK(master.next_event() == at(1s));
        master.advance(at(999ms));
        CHECK(master.log().empty());
        master.advance(at(1s));
        CHECK(texts(master.log()) == "1.000000000 plain request 03 0000H 1\n"
                                     "1.000000000 plain answer 03 0000H 1\n"
                                     "1.000000000 plain value spare_0 4660\n");
        CHECK(master.next_event() == at(11s));

        // 8 characters, the turnaround of 20 ms, 7 characters, each of 1/960 s
        Bench rtu{WireForm::rtu};
        ModbusMaster slow{plan_for(rtu, WireForm::rtu), *rtu.seat};
        slow.advance(at(20s));
        REQUIRE(slow.log().size() == 6);
        const SimTime answered = slow.log()[1].at;
        CHECK(std::abs((answered - at(1s + 20ms) - LineTime{15'000'000'000 / 960}).count()) < 100);
        CHECK(slow.log()[3].at == at(11s));
    }

    TEST_CASE("rows that stand side by side are one request, as far as the meter allows") {
        const MeterType type = rig::plain_type();
        ClientUnit unit{"plain", 0, 1, &type, WordOrder::abcd, 3};
        const auto requests = requests_of(
            {unit}, {"spare_1", "spare_2", "spare_3", "spare_4", "spare_9"}, {{4, 20, 2}});
        REQUIRE(requests.size() == 4);
        CHECK(requests[0].block.function == 4);
        CHECK(requests[0].rows.size() == 2);
        CHECK(requests[1].block.first == 1);
        CHECK(requests[1].block.words == 3);
        CHECK(requests[2].block.first == 4);
        CHECK(requests[2].block.words == 1);
        CHECK(requests[3].block.first == 9);
    }

    TEST_CASE("each way in which an answer is none has its name") {
        const auto why = [](WireForm form, std::string_view name, std::size_t bytes = 0) {
            FaultSpec spec = fault(name);
            spec.bytes = bytes;
            spec.last = 1;
            const ClientLog log = two_rounds(form, spec);
            CHECK(count(log, ClientEvent::answer) >= 1); // of the second round
            CHECK(count(log, ClientEvent::request) == 2);
            return failures(log);
        };
        CHECK(why(WireForm::tcp, "no-answer") == "timeout");
        CHECK(why(WireForm::rtu, "wrong-crc") == "wrong check");
        CHECK(why(WireForm::rtu, "wrong-unit") == "wrong unit 2");
        CHECK(why(WireForm::tcp, "wrong-unit") == "wrong unit 2");
        CHECK(why(WireForm::rtu, "extra-bytes", 2) == "2 bytes too many");
        CHECK(why(WireForm::rtu, "truncated") == "timeout");
        CHECK(why(WireForm::tcp, "exception") == "exception 4");
        CHECK(why(WireForm::rtu, "late-answer") == "timeout, late answer");
        CHECK(why(WireForm::tcp, "late-answer") == "timeout, late answer");
        CHECK(why(WireForm::tcp, "limit-data", 5) == "connection closed");
        CHECK(why(WireForm::tcp, "reset-peer") == "connection reset");
    }

    TEST_CASE("it asks again as often as it was told, and goes on with the next") {
        FaultSpec spec = fault("no-answer");
        spec.last = 2;
        Bench bench{WireForm::tcp, spec};
        MasterPlan plan = plan_for(bench, WireForm::tcp);
        plan.retries = 2;
        plan.timeout = 500ms;
        ModbusMaster master{plan, *bench.seat};
        master.advance(at(5s));
        CHECK(texts(master.log()) == "1.000000000 plain request 03 0000H 1\n"
                                     "1.500000000 plain failure 03 0000H 1: timeout\n"
                                     "1.500000000 plain request 03 0000H 1: again, 1\n"
                                     "2.000000000 plain failure 03 0000H 1: timeout\n"
                                     "2.000000000 plain request 03 0000H 1: again, 2\n"
                                     "2.000000000 plain answer 03 0000H 1\n"
                                     "2.000000000 plain value spare_0 4660\n");
    }

    TEST_CASE("a round that takes longer than its period is not doubled") {
        FaultSpec spec = fault("no-answer");
        spec.last = 1;
        Bench bench{WireForm::tcp, spec};
        MasterPlan plan = plan_for(bench, WireForm::tcp);
        plan.every = 2s;
        plan.timeout = 5s;
        ModbusMaster master{plan, *bench.seat};
        master.advance(at(10s));
        std::vector<SimTime> asked;
        for (const ClientEntry& entry : master.log())
            if (entry.event == ClientEvent::request)
                asked.push_back(entry.at);
        CHECK(asked == std::vector{at(1s), at(7s), at(9s)});
    }

    TEST_CASE("refused connections are failures, until somebody listens again") {
        FaultSpec spec = fault("refused");
        Bench bench{WireForm::tcp};
        bench.place->begin(1, spec);
        bench.seat->refusal_changed();
        ModbusMaster master{plan_for(bench, WireForm::tcp), *bench.seat};
        master.advance(at(5s));
        CHECK(failures(master.log()) == "connection refused");
        bench.place->end(1);
        bench.seat->refusal_changed();
        master.advance(at(15s));
        CHECK(count(master.log(), ClientEvent::answer) == 1);
    }

    TEST_CASE("the same faults give the same log, however time is cut") {
        const auto run = [](SimDuration step) {
            FaultSpec spec = fault("truncated");
            spec.toxicity = 0.5;
            Bench bench{WireForm::rtu, spec};
            MasterPlan plan = plan_for(bench, WireForm::rtu);
            plan.points = {"spare_0", "spare_7"};
            plan.retries = 1;
            ModbusMaster master{plan, *bench.seat};
            for (SimTime now{}; now < at(200s); now += step)
                master.advance(now + step);
            return texts(master.log());
        };
        const std::string once = run(200s);
        CHECK(once.find("timeout") != std::string::npos);
        CHECK(once == run(1ms * 70));
    }

    TEST_CASE("a client with several connections has one log, in the order of time") {
        Bench one{WireForm::tcp};
        Bench other{WireForm::tcp};
        std::vector<std::unique_ptr<SimulatedClient>> parts;
        MasterPlan plan = plan_for(one, WireForm::tcp);
        parts.push_back(std::make_unique<ModbusMaster>(plan, *one.seat));
        plan.from = at(6s);
        plan.units[0].meter = "other";
        parts.push_back(std::make_unique<ModbusMaster>(plan, *other.seat));
        ClientGroup group{"both", std::move(parts)};
        CHECK(group.next_event() == at(1s));
        group.advance(at(20s));
        std::string who;
        for (const ClientEntry& entry : group.log())
            if (entry.event == ClientEvent::request)
                who += entry.meter.front();
        CHECK(who == "popo");
    }

    TEST_CASE("whoever takes a late answer for his own has the value of another register") {
        const auto value_of_second = [](WireForm form, ClientMistakes mistakes) {
            FaultSpec spec = fault("late-answer");
            spec.last = 1;
            Bench bench{form, spec};
            MasterPlan plan = plan_for(bench, form);
            plan.points = {"spare_0", "spare_7"};
            plan.mistakes = std::move(mistakes);
            ModbusMaster master{plan, *bench.seat};
            master.advance(at(5s));
            for (const ClientEntry& entry : master.log())
                if (entry.event == ClientEvent::value && entry.what == "spare_7")
                    return entry.value;
            return -1.0;
        };
        for (const WireForm form : {WireForm::tcp, WireForm::rtu}) {
            CHECK(value_of_second(form, {}) == 0);
            CHECK(value_of_second(form, {ClientMistake::take_late}) == 0x1234);
        }
    }

    TEST_CASE("whoever swaps words reads nonsense") {
        const MeterType& type = rig::builtin("kpm33b");
        const auto meter = rig::meter(type, 1);
        meter->image().metered[0].readings[Slot::u_a] = 229.097;
        ModbusUnits units;
        units.any = &meter->circuits().front();
        const auto read = [&](ClientMistakes mistakes) {
            ModbusTcp port{units};
            MasterPlan plan;
            plan.units = {{"m", 0, 1, &type, WordOrder::abcd, 125}};
            plan.points = {"u_a"};
            plan.mistakes = std::move(mistakes);
            ModbusMaster master{plan, port};
            master.advance(at(1s));
            return master.log().back().value;
        };
        CHECK(read({}) == doctest::Approx(229.097));
        CHECK(read({ClientMistake::swap_words}) != doctest::Approx(229.097).epsilon(0.5));
    }
}
