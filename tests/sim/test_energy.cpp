#include "samples.hpp"
#include "sim/energy.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace kpmsim;

namespace {

__extension__ typedef __int128 Int128;

Int128 uj(const EnergyCount& c) {
    return static_cast<Int128>(c.wh) * EnergyCount::uj_per_wh + c.uj;
}

Energy moved(Energy first, int n) { return static_cast<Energy>(static_cast<int>(first) + n); }

constexpr SimDuration window{200'000'000};

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("a count carries microjoules into watt-hours") {
        EnergyCount c;
        c.add_uj(EnergyCount::uj_per_wh - 1);
        CHECK(c == EnergyCount{0, EnergyCount::uj_per_wh - 1});
        c.add_uj(1);
        CHECK(c == EnergyCount{1, 0});
        c.add_uj(5 * EnergyCount::uj_per_wh + 7);
        CHECK(c == EnergyCount{6, 7});
        CHECK(EnergyCount{1'680'000'000'100, 1'800'000'000}.kwh() ==
              doctest::Approx(1'680'000'000.1005));
    }

    TEST_CASE("a day of any power is counted to a microjoule and 1e-15, per phase and in total") {
        // Powers whose window energy is no whole number of microjoules, from a pulse to a power
        // station.
        for (const double p :
             {1.0 / 3e6, 0.1234567, 6.6, 230.0 * 5, 1e4 / 7, 12'345'678.9, 3.1e9}) {
            EnergyMeter meter;
            EnergyRegisters r;
            constexpr int windows = 5 * 86400;
            for (int i = 0; i < windows; ++i)
                meter.count({{p, p / 3, -p}, {p, -p, p / 7}, p, true}, window, 2, r);
            const auto exact = [&](double power) {
                return static_cast<long double>(power) * windows * 0.2L * 1e6L;
            };
            const auto near = [&](Energy e, long double is, int parts = 1) {
                const long double off = std::abs(static_cast<long double>(uj(r[e])) - is);
                CHECK_MESSAGE(static_cast<double>(off) <
                                  parts * (1 + 1e-15 * static_cast<double>(exact(p))),
                              p);
            };
            near(Energy::p_import_a, exact(p));
            near(Energy::p_import_b, exact(p / 3));
            near(Energy::p_export_c, exact(p));
            near(Energy::p_import, exact(p / 3), 3);
            near(Energy::q_import_a, exact(p));
            near(Energy::q_export_b, exact(p));
            near(Energy::q_import_c, exact(p / 7));
            near(Energy::q_import, exact(p / 7), 3);
            near(Energy::s, exact(p));
            CHECK(r[Energy::p_export] == EnergyCount{});
            CHECK(r[Energy::p_import] == r[Energy::p_import_t3]);
            CHECK(r[Energy::q_q1] == r[Energy::q_import]);
        }
    }

    TEST_CASE("whatever the powers do, parts and whole agree to the microjoule") {
        test::Dice dice{3};
        EnergyMeter meter;
        EnergyRegisters r;
        for (int i = 0; i < 20'000; ++i) {
            const WindowPowers powers{{dice(-5e3, 5e3), dice(-5e3, 5e3), dice(-5e3, 5e3)},
                                      {dice(-5e3, 5e3), dice(-5e3, 5e3), dice(-5e3, 5e3)},
                                      dice(0, 1e4),
                                      true};
            meter.count(powers, SimDuration{static_cast<std::int64_t>(dice(1.5e8, 2.5e8))},
                        static_cast<int>(dice(0, 6)), r);
        }
        for (const Energy total :
             {Energy::p_import, Energy::p_export, Energy::q_import, Energy::q_export}) {
            const int family = static_cast<int>(total) / 4;
            Int128 tariffs = 0;
            for (int t = 0; t < 6; ++t)
                tariffs += uj(r[moved(Energy::p_import_t1, family * 6 + t)]);
            CHECK(tariffs == uj(r[total]));
            CHECK(uj(r[total]) > 0);
        }
        const auto net = [&](Energy import, Energy exported) {
            return uj(r[import]) - uj(r[exported]);
        };
        Int128 p = 0, q = 0;
        for (int phase = 0; phase < 3; ++phase) {
            p += net(moved(Energy::p_import_a, phase), moved(Energy::p_export_a, phase));
            q += net(moved(Energy::q_import_a, phase), moved(Energy::q_export_a, phase));
        }
        CHECK(p == net(Energy::p_import, Energy::p_export));
        CHECK(q == net(Energy::q_import, Energy::q_export));
        CHECK(uj(r[Energy::q_q1]) + uj(r[Energy::q_q2]) == uj(r[Energy::q_import]));
        CHECK(uj(r[Energy::q_q3]) + uj(r[Energy::q_q4]) == uj(r[Energy::q_export]));
        CHECK(r.kilo(Energy::p_total) ==
              doctest::Approx(r.kilo(Energy::p_import) + r.kilo(Energy::p_export)));
        CHECK(r.kilo(Energy::p_net) ==
              doctest::Approx(std::abs(r.kilo(Energy::p_import) - r.kilo(Energy::p_export))));
        CHECK(r.kilo(Energy::q_total_t6) ==
              doctest::Approx(r.kilo(Energy::q_import_t6) + r.kilo(Energy::q_export_t6)));
    }

    TEST_CASE("the quadrants are the signs of the totals") {
        struct Row {
            double p, q;
            Energy quadrant;
        };
        for (const Row& row : {Row{1, 1, Energy::q_q1}, Row{-1, 1, Energy::q_q2},
                               Row{-1, -1, Energy::q_q3}, Row{1, -1, Energy::q_q4}}) {
            EnergyMeter meter;
            EnergyRegisters r;
            // One phase the other way, outweighed.
            meter.count({{2 * row.p, -row.p, 0}, {2 * row.q, -row.q, 0}, 1, true}, window, 0, r);
            CHECK(uj(r[row.quadrant]) == 200'000);
            CHECK(uj(r[row.p > 0 ? Energy::p_import : Energy::p_export]) == 200'000);
            CHECK(uj(r[row.p > 0 ? Energy::p_import_a : Energy::p_export_a]) == 400'000);
            CHECK(uj(r[row.p > 0 ? Energy::p_export_b : Energy::p_import_b]) == 200'000);
            Int128 all = 0;
            for (const Energy e : {Energy::q_q1, Energy::q_q2, Energy::q_q3, Energy::q_q4})
                all += uj(r[e]);
            CHECK(all == 200'000);
        }
    }

    TEST_CASE("three-wire energy has totals and no phases, and net is a distance") {
        EnergyMeter meter;
        EnergyRegisters r;
        meter.count({{18e3, 0, 0}, {-9e3, 0, 0}, 20e3, false}, SimDuration{3'600'000'000'000}, 1,
                    r);
        meter.count({{-54e3, 0, 0}, {0, 0, 0}, 20e3, false}, SimDuration{3'600'000'000'000}, 1, r);
        CHECK(r[Energy::p_import] == EnergyCount{18'000, 0});
        CHECK(r[Energy::p_import_t2] == EnergyCount{18'000, 0});
        CHECK(r[Energy::p_export] == EnergyCount{54'000, 0});
        CHECK(r[Energy::q_export] == EnergyCount{9'000, 0});
        for (const Energy e :
             {Energy::p_import_a, Energy::p_export_a, Energy::q_import_a, Energy::q_export_a})
            CHECK(r[e] == EnergyCount{});
        CHECK(r.kilo(Energy::p_net) == 36);
        CHECK(r.kilo(Energy::p_total) == 72);
        CHECK(r.kilo(Energy::p_total_t2) == 72);
        CHECK(r.kilo(Energy::p_total_t1) == 0);
        CHECK(r.kilo(Energy::s) == 40);
    }

    TEST_CASE("each of six tariffs has the energies of its own windows, both kinds both ways") {
        EnergyMeter meter;
        EnergyRegisters r;
        for (int t = 0; t < 6; ++t)
            for (const double side : {1.0, -1.0})
                meter.count({{side * (t + 1), 0, 0}, {side * (t + 11), 0, 0}, 20, true}, window, t,
                            r);
        for (int t = 0; t < 6; ++t) {
            CAPTURE(t);
            for (const Energy first : {Energy::p_import_t1, Energy::p_export_t1})
                CHECK(uj(r[moved(first, t)]) == (t + 1) * 200'000);
            for (const Energy first : {Energy::q_import_t1, Energy::q_export_t1})
                CHECK(uj(r[moved(first, t)]) == (t + 11) * 200'000);
        }
    }

    TEST_CASE("reactive energy without any active power is import's: quadrants 1 and 4") {
        EnergyMeter meter;
        EnergyRegisters r;
        meter.count({{}, {5, 0, 0}, 5, true}, window, 0, r);
        meter.count({{}, {-3, 0, 0}, 3, true}, window, 0, r);
        CHECK(uj(r[Energy::q_q1]) == 1'000'000);
        CHECK(uj(r[Energy::q_q4]) == 600'000);
    }

    TEST_CASE("net energy is the distance of the counts, to the microjoule, whichever is more") {
        const auto net_kwh = [](EnergyCount import, EnergyCount exported) {
            EnergyRegisters r;
            r[Energy::p_import] = import;
            r[Energy::p_export] = exported;
            CHECK(r.kilo(Energy::p_total) ==
                  EnergyCount{import.wh + exported.wh, import.uj + exported.uj}.kwh());
            return r.kilo(Energy::p_net);
        };
        constexpr std::int64_t uj = EnergyCount::uj_per_wh;
        CHECK(net_kwh({5, 100}, {2, 200}) == EnergyCount{2, uj - 100}.kwh()); // one is borrowed
        CHECK(net_kwh({2, 200}, {5, 100}) == EnergyCount{2, uj - 100}.kwh());
        CHECK(net_kwh({5, 100}, {5, uj / 2}) == EnergyCount{0, uj / 2 - 100}.kwh());
        CHECK(net_kwh({5, uj / 2}, {5, 100}) == EnergyCount{0, uj / 2 - 100}.kwh());
    }

} // TEST_SUITE
