#include "metering_chain.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

// The truth itself against worked examples: closed forms and numbers of the standards' tables.

namespace {

struct Site {
    SupplyWindow window;
    std::array<PhaseSpectra, 1> drawn;
    TerminalSpectra terminals;
    Readings reads;
};

Site site(const SupplySpec& spec, const LoadSpec& load, const WiringSpec& wiring = {}) {
    Site s;
    s.window = Supply{spec, Random{1, "supply"}}.through({SimTime{}, 200ms, 10});
    s.drawn = {currents(load, s.window.u, {})};
    s.terminals = wire(wiring, s.window, s.drawn);
    s.reads = truth(s.terminals, s.window, wiring, 0);
    return s;
}

/// 5 A a phase, the same pf everywhere.
LoadSpec five_amperes(double pf) {
    LoadSpec load;
    load.p_w.fill(230.0 * 5 * pf);
    load.pf = pf;
    return load;
}

doctest::Approx sharp(double x) { return doctest::Approx(x).epsilon(1e-12); }

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("a balanced sine reads U, I, P = 3 U I cos phi and Q with the sign of the coil") {
        const Readings r = site({}, five_amperes(0.5)).reads;
        CHECK(r[Slot::u_b] == sharp(230));
        CHECK(r[Slot::u_bc] == sharp(230 * std::numbers::sqrt3));
        CHECK(r[Slot::i_c] == sharp(5));
        CHECK(r[Slot::p] == sharp(1725));
        CHECK(r[Slot::q] == sharp(1725 * std::numbers::sqrt3)); // lags: positive
        CHECK(r[Slot::s] == sharp(3450));
        CHECK(r[Slot::pf] == sharp(0.5));
        CHECK(r[Slot::f] == sharp(50));
        CHECK(r[Slot::angle_u_b] == sharp(120)); // lag of positive sequence
        CHECK(r[Slot::angle_u_c] == sharp(240));
        CHECK(r[Slot::angle_i_a] == sharp(60));
        CHECK(r[Slot::u_pos] == sharp(230));
        CHECK(r[Slot::u_neg] < 1e-10);
        LoadSpec pv = five_amperes(1.0);
        pv.kind = LoadKind::pv_inverter;
        CHECK(site({}, pv).reads[Slot::p] == sharp(-3450));
    }

    TEST_CASE("the quadriform and the 5th-harmonic test waves have their tabled P, rms and THD") {
        // IEC 62053-2x:2020 / OIML R46, quadriform: per unit of the fundamentals.
        SupplySpec spec;
        spec.harmonics = {
            {3, 0.038, 180}, {5, 0.024, 180}, {7, 0.017, 180}, {11, 0.010, 180}, {13, 0.008, 180}};
        LoadSpec load;
        load.kind = LoadKind::constant_current;
        load.harmonics = {{3, 0.30, 0}, {5, 0.18, 0}, {7, 0.14, 0}, {11, 0.09, 0}, {13, 0.05, 0}};
        load.i_a.fill(1.073592 * 5);
        Readings r = site(spec, load).reads;
        const double i1_a = r[harmonic_slot(3, 1)];
        CHECK(i1_a == doctest::Approx(5).epsilon(1e-6));
        CHECK(r[Slot::p_a] / (230 * i1_a) == doctest::Approx(0.98060).epsilon(1e-7));
        CHECK(r[Slot::u_a] / 230 == doctest::Approx(1.001236).epsilon(1e-6));
        CHECK(r[Slot::thd_i_a] == doctest::Approx(39.0640).epsilon(2e-6));
        CHECK(r[Slot::thd_u_a] == doctest::Approx(4.9729).epsilon(1e-5));
        CHECK(r[Slot::pf_a] == doctest::Approx(0.912255).epsilon(1e-6));

        // IEC 62053-21: 5th, 10 % U and 40 % I, in phase.
        spec.harmonics = {{5, 0.10, 0}};
        load.harmonics = {{5, 0.40, 0}};
        r = site(spec, load).reads;
        CHECK(r[Slot::p_a] / (230 * r[harmonic_slot(3, 1)]) == sharp(1.04));
        CHECK(r[Slot::i_a] / r[harmonic_slot(3, 1)] == sharp(std::sqrt(1.16)));
    }

    TEST_CASE("unbalance has the closed form of IEC 61000-4-30's test states") {
        SupplySpec spec;
        spec.u_v = 100;
        spec.magnitude = {0.73, 0.80, 0.87};
        const Readings r = site(spec, {}).reads;
        CHECK(r[Slot::unb_u2] == doctest::Approx(5.051815).epsilon(1e-7));
        CHECK(r[Slot::unb_u0] == doctest::Approx(5.051815).epsilon(1e-7));
        CHECK(r[Slot::unb_u] == sharp(100 * 14.0 / 80));
    }

    TEST_CASE("wiring faults read what the closed form says") {
        WiringSpec reversed;
        reversed.ct_reversed[0][1] = true;
        CHECK(site({}, five_amperes(0.8), reversed).reads[Slot::p] == sharp(3450 * 0.8 / 3));

        WiringSpec swapped;
        swapped.i_phase[0] = {0, 2, 1};
        CHECK(std::abs(site({}, five_amperes(1.0), swapped).reads[Slot::p]) < 1e-9);

        WiringSpec rotated; // P = 3 U I cos(phi - 120 deg) or so
        rotated.u_phase = {1, 2, 0};
        CHECK(site({}, five_amperes(1.0), rotated).reads[Slot::p] == sharp(-0.5 * 3450));

        WiringSpec open;
        open.u_open[2] = true;
        const Readings r = site({}, five_amperes(1.0), open).reads;
        CHECK(r[Slot::u_c] == 0.0);
        CHECK(r[Slot::p] == sharp(2300));
        CHECK(r[Slot::u_bc] == sharp(230));
    }

    TEST_CASE("without a neutral two wattmeters read the power of three") {
        SupplySpec spec;
        spec.magnitude = {1, 0.9, 1.05};
        spec.harmonics = {{5, 0.06, 30}, {7, 0.05, 100}};
        LoadSpec load;
        load.p_w = {5000, 3000, 1000};
        load.pf = 0.8;
        Site star = site(spec, load);
        for (int h = 0; h < Spectrum::orders; ++h) // no neutral: Ib is what the others leave
            star.drawn[0][1][h] = -(star.drawn[0][0][h] + star.drawn[0][2][h]);
        const auto reads = [&](Wiring mode) {
            WiringSpec wiring;
            wiring.mode = mode;
            wiring.pt_ratio = 4;
            wiring.ct_ratio[0] = 20;
            return truth(wire(wiring, star.window, star.drawn), star.window, wiring, 0);
        };
        const Readings four = reads(Wiring::p4l);
        for (const Wiring mode : {Wiring::p3l3, Wiring::p3l2}) {
            const Readings three = reads(mode);
            CHECK(three[Slot::p] == sharp(four[Slot::p]));
            CHECK(three[Slot::q] == sharp(four[Slot::q]));
            CHECK(three[Slot::u_bc] == sharp(four[Slot::u_bc]));
            CHECK(three[Slot::i_b] == sharp(four[Slot::i_b]));
            CHECK(three[Slot::u_neg] == sharp(four[Slot::u_neg]));
            CHECK(three[Slot::u_a] == 0.0);
        }
    }

    TEST_CASE("a component that is not there is nothing, and what hangs on it has no value") {
        SupplySpec forth;
        forth.harmonics = {{3, 0.02, 15}, {5, 0.06, 180}};
        SupplySpec back = forth;
        back.angle_deg = {0, 120, -120};
        SupplySpec dipped = back; // by rows
        dipped.disturbances = {
            {DisturbanceKind::level, SimTime{50ms}, 40ms, {}, {true, true, true}, 0.4}};
        for (const Wiring mode : {Wiring::p4l, Wiring::p3l3, Wiring::p3l2}) {
            for (const SupplySpec& spec : {forth, back, dipped}) {
                WiringSpec wiring;
                wiring.mode = mode;
                const Site s = site(spec, five_amperes(1.0), wiring);
                const bool reversed = &spec != &forth && spec.angle_deg[1] > 0;
                const Readings r = truth_if_any(s.terminals, s.window, wiring, 0);
                CHECK(s.window.changes() == !spec.disturbances.empty());
                CHECK((r[Slot::u_pos] == 0) == reversed);
                CHECK((r[Slot::u_neg] == 0) == !reversed);
                CHECK((r[Slot::i_pos] == 0) == reversed);
                CHECK((r[Slot::i_neg] == 0) == !reversed);
                CHECK(r[Slot::i_zero] == 0);
                CHECK(std::isnan(r[Slot::unb_u2]) == reversed);
                CHECK(std::isnan(r[Slot::unb_u0]) == (reversed || mode != Wiring::p4l));
                CHECK(s.reads[Slot::unb_u2] == 0); // as a meter shows it
                CHECK(s.reads[Slot::unb_u0] == 0);
                if (!s.window.changes()) { // rows are sampled, and no phase like the other
                    CHECK(r[Slot::unb_u] == 0);
                    CHECK(r[Slot::q] == 0);
                    CHECK(r[Slot::angle_i_a] == 0); // not 360 less a last bit
                }
                CHECK(std::isnan(r[Slot::u_a]) == (mode != Wiring::p4l));
                CHECK(std::isnan(r[Slot::pf_b]) == (mode != Wiring::p4l));
            }
        }
    }

    TEST_CASE(
        "ratios to nothing, angles of nothing and the frequency of no voltage have no value") {
        const auto nothing = [](const Site& s, const WiringSpec& wiring, Slot slot) {
            CHECK(s.reads[slot] == 0);
            return std::isnan(truth_if_any(s.terminals, s.window, wiring, 0)[slot]);
        };
        LoadSpec one_phase; // in phase a only
        one_phase.p_w = {1000, 0, 0};
        const Site idle = site({}, one_phase);
        for (const Slot slot : {Slot::pf_b, Slot::thd_i_c, Slot::angle_i_b})
            CHECK(nothing(idle, {}, slot));
        CHECK_FALSE(std::isnan(truth_if_any(idle.terminals, idle.window, {}, 0)[Slot::pf]));
        SupplySpec off;
        off.u_v = 0;
        const Site dead = site(off, one_phase);
        for (const Slot slot : {Slot::f, Slot::unb_u, Slot::unb_i, Slot::unb_u2, Slot::unb_u0,
                                Slot::pf, Slot::thd_u_a, Slot::angle_u_a})
            CHECK(nothing(dead, {}, slot));
        CHECK(truth_if_any(dead.terminals, dead.window, {}, 0)[Slot::u_a] == 0);

        // A load from a to c: with two transformers the third current is worked out, and is nothing.
        WiringSpec two;
        two.mode = Wiring::p3l2;
        Site across = site({}, five_amperes(0.9));
        across.drawn[0][1] = {};
        across.drawn[0][2] = scaled(-1, across.drawn[0][0]);
        across.terminals = wire(two, across.window, across.drawn);
        across.reads = truth(across.terminals, across.window, two, 0);
        CHECK(across.reads[Slot::i_b] == doctest::Approx(0));
        CHECK(nothing(across, two, Slot::thd_i_b));
        CHECK(nothing(across, two, Slot::angle_i_b));
    }

    TEST_CASE("tones and noise count in U as their rms, in the truth and in the reading") {
        SupplySpec spec;
        spec.interharmonics = {{75, 0.02, 10}}; // 15 whole periods in a window
        spec.noise_v = 3;
        const Readings right = site(spec, {}).reads;
        CHECK(right[Slot::u_a] == sharp(std::sqrt(230 * 230 + 4.6 * 4.6 + 9)));
        CHECK(right[Slot::u_ab] == sharp(std::sqrt(3 * (230 * 230 + 4.6 * 4.6) + 2 * 9)));

        MeteringConfig config;
        for (AdcChannel& adc : config.adc)
            adc.full_scale = 500;
        MeteringChain chain{spec, {}, {LoadSpec{}}, config};
        double square = 0;
        constexpr int windows = 400;
        for (int n = 0; n < 8 + windows; ++n) {
            chain.step();
            square += n < 8 ? 0 : std::pow(chain.shown()[Slot::u_a], 2) / windows;
        }
        // The noise's cross term with the sine: 2 * 230 * 3 / sqrt(1280 * 400) at one sigma.
        const double sigma = 2 * 230 * 3 / std::sqrt(1280.0 * windows);
        CHECK(std::abs(square - std::pow(right[Slot::u_a], 2)) < 5 * sigma);
    }
}
