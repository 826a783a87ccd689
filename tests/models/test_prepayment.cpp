// The relay of a prepayment meter: balance, load and what forces it, window by window.
#include "own_model.hpp"
#include "program_rig.hpp"

using namespace kpmsim;
using namespace std::chrono_literals;
using doctest::Approx;
using test::ProgramRig;

namespace {

const CivilTime noon{std::chrono::local_days{std::chrono::year{2026} / 3 / 1} +
                     std::chrono::hours{12}};

MeterSpec with(std::vector<Preset> settings) {
    MeterSpec spec;
    spec.settings = std::move(settings);
    return spec;
}

const Preset local{"control_mode", {}, local_control};

/// A KPM33B behind whose relay each phase draws so much.
struct Flat : ProgramRig {
    double w{1000};
    SimTime now{};

    explicit Flat(std::vector<Preset> settings)
        : ProgramRig{"kpm33b", with(std::move(settings)), noon} {}

    /// The windows of 200 ms up to this one's end.
    void go(SimDuration to) {
        for (; now < SimTime{} + to; now += 200ms) {
            while (program.due() <= now)
                program.run(*this);
            const double drawn = closed() ? w : 0;
            while (program.due() < now + 200ms)
                program.run(*this);
            for (const Slot slot : {Slot::p_a, Slot::p_b, Slot::p_c})
                states[0].readings[slot] = drawn;
            states[0].energy.count[static_cast<std::size_t>(Energy::p_import)].add_uj(
                static_cast<std::int64_t>(3 * drawn * 0.2e6));
            program.control_load(now + 200ms, states[0], *this);
        }
    }
    void set(const std::string& point, double value) {
        const Assignment what{*spec.type->points.find(point), 0, value};
        REQUIRE_FALSE(refusal(spec, what, Access::keys));
        const Effects effects = program.carry_out({now, {what}}, now, *this);
        if (effects.clear_energy)
            states[0].energy = {};
    }
    bool closed() const { return program.memory().relay(0); }
    double balance() { return number("prepaid_energy", noon); }
};

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("A balance counts down with the energy, and opens the relay in the window that uses "
              "it up") {
        Flat flat{{local, {"prepaid_energy", {}, 1}}}; // 10 Wh: 3 kW take 12 s
        CHECK(flat.closed());
        CHECK(flat.balance() == 0.01);
        flat.go(6s);
        CHECK(flat.balance() == Approx(0.005).epsilon(1e-12));
        flat.go(11800ms);
        CHECK(flat.closed());
        flat.go(12s);
        CHECK_FALSE(flat.closed());
        CHECK(flat.balance() == 0);
        flat.go(60s);
        CHECK(flat.balance() == 0);
        flat.set("prepaid_energy", 0.02); // what is paid closes it
        CHECK(flat.closed());
        CHECK(flat.balance() == 0.02);
        flat.go(84s);
        CHECK_FALSE(flat.closed());
        CHECK(flat.states[0].energy.kilo(Energy::p_import) == Approx(0.03).epsilon(1e-12));
    }

    TEST_CASE("An overdraft is drawn below zero, and more of it closes the relay again") {
        Flat flat{{local, {"prepaid_energy", {}, 1}, {"overdraft", {}, 1}}};
        flat.go(23800ms);
        CHECK(flat.closed());
        CHECK(flat.balance() < 0);
        flat.go(30s);
        CHECK_FALSE(flat.closed());
        CHECK(flat.balance() == Approx(-0.01).epsilon(1e-12));
        flat.set("overdraft", 0.02);
        CHECK(flat.closed());
        flat.go(60s);
        CHECK_FALSE(flat.closed());
        CHECK(flat.balance() == Approx(-0.02).epsilon(1e-12));
    }

    TEST_CASE("5579H leaves nothing; clearing the energies leaves the balance") {
        Flat flat{{local, {"prepaid_energy", {}, 100}}};
        flat.go(12s);
        CHECK(flat.balance() == Approx(0.99).epsilon(1e-12));
        flat.set("clear_energy", 1);
        CHECK(flat.balance() == Approx(0.99).epsilon(1e-12));
        flat.go(24s);
        CHECK(flat.balance() == Approx(0.98).epsilon(1e-12));
        flat.set("clear_prepaid", 1);
        CHECK(flat.balance() == 0);
        CHECK_FALSE(flat.closed());
        // What was drawn on the overdraft is forgiven.
        Flat owes{{local, {"overdraft", {}, 100}}};
        owes.go(12s);
        CHECK(owes.balance() == Approx(-0.01).epsilon(1e-12));
        owes.set("clear_prepaid", 1);
        CHECK(owes.balance() == 0);
        CHECK(owes.closed());
    }

    TEST_CASE("In remote control the balance counts, and the relay follows commands alone") {
        Flat flat{{{"prepaid_energy", {}, 1}}};
        flat.go(20s);
        CHECK(flat.closed());
        CHECK(flat.balance() == Approx(0).epsilon(1e-12)); // and stands there
        flat.set("relay_1", 0);
        CHECK_FALSE(flat.closed());
        flat.set("prepaid_energy", 5);
        flat.go(30s);
        CHECK_FALSE(flat.closed());
        flat.set("control_mode", local_control); // there is a balance
        CHECK(flat.closed());
        flat.set("relay_1", 0); // it was taken before: the meter moves the relay itself
        CHECK(flat.closed());
        flat.set("clear_prepaid", 1);
        flat.set("control_mode", remote_control);
        CHECK_FALSE(flat.closed()); // it stays as it is
        flat.set("relay_1", 1);
        flat.go(60s);
        CHECK(flat.closed());
    }

    TEST_CASE("A fresh meter in local control has its relay open, for nothing is paid") {
        Flat flat{{local}};
        CHECK_FALSE(flat.closed());
        flat.go(2s);
        CHECK_FALSE(flat.closed());
        CHECK(Flat{{}}.closed()); // as it leaves the factory: remote
    }

    TEST_CASE("What forces the relay holds for its minutes, against a balance and for none") {
        Flat flat{{local, {"prepaid_energy", {}, 100}}};
        flat.set("forced_switching", forced_open);
        CHECK(flat.closed()); // for no minutes
        flat.set("forced_switching_minutes", 2);
        CHECK_FALSE(flat.closed());
        CHECK(flat.number("forced_switching", noon) == forced_open);
        flat.go(119800ms);
        CHECK_FALSE(flat.closed());
        flat.go(120400ms);
        CHECK(flat.closed());
        CHECK(flat.number("forced_switching", noon) == 0);
        CHECK(flat.number("forced_switching_minutes", noon) == 0);

        flat.set("clear_prepaid", 1);
        CHECK_FALSE(flat.closed());
        flat.set("forced_switching_minutes", 1);
        flat.set("forced_switching", forced_closed);
        CHECK(flat.closed());
        flat.go(150s);
        flat.set("forced_switching_minutes", 1); // from here on again
        flat.go(200s);
        CHECK(flat.closed());
        flat.go(211s);
        CHECK_FALSE(flat.closed());
        flat.set("forced_switching_minutes", 5);
        flat.set("forced_switching", forced_closed);
        flat.set("forced_switching", 0); // clears it
        CHECK_FALSE(flat.closed());
    }

    TEST_CASE("In remote control the relay comes back to what it was before it was forced") {
        for (const bool before : {true, false}) {
            CAPTURE(before);
            Flat flat{{}};
            flat.set("relay_1", before);
            flat.set("forced_switching_minutes", 1);
            flat.set("forced_switching", static_cast<double>(before ? forced_open : forced_closed));
            CHECK(flat.closed() != before);
            flat.set("relay_1", !before); // not now
            flat.set("relay_1", before);
            CHECK(flat.closed() != before);
            flat.go(61s);
            CHECK(flat.closed() == before);
        }
    }

    TEST_CASE("A phase above the threshold for the duration opens the relay for as long") {
        Flat flat{{local,
                   {"prepaid_energy", {}, 99'999},
                   {"load_threshold", {}, 2},
                   {"load_control_s", {}, 10}}};
        flat.w = 2000;
        flat.go(20s);
        CHECK(flat.closed()); // not above it
        flat.w = 2001;
        flat.go(30s); // seen first at 20.2 s
        CHECK(flat.closed());
        flat.w = 1000;
        flat.go(31s);
        flat.w = 2001; // the time begins anew
        flat.go(41s);
        CHECK(flat.closed());
        flat.go(41200ms);
        CHECK_FALSE(flat.closed());
        flat.go(51s);
        CHECK_FALSE(flat.closed());
        flat.w = 500;
        flat.go(51400ms);
        CHECK(flat.closed());
        flat.w = 3000;
        flat.go(70s);
        CHECK_FALSE(flat.closed());
        flat.set("control_mode", remote_control);
        flat.set("relay_1", 1);
        flat.go(120s);
        CHECK(flat.closed()); // load control is the meter's own
    }

    TEST_CASE("Without a duration there is no load control") {
        Flat flat{{local, {"prepaid_energy", {}, 99'999}, {"load_threshold", {}, 0}}};
        flat.go(60s);
        CHECK(flat.closed());
    }

    TEST_CASE("A command to a relay that the meter moves itself is refused as busy") {
        const auto take = [](std::vector<Preset> settings) {
            test::Bench bench{"kpm33b", with(std::move(settings))};
            return bench.circuit().set("relay_1", 1, Access::wire);
        };
        CHECK(take({}));
        CHECK(take({{"forced_switching", {}, forced_open}})); // for no minutes
        CHECK(take({local}).error() == Refusal::busy);
        CHECK(take({{"forced_switching", {}, forced_open}, {"forced_switching_minutes", {}, 1}})
                  .error() == Refusal::busy);
    }

    TEST_CASE("A balance needs one circuit, and what hangs on it a balance") {
        const auto mistakes = [](const std::string& more, const std::string& setting) {
            std::string keys = test::own_keys;
            keys.insert(keys.rfind(']'), setting);
            return test::OwnModel{more + keys + test::own_tables, test::own_map}.mistakes();
        };
        const std::string balance =
            R"({ name = "left", role = "prepaid.energy", title = "Left", factory = 0 },)";
        const std::string mode =
            R"({ name = "mode", role = "control.mode", title = "Mode", factory = 0 },)";
        CHECK(mistakes("", balance + mode) == "");
        CHECK(mistakes("", mode).find(
                  "\"mode\" has the role control.mode, and there is no balance; "
                  "add a setting with the role prepaid.energy") != std::string::npos);
        CHECK(mistakes("circuits = 2\n", balance)
                  .find("\"left\" is a balance, and there are 2 circuits to draw on it") !=
              std::string::npos);
    }

    TEST_CASE("What is paid is read back at once, where the energies stand") {
        test::Bench bench{"kpm33b"};
        bench.states[0].energy[Energy::p_import] = test::wh(163'486);
        bench.publish(noon);
        REQUIRE_FALSE(bench.write(0x000E, {0x42C8, 0x0000}));
        CHECK(bench.setting("prepaid_energy") == 100);
        CHECK(bench.read(0x000E, 2) == std::vector<std::uint16_t>{0x42C8, 0x0000});
        CHECK_FALSE(bench.write(0x001B, {0xAADD, 30}));
        CHECK(bench.read(0x001B, 2) == std::vector<std::uint16_t>{0xAADD, 30});
        CHECK(bench.write(0x001B, {0x1234, 30}) == Refusal::out_of_range);
    }
}
