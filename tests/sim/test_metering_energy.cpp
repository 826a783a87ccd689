#include "metering_bench.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace kpmsim;
using namespace kpmsim::test;

TEST_SUITE("validation") {
    TEST_CASE("an hour of energy is the integral, and the tariffs share it without a rest") {
        Bench b{star()};
        const auto channels =
            fundamentals({230, 231, 229}, {0, -120, 120}, {5, 6, 4.5}, {-30, -190, 90});
        Block block{b.window, 6, 128};
        b.fill(block, channels);
        for (int w = 0; w < 18'000; ++w) {
            b.meter.push(block.block, {CivilTime{std::chrono::seconds{(w + 1) / 5}}, w / 3000});
            block.block.window.start = block.block.window.end();
        }
        long double p = 0, q = 0, s = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            const long double u = channels[k][0].rms, i = channels[k + 3][0].rms;
            const long double phi =
                static_cast<long double>(channels[k][0].angle) - channels[k + 3][0].angle;
            p += u * i * std::cos(phi);
            q += u * i * std::sin(phi);
            s += u * i;
        }
        const EnergyRegisters& e = b.meter.state(0).energy;
        // A coherent window repeats its rounding: 0.29 bit over 128 samples, 3e-9 of full scale.
        const auto off = [&](Energy register_, long double is) {
            return std::abs(e.kilo(register_) * 1000 - static_cast<double>(is)) /
                   static_cast<double>(s);
        };
        CHECK(off(Energy::p_import, p) < 1e-8);
        CHECK(off(Energy::q_import, q) < 1e-8);
        CHECK(off(Energy::s, s) < 1e-8);
        // Against the integral of its own readings: a microjoule a phase.
        const auto left_j = [&](Energy register_, double power) {
            const EnergyCount& count = e[register_];
            return std::abs(static_cast<long double>(count.wh) * 3600 +
                            static_cast<long double>(count.uj) * 1e-6L - power * 3600.0L);
        };
        CHECK(left_j(Energy::p_import, b[Slot::p]) < 3.1e-6L);
        CHECK(left_j(Energy::q_import, b[Slot::q]) < 3.1e-6L);
        CHECK(left_j(Energy::s, b[Slot::s]) < 1.1e-6L);
        double shares = 0;
        for (int t = 0; t < 6; ++t)
            shares += e.kilo(static_cast<Energy>(static_cast<int>(Energy::p_import_t1) + t));
        CHECK(shares == doctest::Approx(e.kilo(Energy::p_import)).epsilon(1e-15));
        CHECK(b.meter.state(0).demand[Demand::p] == doctest::Approx(b[Slot::p]).epsilon(1e-12));
    }
}

TEST_SUITE("unit") {
    TEST_CASE("below the start current a phase reads its current and meters nothing") {
        MeteringSettings settings;
        settings.ct[0] = 20;
        settings.start_current_a[0] = 0.02; // at the terminals
        Bench b{star(), settings};
        b.push(fundamentals({230, 230, 230}, {0, -120, 120}, {0.0199, 0.0201, 1}, {0, -120, 120}));
        CHECK(b[Slot::i_a] == doctest::Approx(0.0199 * 20).epsilon(1e-4));
        CHECK(b[Slot::p_a] == 0);
        CHECK(b[Slot::q_a] == 0);
        CHECK(b[Slot::s_a] == 0);
        CHECK(b[Slot::pf_a] == 0);
        CHECK(b[Slot::p_b] == doctest::Approx(230 * 0.0201 * 20).epsilon(1e-4));
        CHECK(b[Slot::p] == b[Slot::p_b] + b[Slot::p_c]);
        CHECK(b.get("e_p_import_a") == 0);
        CHECK(b.get("e_p_import_b") > 0);
    }

    TEST_CASE("circuits count on their own and can be cleared") {
        MeteringSettings settings;
        settings.ct = {1, 2, 3, 4};
        settings.demand_minutes = 1;
        Metering meter{star(4), settings, Random{1, "m"}};
        Block b{window_at(50), 15, 128};
        for (int c = 0; c < 15; ++c)
            b.fill(c, {{1, 0.2, -2.0943951023931953 * (c % 3)}}, 50);
        for (int w = 0; w < 301; ++w) {
            meter.push(b.block, {CivilTime{std::chrono::seconds{(w + 1) / 5}}, 0});
            b.block.window.start = b.block.window.end();
        }
        const double first = meter.state(0).energy.kilo(Energy::p_import);
        CHECK(first > 0);
        for (int circuit = 0; circuit < 4; ++circuit) {
            const MeterState& state = meter.state(circuit);
            CHECK(state.energy.kilo(Energy::p_import) == doctest::Approx(first * (circuit + 1)));
            CHECK(state.readings[Slot::u_a] == meter.state(0).readings[Slot::u_a]);
            CHECK(state.demand[Demand::p_max] == doctest::Approx(state.readings[Slot::p]));
            CHECK(state.window == 301);
            CHECK(state.at == SimTime{SimDuration{301 * 200'000'000LL}});
        }
        // One code of 600 V and 10 A at the primary, times the circuit's ratio.
        CHECK(meter.resolution(2).u_v == 600 * 0x1p-23);
        CHECK(meter.resolution(2).i_a == 30 * 0x1p-23);
        CHECK(meter.resolution(2).of(Slot::q_b) == 600 * 30 * 0x1p-23);
        CHECK(meter.resolution(2).of(Slot::s) == 3 * 600 * 30 * 0x1p-23);
        meter.clear_energy();
        meter.clear_demand_maxima();
        CHECK(meter.state(3).energy.count == EnergyRegisters{}.count);
        CHECK(meter.state(3).demand[Demand::p_max] == 0);
        CHECK(meter.state(3).demand[Demand::p] > 0);
    }
    TEST_CASE("each circuit has its own sensor's temperature") {
        MeteringConfig config = star(4);
        config.temperature_c = {21, 22, 23, 24};
        Metering meter{config, {}, Random{1, "m"}};
        Block b{window_at(50), 15, 128};
        meter.push(b.block, {});
        for (int circuit = 0; circuit < 4; ++circuit)
            CHECK(meter.state(circuit).readings[Slot::temp] == 21 + circuit);
    }
}
