// What a meter writes down of the past: a freeze, days, months' power factors and hours.
#include "program_rig.hpp"

#include "models/engine/records.hpp"

using namespace kpmsim;
using namespace std::chrono_literals;
using test::civil;
using test::ProgramRig;

namespace {

/// What is sent in the months that pass is not looked at, nor kept.
struct SilentRig : ProgramRig {
    using ProgramRig::ProgramRig;
    void upload(SimTime, int, const UploadTopic&, CivilTime) override {}
};

/// … with running and load time.
struct HourRig : SilentRig {
    using SilentRig::SilentRig;
    Hours counted{};

    Hours hours(SimTime, int circuit) override { return {counted[0], counted[1] / (circuit + 1)}; }
    double show(const std::string& point, CivilTime site, int circuit = 0) {
        Extras extras(states.size());
        for (std::size_t n = 0; n < extras.size(); ++n)
            extras[n].time = hours({}, static_cast<int>(n));
        const MeterView meter{&spec, &program.memory(), states, radio, site, extras};
        return kpmsim::number(meter, *spec.type->points.find(point), circuit);
    }
};

double seconds_of(CivilTime t) { return static_cast<double>(t.time_since_epoch().count()); }

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("At 0:00 of the frozen date everything is frozen, and stays until the next one") {
        MeterSpec spec;
        spec.settings = {{"settlement_day", {}, 12}};
        SilentRig rig{"kpm312", spec, civil("2028-02-11T23:00:00")};
        for (int n = 0; n < 4; ++n)
            rig.states[static_cast<std::size_t>(n)].energy[Energy::p_import] = test::wh(3000 + n);
        rig.states[2].energy[Energy::q_export] = test::wh(700);
        rig.states[2].energy[Energy::q_export_t3] = test::wh(400);
        const auto at = [&](const char* point, int circuit = 0) {
            return rig.number(point, civil("2028-02-12T00:00:30"), circuit);
        };
        rig.run_to(civil("2028-02-11T23:59:59"));
        CHECK(at("e_p_import_frozen") == 0);
        CHECK(at("freeze_time") == 0);
        rig.run_to(civil("2028-02-12T00:00:00"));
        for (MeterState& state : rig.states)
            state.energy[Energy::p_import] = test::wh(9000);
        for (int n = 0; n < 4; ++n)
            CHECK(at("e_p_import_frozen", n) == doctest::Approx(3 + 0.001 * n).epsilon(1e-12));
        CHECK(at("e_q_export_frozen", 2) == test::wh(700).kwh());
        CHECK(at("e_q_export_t3_frozen", 2) == 0.4);
        CHECK(at("e_q_export_t4_frozen", 2) == 0);
        CHECK(at("freeze_time") == seconds_of(civil("2028-02-12T00:00:00")));
        rig.run_to(civil("2028-03-12T00:00:00"));
        CHECK(at("e_p_import_frozen") == 9);
        CHECK(at("freeze_time") == seconds_of(civil("2028-03-12T00:00:00")));
        rig.tell(civil("2028-03-13T00:00:00"), "clear_energy", 1);
        CHECK(at("e_p_import_frozen") == 0);
        CHECK(at("freeze_time") == 0);
    }

    TEST_CASE("Every energy that a meter shows is frozen, in points and in registers") {
        for (const char* model : {"kpm312", "kpm37"}) {
            CAPTURE(model);
            SilentRig rig{model, {}, civil("2028-01-31T23:00:00")};
            EnergyRegisters& energy = rig.states[0].energy;
            for (std::size_t n = 0; n < energy_slots; ++n)
                energy.count[n] = test::wh(1000 + 7 * static_cast<std::int64_t>(n));
            const EnergyRegisters then = energy;
            rig.run_to(civil("2028-02-01T00:00:00"));
            energy = {};
            int shown = 0, rows = 0;
            for (const Point& point : rig.spec.type->points.all()) {
                if (point.kind != PointKind::quantity)
                    continue;
                const QuantityInfo& about = info(Quantity{point.index});
                if (about.kind != QuantityKind::energy)
                    continue;
                CAPTURE(about.name);
                const std::string frozen = about.name + "_frozen";
                REQUIRE(rig.spec.type->points.find(frozen));
                CHECK(rig.number(frozen, civil("2028-02-01T00:00:30")) ==
                      then.kilo(static_cast<Energy>(about.slot)));
                const RegisterMap& map = rig.spec.type->registers;
                if (map.find(about.name) != nullptr) {
                    CHECK(map.find(frozen) != nullptr);
                    ++rows;
                }
                ++shown;
            }
            CHECK(shown >= rows);
            CHECK(rows >= 45);
        }
    }

    TEST_CASE("The frozen demand is that of the month that ended, which the metering wrote down") {
        test::Bench b{"kpm37"};
        b.states[0].demand[Demand::p_max] = 5000;
        constexpr auto place = [](Demand d) {
            return static_cast<std::size_t>(d) - DemandReadings::first_maximum;
        };
        b.states[0].demand.month_before[place(Demand::p_max)] = 4000;
        b.states[0].demand.month_before[place(Demand::i_c_max)] = 17.5;
        b.states[0].demand.month_before[place(Demand::s_max_time)] = 1836000000;
        CHECK(b.value("demand_p_max_frozen") == 0); // nothing was frozen yet
        b.meter.image().memory.records.frozen = civil("2028-03-01T00:00:00");
        CHECK(b.value("demand_p_max_frozen") == 4000);
        CHECK(b.value("demand_i_c_max_frozen") == 17.5);
        CHECK(b.value("demand_s_max_time_frozen") == 1836000000);
        CHECK(b.value("demand_p_max") == 5000);
    }

    TEST_CASE("A settlement day that is written is the demand's, too") {
        test::Bench b{"kpm37"};
        CHECK(b.metering_settings().demand_day == 1);
        SilentRig rig{"kpm37", {}, civil("2026-01-10T12:00:00")};
        const Effects effects = rig.tell(civil("2026-01-10T13:00:00"), "settlement_day", 12);
        CHECK(effects.metering);
        CHECK(effects.clock);
        CHECK(metering_settings(rig.spec, rig.program.memory()).demand_day == 12);
        CHECK(test::Bench{"kpm53"}.metering_settings().demand_day == 1);
    }

    TEST_CASE("A KPM53 has the energies of today, of yesterday and of the day before") {
        MeterSpec spec;
        spec.start_energy[Energy::p_import] = test::wh(50000);
        SilentRig rig{"kpm53", spec, civil("2028-02-28T12:00:00")};
        const auto day = [&](int ago, const char* of = "e_p_import") {
            return rig.number(fmt::format("{}_day_{}", of, ago), civil("2028-02-28T12:00:00"));
        };
        rig.states[0].energy[Energy::p_import] = test::wh(51000);
        CHECK(day(0) == 1);
        rig.run_to(civil("2028-02-28T23:59:59"));
        CHECK(day(1) == 0);
        rig.run_to(civil("2028-02-29T00:00:00"));
        rig.states[0].energy[Energy::p_import] = test::wh(51500);
        rig.states[0].energy[Energy::q_export] = test::wh(30);
        CHECK(day(0) == 0.5);
        CHECK(day(1) == 1);
        rig.run_to(civil("2028-03-01T00:00:00"));
        rig.states[0].energy[Energy::p_import] = test::wh(51501);
        CHECK(day(0) == 0.001);
        CHECK(day(1) == 0.5);
        CHECK(day(2) == 1);
        CHECK(day(1, "e_q_export") == 0.03);
        CHECK(day(1, "e_q_import") == 0);
        rig.tell(civil("2028-03-01T01:00:00"), "clear_energy", 1);
        rig.states[0].energy = {};
        for (int ago = 0; ago < 3; ++ago)
            CHECK(day(ago) == 0);
    }

    TEST_CASE("Days that a set clock passes over were empty; one that it goes back to goes on") {
        DayEnergies days;
        EnergyRegisters now;
        const auto pass = [&](std::int64_t on, std::int64_t wh) {
            now[Energy::p_import] = test::wh(wh);
            days.pass(on, now);
        };
        const auto kilo = [&](int ago) { return days.kilo(Energy::p_import, ago, now); };
        pass(1, 1000);
        CHECK(kilo(1) == 1);
        pass(2, 1700); // yesterday there was nothing, the day before 700 Wh
        CHECK(kilo(0) == 0);
        CHECK(kilo(1) == 0);
        CHECK(kilo(2) == test::wh(700).kwh());
        pass(30, 2000);
        for (int ago = 0; ago < 3; ++ago)
            CHECK(kilo(ago) == 0);
        SilentRig rig{"kpm53", {}, civil("2026-05-10T12:00:00")};
        rig.states[0].energy[Energy::p_import] = test::wh(4000);
        rig.tell(civil("2026-05-10T13:00:00"), "clock", seconds_of(civil("2026-05-08T13:00:00")));
        CHECK(rig.number("e_p_import_day_0", civil("2026-05-10T13:00:00")) == 4);
        CHECK(rig.number("e_p_import_day_1", civil("2026-05-10T13:00:00")) == 0);
        rig.run_to(civil("2026-05-11T00:00:00")); // 9 May by its clock
        CHECK(rig.number("e_p_import_day_0", civil("2026-05-11T00:00:00")) == 0);
        CHECK(rig.number("e_p_import_day_1", civil("2026-05-11T00:00:00")) == 4);
    }

    TEST_CASE("A month's power factor is its active over its apparent energy") {
        SilentRig rig{"kpm312", {}, civil("2026-01-31T23:00:00")};
        EnergyRegisters& e = rig.states[1].energy;
        e[Energy::p_import] = test::wh(800);
        e[Energy::s] = test::wh(1000);
        const auto pf = [&](int month) {
            return rig.number(fmt::format("pf_month_{}", month), civil("2026-02-01T01:00:00"), 1);
        };
        const auto has_pf = [&](int month) {
            const MeterView meter{&rig.spec, &rig.program.memory(), rig.states, rig.radio,
                                  civil("2026-02-01T01:00:00")};
            return has_value(meter, *rig.spec.type->points.find(fmt::format("pf_month_{}", month)),
                             1);
        };
        CHECK(pf(0) == 0.8);
        rig.run_to(civil("2026-02-01T00:00:00"));
        CHECK(pf(1) == 0.8);
        CHECK(pf(0) == 0);
        CHECK_FALSE(has_pf(0));
        CHECK(has_pf(1));
        e[Energy::p_import] = test::wh(1000);
        e[Energy::p_export] = test::wh(400);
        e[Energy::s] = test::wh(2000);
        CHECK(pf(0) == 0.6); // whichever way
        rig.run_to(civil("2026-03-01T00:00:00"));
        rig.run_to(civil("2026-04-01T00:00:00"));
        CHECK(pf(2) == 0.6);
        CHECK(pf(3) == 0.8);
        rig.run_to(civil("2026-05-01T00:00:00"));
        CHECK(pf(3) == 0.6);
    }

    TEST_CASE("Running and load time are recorded month by month, of each circuit") {
        HourRig rig{"kpm312", {}, civil("2026-01-31T23:00:00")};
        const auto hours = [&](const char* which, int month, int circuit = 0) {
            return rig.show(fmt::format("{}_month_{}", which, month), civil("2026-02-01T01:00:00"),
                            circuit);
        };
        rig.counted = {100h, 60h};
        CHECK(hours("run_time", 0) == 100);
        CHECK(hours("load_time", 0, 1) == 30);
        rig.run_to(civil("2026-02-01T00:00:00"));
        rig.counted = {150h, 64h};
        CHECK(hours("run_time", 0) == 50);
        CHECK(hours("run_time", 1) == 100);
        CHECK(hours("load_time", 0, 1) == 2);
        CHECK(hours("load_time", 1, 1) == 30);
        rig.run_to(civil("2026-03-01T00:00:00"));
        rig.run_to(civil("2026-04-01T00:00:00"));
        CHECK(hours("run_time", 2) == 50);
        CHECK(hours("run_time", 3) == 100);
        rig.run_to(civil("2026-05-01T00:00:00"));
        CHECK(hours("run_time", 3) == 50);
    }
}

TEST_SUITE("exchange") {

    TEST_CASE("Months are registers both ways and by tariff") {
        for (const auto& [model, tariffs] : {std::pair{"kpm312", 4}, std::pair{"kpm37", 5}}) {
            CAPTURE(model);
            test::Bench b{model};
            // A register's place is its value: each month adds that many Wh to it.
            const auto moved = [](Energy first, int n) {
                return static_cast<Energy>(static_cast<int>(first) + n);
            };
            std::vector<std::pair<std::string, Energy>> all{{"e_p_import", Energy::p_import},
                                                            {"e_p_export", Energy::p_export},
                                                            {"e_q_import", Energy::q_import},
                                                            {"e_q_export", Energy::q_export}};
            for (int way = 0; way < 4; ++way)
                for (int t = 0; t < tariffs; ++t)
                    all.emplace_back(
                        fmt::format("{}_t{}", all[static_cast<std::size_t>(way)].first, t + 1),
                        moved(Energy::p_import_t1, 6 * way + t));
            for (int month = 12; month >= 0; --month) {
                for (std::size_t n = 0; n < all.size(); ++n) {
                    EnergyCount& count = b.states[0].energy[all[n].second];
                    count.wh += static_cast<std::int64_t>(100 * (n + 1)) + month;
                }
                if (month > 0)
                    b.meter.image().memory.months[0].close(b.states[0].energy);
            }
            for (int month = 0; month <= 12; ++month)
                for (std::size_t n = 0; n < all.size(); ++n)
                    CHECK(b.value(fmt::format("{}_month_{}", all[n].first, month)) ==
                          doctest::Approx(0.1 * static_cast<double>(n + 1) + 0.001 * month)
                              .epsilon(1e-6));
        }
    }
}
