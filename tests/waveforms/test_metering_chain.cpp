#include "metering_chain.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

// Waveform -> converter -> metering against the analytic truth, which is worked out from the
// phasors and shares no code with the metering.

namespace {

/// Draws a trial's numbers.
struct Dice {
    Random stream;
    std::uint64_t n{0};
    double between(double a, double b) { return a + (b - a) * stream.uniform(n++); }
    int below(int count) { return static_cast<int>(between(0, count)); }
    bool flip() { return between(0, 1) < 0.5; }
};

/// Orders 2 to `last` at random angles: odd ones up to 25 %/h, even ones up to 2 %/h.
std::vector<Harmonic> random_harmonics(Dice& dice, int last) {
    std::vector<Harmonic> out;
    for (int h = 2; h <= last; ++h)
        out.push_back({h, dice.between(0, h % 2 == 1 ? 0.25 : 0.02) / h, dice.between(0, 360)});
    return out;
}

SupplySpec random_supply(Dice& dice) {
    SupplySpec spec;
    spec.f_hz = dice.between(45, 65);
    for (std::size_t p = 0; p < 3; ++p) {
        spec.magnitude[p] = dice.between(0.85, 1.15);
        spec.angle_deg[p] += dice.between(-8, 8);
    }
    if (dice.flip())
        std::swap(spec.angle_deg[1], spec.angle_deg[2]); // negative sequence
    spec.harmonics = random_harmonics(dice, 50);
    spec.dc_v = dice.flip() ? 0.0 : dice.between(-2, 2);
    return spec;
}

LoadSpec random_load(Dice& dice) {
    LoadSpec load;
    load.kind = dice.flip() ? LoadKind::constant_power : LoadKind::pv_inverter;
    for (double& p : load.p_w)
        p = dice.between(1000, 6000);
    load.pf = dice.between(0.5, 1);
    load.capacitive = dice.flip();
    load.harmonics = random_harmonics(dice, 50);
    return load;
}

WiringSpec random_wiring(Dice& dice, Wiring mode) {
    WiringSpec wiring;
    wiring.mode = mode;
    wiring.pt_ratio = dice.flip() ? 1.0 : 2.3;
    for (std::size_t circuit = 0; circuit < max_circuits; ++circuit) {
        wiring.ct_ratio[circuit] = dice.flip() ? 5.0 : 12.0;
        for (bool& reversed : wiring.ct_reversed[circuit])
            reversed = dice.below(4) == 0;
        if (dice.below(4) == 0)
            std::swap(wiring.i_phase[circuit][1], wiring.i_phase[circuit][2]);
    }
    if (dice.below(4) == 0)
        wiring.u_phase = {1, 2, 0};
    return wiring;
}

MeteringConfig converter(const WiringSpec& wiring, double f_hz, int circuits, double noise_rms) {
    MeteringConfig config;
    config.wiring = wiring.mode;
    config.circuits = circuits;
    config.nominal_hz = f_hz < 55 ? 50 : 60;
    const double u_v = wiring.mode == Wiring::p4l ? 230 : 400;
    for (std::size_t c = 0; c < max_channels; ++c) {
        // Peak of 1.7 times the rating: 25 % over it with room for a crest.
        const double rated = c < 3 ? u_v / wiring.pt_ratio : 40.0 / wiring.ct_ratio[(c - 3) / 3];
        config.adc[c].full_scale = rated * 1.7 * std::numbers::sqrt2;
        config.adc[c].noise_rms = noise_rms;
    }
    return config;
}

/// The worst errors of a circuit, each against what its limit counts from.
struct Worst {
    double u{0}, i{0}, power{0}, f_hz{0}, harmonic{0}, angle_deg{0}, percent{0}, component{0};

    void take(const Readings& got, const Readings& right) {
        const auto off = [&](Slot s, int n = 0) {
            return std::abs(got[slot_at(s, n)] - right[slot_at(s, n)]);
        };
        const auto raise = [](double& worst, double by) {
            worst = std::isnan(by) ? by : std::max(worst, by);
        };
        for (int n = 0; n < 6; ++n)
            raise(u, off(Slot::u_a, n) / std::max(right[slot_at(Slot::u_a, n)], 1.0));
        for (int n = 0; n < 3; ++n)
            raise(i, off(Slot::i_a, n) / right[slot_at(Slot::i_a, n)]);
        for (int n = 0; n < 4; ++n)
            for (const Slot s : {Slot::p_a, Slot::q_a, Slot::s_a})
                raise(power, off(s, n) / std::max(right[slot_at(Slot::s_a, n)], 1.0));
        for (int n = 0; n < 4; ++n)
            raise(power, off(Slot::pf_a, n));
        raise(f_hz, off(Slot::f));
        for (int c = 0; c < 6; ++c) {
            const double fundamental = right[harmonic_slot(c, 1)];
            for (int h = 1; h <= max_harmonic; ++h)
                raise(harmonic, off(harmonic_slot(c, h)) / std::max(fundamental, 1e-3));
        }
        for (int n = 0; n < 6; ++n) {
            const double d = off(Slot::angle_u_a, n);
            raise(angle_deg, std::min(d, 360 - d));
            raise(percent,
                  off(Slot::thd_u_a, n) / std::max(1.0, right[slot_at(Slot::thd_u_a, n)] / 100));
            raise(component, off(Slot::u_zero, n) / right[n < 3 ? Slot::u_ab : Slot::i_a]);
        }
        for (int n = 0; n < 4; ++n) // u2 of a reversed supply is some thousand per cent
            raise(percent,
                  off(Slot::unb_u, n) / std::max(1.0, right[slot_at(Slot::unb_u, n)] / 100));
    }
};

double hours(SimTime t) { return seconds(t.time_since_epoch()) / 3600; }

constexpr int settling = 8; ///< windows until the lock stands
constexpr int trials = 20;

/// Random set-ups of one wiring mode; the worst of all windows after settling.
Worst worst_of(Wiring mode, double noise_rms) {
    Worst worst;
    for (int trial = 0; trial < trials; ++trial) {
        Dice dice{Random{20'261U + static_cast<unsigned>(trial), name_of(LoadKind::profile)}};
        SupplySpec spec = random_supply(dice);
        const WiringSpec wiring = random_wiring(dice, mode);
        MeteringChain chain{spec,
                            wiring,
                            {random_load(dice), random_load(dice)},
                            converter(wiring, spec.f_hz, 2, noise_rms)};
        for (int n = 0; n < settling + 4; ++n) {
            chain.step();
            if (n < settling)
                continue;
            CHECK(chain.metering.clipped() == 0);
            worst.take(chain.shown(0), chain.right(0));
            worst.take(chain.shown(1), chain.right(1));
        }
    }
    MESSAGE("u ", worst.u, ", i ", worst.i, ", P Q S ", worst.power, ", f ", worst.f_hz,
            " Hz, harmonics ", worst.harmonic, ", angles ", worst.angle_deg, " deg, thd and unb ",
            worst.percent, " %, components ", worst.component);
    return worst;
}

/// 101 dB below a full-scale sine (data sheet of the ADE9000), as a fraction of the peak.
const double ade9000_noise = std::pow(10.0, -101.0 / 20) / std::numbers::sqrt2;

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("45 to 65 Hz, distorted, unbalanced, miswired: readings are the truth to 1e-6") {
        for (const Wiring mode : {Wiring::p4l, Wiring::p3l3, Wiring::p3l2}) {
            CAPTURE(static_cast<int>(mode));
            const Worst worst = worst_of(mode, 0.0);
            CHECK(worst.u < 1e-6);
            CHECK(worst.i < 1e-6);
            CHECK(worst.power < 1e-6);
            CHECK(worst.f_hz < 1e-6);
            CHECK(worst.harmonic < 1e-6);
            CHECK(worst.angle_deg < 1e-4);
            CHECK(worst.percent < 1e-4);
            CHECK(worst.component < 1e-6);
        }
    }

    TEST_CASE("with a converter's noise of -101 dB the readings are the truth to 1e-4") {
        for (const Wiring mode : {Wiring::p4l, Wiring::p3l3, Wiring::p3l2}) {
            CAPTURE(static_cast<int>(mode));
            const Worst worst = worst_of(mode, ade9000_noise);
            CHECK(worst.u < 1e-4);
            CHECK(worst.i < 1e-4);
            CHECK(worst.power < 1e-4);
            CHECK(worst.f_hz < 1e-5);
            CHECK(worst.harmonic < 1e-4);
            CHECK(worst.component < 1e-4);
        }
    }

    TEST_CASE("a coherent window reads as one sampled cycle by cycle, to 1e-9") {
        Dice dice{Random{5, "coherent"}};
        SupplySpec spec = random_supply(dice);
        spec.f_hz = 50;
        const LoadSpec load = random_load(dice);
        const MeteringConfig config = converter({}, 50, 1, 0.0);
        MeteringChain one{spec, {}, {load}, config};
        spec.interharmonics = {{120, 0.0, 0.0}}; // no height, but the full path
        MeteringChain all{spec, {}, {load}, config};
        for (int n = 0; n < settling; ++n) {
            one.step();
            all.step();
        }
        REQUIRE(one.block.coherent());
        REQUIRE_FALSE(all.block.coherent());
        for (const Slot s : {Slot::u_a, Slot::i_a, Slot::p, Slot::s, Slot::u_ab, Slot::f})
            CHECK(std::abs(one.shown()[s] / all.shown()[s] - 1) < 1e-9);
        CHECK(std::abs(one.shown()[Slot::q] - all.shown()[Slot::q]) < 1e-9 * one.shown()[Slot::s]);
    }

    TEST_CASE("an hour of energy under a ramping load is the integral to 1e-6") {
        for (const double f_hz : {50.0, 49.83}) {
            LoadSpec load;
            load.kind = LoadKind::profile;
            load.profile = {{0s, {0, 4000, 500}, 1.0},
                            {20min, {3000, 4000, -500}, 0.7},
                            {61min, {1000, 0, -2500}, 0.9}};
            SupplySpec spec;
            spec.f_hz = f_hz;
            spec.harmonics = {{3, 0.03, 20}, {5, 0.06, 180}, {7, 0.05, 77}};
            MeteringChain chain{spec, {}, {load}, converter({}, f_hz, 1, 0.0)};
            for (int n = 0; n < settling; ++n)
                chain.step();
            chain.metering.clear_energy();
            const double start_h = hours(chain.lock.next().start);
            while (chain.lock.next().start < SimTime{1h})
                chain.step();
            const double end_h = hours(chain.lock.next().start);

            const auto wh = [&](std::size_t p, double from_h, double to_h) {
                double sum = 0;
                for (std::size_t n = 1; n < load.profile.rows().size(); ++n) {
                    const ProfilePoint& a = load.profile.rows()[n - 1];
                    const ProfilePoint& b = load.profile.rows()[n];
                    const double a_h = seconds(a.at) / 3600;
                    const double b_h = seconds(b.at) / 3600;
                    const double x = std::clamp(from_h, a_h, b_h);
                    const double y = std::clamp(to_h, a_h, b_h);
                    const double middle = (0.5 * (x + y) - a_h) / (b_h - a_h);
                    sum += (y - x) * (a.p_w[p] + middle * (b.p_w[p] - a.p_w[p]));
                }
                return sum;
            };
            const EnergyRegisters& e = chain.metering.state(0).energy;
            const auto off = [&](Energy which, double right_wh) {
                return std::abs(1000 * e.kilo(which) / right_wh - 1);
            };
            const double all_wh =
                wh(0, start_h, end_h) + wh(1, start_h, end_h) + wh(2, start_h, end_h);
            const double turned_h = 10.0 / 60; // phase c begins to export
            CHECK(off(Energy::p_import_a, wh(0, start_h, end_h)) < 1e-6);
            CHECK(off(Energy::p_import_b, wh(1, start_h, end_h)) < 1e-6);
            CHECK(off(Energy::p_import_c, wh(2, start_h, turned_h)) < 1e-6);
            CHECK(off(Energy::p_export_c, -wh(2, turned_h, end_h)) < 1e-6);
            CHECK(off(Energy::p_net, all_wh) < 1e-6);
            CHECK(e[Energy::p_export_a] == EnergyCount{});
        }
    }

    TEST_CASE("a drifting supply is followed, and the energy is the sum of the truths") {
        SupplySpec spec;
        spec.u_drift = {0.01, 60};
        spec.f_drift = {0.02, 30};
        spec.harmonics = {{5, 0.05, 10}};
        LoadSpec load;
        load.p_w = {3000, 2000, 1000};
        load.pf = 0.9;
        MeteringChain chain{spec, {}, {load}, converter({}, 50, 1, ade9000_noise)};
        double wh = 0;
        double worst_f_hz = 0;
        for (int n = 0; n < 3000; ++n) {
            chain.step();
            const Readings right = chain.right();
            wh += right[Slot::p] * seconds(chain.window.window.length) / 3600;
            if (n >= settling)
                worst_f_hz =
                    std::max(worst_f_hz, std::abs(chain.shown()[Slot::f] - right[Slot::f]));
        }
        // The lock is a window behind; 0.02 Hz with 30 s moves some 1e-3 Hz in a window at 3 sigma.
        CHECK(worst_f_hz < 5e-3);
        CHECK(1000 * chain.metering.state(0).energy.kilo(Energy::p_import) ==
              doctest::Approx(wh).epsilon(1e-5));
    }
}
