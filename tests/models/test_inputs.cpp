#include "program_rig.hpp"

using namespace kpmsim;
using namespace std::chrono_literals;
using test::ProgramRig;

namespace {

const CivilTime noon{std::chrono::local_days{std::chrono::year{2026} / 3 / 1} +
                     std::chrono::hours{12}};

/// A meter, a KPM37 unless it is said, whose contacts are moved at exact moments, which it learns at the next fifth of a second.
struct Contacts : ProgramRig {
    explicit Contacts(MeterSpec of = {}, const std::string& model = "kpm37")
        : ProgramRig{model, std::move(of), noon} {}

    void order(SimDuration when, const Intervention& what) {
        Command command{SimTime{} + when, {}};
        command.also = {what};
        queue.push_back(command);
    }
    void turn(SimDuration when, bool closed, int input = 0) {
        Intervention what;
        what.kind = InterventionKind::stimulate;
        what.action = ++actions;
        what.input = input;
        what.value = closed;
        order(when, what);
    }
    /// What is due inside a window, what was told up to its end, and then the contacts that have stayed.
    void run(SimTime to) {
        for (; boundary <= to; boundary += 200ms) {
            while (program.due() < boundary)
                program.run(*this);
            while (!queue.empty() && queue.front().at <= boundary) {
                program.carry_out(queue.front(), boundary, *this);
                queue.erase(queue.begin());
            }
            program.carry_out({boundary, {}}, boundary, *this);
        }
    }
    bool shows(int input = 0) const { return program.memory().input(input); }
    /// What was told of inputs and relays, with the milliseconds.
    std::string told() const {
        std::string all;
        for (const Sent& one : sent)
            if (one.topic == "MQTT_TELEIND")
                all += fmt::format("{} {}\n", one.at.time_since_epoch() / 1ms,
                                   one.packets.at(0).substr(31, 17));
        return all;
    }
    std::uint64_t actions{0};
    SimTime boundary{};
    std::vector<Command> queue;
};

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("A contact is seen when it has stayed for the debounce time, and not a nanosecond "
              "sooner") {
        for (const SimDuration length : {39ms + 0ns, 40ms - 1ns, 40ms + 0ns, 41ms + 0ns}) {
            CAPTURE(length.count());
            Contacts rig;
            rig.turn(1010ms, true);
            rig.turn(1010ms + length, false);
            const bool seen = length >= 40ms;
            rig.run(SimTime{} + 1200ms);
            CHECK(rig.shows() == seen); // for the window that begins
            rig.run(SimTime{} + 3s);
            CHECK_FALSE(rig.shows());
            CHECK(rig.told() == (seen ? "1200 00000001@00000000\n1200 00000000@00000000\n" : ""));
        }
    }

    TEST_CASE("A KPM53's inputs wait for the 40 ms of its manual, and those of KPM37 and KPM312 as "
              "long") {
        for (const std::string model : {"kpm53", "kpm37", "kpm312"})
            for (const SimDuration before : {39ms + 0ns, 40ms - 1ns, 40ms + 0ns, 41ms + 0ns}) {
                CAPTURE(model);
                CAPTURE(before.count());
                Contacts rig{{}, model};
                rig.turn(1200ms - before, true);
                rig.run(SimTime{} + 1200ms);
                CHECK(rig.shows() == (before >= 40ms));
                rig.run(SimTime{} + 1400ms);
                CHECK(rig.shows());
            }
    }

    TEST_CASE("An input that was another one since the last boundary shows so until the next; each "
              "change "
              "is told") {
        Contacts rig;
        for (int n = 0; n < 4; ++n)
            rig.turn(1005ms + n * 45ms, n % 2 == 0);
        rig.run(SimTime{} + 1200ms);
        CHECK(rig.shows());
        rig.run(SimTime{} + 1400ms);
        CHECK_FALSE(rig.shows());
        CHECK(rig.told() == "1200 00000001@00000000\n1200 00000000@00000000\n"
                            "1200 00000001@00000000\n1200 00000000@00000000\n");
        rig.turn(2s, true);
        rig.turn(2405ms, false); // and back: what is open for 41 ms is seen, too
        rig.turn(2446ms, true);
        rig.run(SimTime{} + 2400ms);
        CHECK(rig.shows());
        rig.run(SimTime{} + 2600ms);
        CHECK_FALSE(rig.shows());
        rig.run(SimTime{} + 2800ms);
        CHECK(rig.shows());
    }

    TEST_CASE(
        "An input follows its contact at the first boundary 40 ms later, each input its own") {
        Contacts rig;
        rig.turn(2s, true, 1);
        rig.turn(2100ms, true, 0);
        rig.turn(5s, false, 1);
        rig.run(SimTime{} + 2199ms);
        CHECK_FALSE(rig.shows(1));
        rig.run(SimTime{} + 2200ms);
        CHECK(rig.shows(1));
        CHECK(rig.shows(0));
        CHECK(rig.number("input_2", noon) == 1);
        rig.run(SimTime{} + 6s);
        CHECK(rig.told() == "2200 00000002@00000000\n2200 00000003@00000000\n"
                            "5200 00000001@00000000\n");
    }

    TEST_CASE("A contact that chatters is seen once it is quiet") {
        Contacts rig;
        for (int n = 0; n < 20; ++n)
            rig.turn(1s + n * 30ms, n % 2 == 0);
        rig.turn(1610ms, true);
        rig.run(SimTime{} + 1640ms);
        CHECK_FALSE(rig.shows());
        rig.run(SimTime{} + 5s);
        CHECK(rig.shows());
        CHECK(rig.told() == "1800 00000001@00000000\n");
    }

    TEST_CASE("Without supply no contact is seen; with it, those that have stayed") {
        Contacts rig;
        const auto supply = [&](SimDuration when, bool there) {
            Intervention what;
            what.kind = there ? InterventionKind::end : InterventionKind::cut_power;
            what.action = 99;
            rig.order(when, what);
        };
        supply(1s, false);
        rig.turn(2s, true);
        supply(10s, true);
        rig.run(SimTime{} + 10s + 39ms);
        CHECK_FALSE(rig.shows());
        rig.run(SimTime{} + 11s);
        CHECK(rig.told() == "10200 00000001@00000000\n");
    }

    TEST_CASE(
        "Contacts that are closed from the start are nothing new, and a relay that moves is") {
        MeterSpec spec;
        spec.closed_contacts = {1};
        spec.settings = {{"relay_pulse", {}, 0}};
        Contacts rig{spec};
        CHECK(rig.shows(1));
        rig.run(SimTime{} + 29s);
        CHECK(rig.told() == "");
        rig.tell(noon + 29s, "relay_2", 1);
        CHECK(rig.told() == "29000 00000002@00000002\n");
        rig.tell(noon + 31s, "relay_2", 1);
        CHECK(rig.told() == "29000 00000002@00000002\n");
    }

    TEST_CASE("Each circuit of a KPM312 tells of its own, and one without inputs and relays not") {
        for (const bool fitted : {true, false}) {
            MeterSpec spec;
            spec.serial = "31222260C0001";
            spec.inputs_fitted = spec.relays_fitted = fitted;
            ProgramRig rig{"kpm312", spec, noon};
            const Assignment close{*rig.spec.type->points.find("relay_1"), 2, 1};
            rig.program.carry_out({SimTime{} + 1s, {close}}, SimTime{} + 1s, rig);
            REQUIRE(rig.sent.size() == (fitted ? 1 : 0));
            if (fitted)
                CHECK(
                    rig.sent[0].packets.at(0) ==
                    R"({"id":"31222260C0003","value":"00000000@00000001","time":"20260301120001"})");
        }
    }
}
