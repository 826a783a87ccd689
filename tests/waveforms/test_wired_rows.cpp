#include "waveforms/wired_rows.hpp"

#include "waveforms/wiring_changes.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <vector>

using namespace kpmsim;
using namespace std::chrono_literals;
using doctest::Approx;

namespace {

/// A supply with noise and a tone between the harmonics, of whole turns in half a window.
SupplySpec busy() {
    SupplySpec spec;
    spec.noise_v = 3;
    spec.interharmonics = {{90.0, 0.02, 10.0}};
    return spec;
}

struct Cabinet {
    explicit Cabinet(SupplySpec spec, Wiring mode = Wiring::p4l)
        : supply{std::move(spec), Random{1, "supply"}}, window{supply.through(
                                                            {SimTime{}, 200ms, 10})} {
        straight.mode = mode;
        LoadSpec load;
        load.p_w = {1000, 2000, 3000};
        load.pf = 0.8;
        drawn = {currents_of(Load{load}, window)};
    }
    WiredRows part(int first, int last, const WiringSpec& wiring) const {
        return {first, last, wiring, window, wire_drawn(wiring, window, drawn)};
    }
    std::vector<double> sampled(std::span<const WiredRows> parts) const {
        std::vector<double> data(6 * max_samples_per_window);
        SampleBlock block;
        block.data = data;
        if (parts.size() == 1)
            sample(parts[0].terminals, parts[0].seen, supply.stream(), parts[0].wiring, adc, block);
        else
            sample(parts, supply.stream(), adc, block);
        std::vector<double> rows;
        for (int c = 0; c < block.channels; ++c)
            for (int n = 0; n < window.window.samples(); ++n)
                rows.push_back(block.channel(c)[static_cast<std::size_t>(n % block.rows)]);
        return rows;
    }
    Readings truth_of(std::span<const WiredRows> parts) const {
        Readings r;
        truth_if_any(parts, 0, std::array{&r});
        return r;
    }

    Supply supply;
    SupplyWindow window;
    WiringSpec straight;
    std::array<WindowCurrents, 1> drawn;
    std::array<AdcChannel, 6> adc{AdcChannel{600}, AdcChannel{600}, AdcChannel{600},
                                  AdcChannel{100}, AdcChannel{100}, AdcChannel{100}};
};

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("the rows of a window that is wired in parts are each its part's") {
        for (const SupplySpec& spec : {SupplySpec{}, busy()}) {
            const Cabinet cabinet{spec};
            WiringSpec wrong;
            wrong.ct_reversed[0][1] = true;
            wrong.u_open[2] = true;
            const std::array before{cabinet.part(0, 1280, cabinet.straight)};
            const std::array after{cabinet.part(0, 1280, wrong)};
            const std::array both{cabinet.part(0, 333, cabinet.straight),
                                  cabinet.part(333, 1280, wrong)};
            const std::vector<double> x = cabinet.sampled(before);
            const std::vector<double> y = cabinet.sampled(after);
            const std::vector<double> z = cabinet.sampled(both);
            for (std::size_t n = 0; n < z.size(); ++n)
                REQUIRE(z[n] == Approx(n % 1280 < 333 ? x[n] : y[n]).epsilon(1e-12).scale(1));
        }
    }

    TEST_CASE("the truth of a window that is wired in parts is of all its rows") {
        const Cabinet cabinet{SupplySpec{}};
        WiringSpec wrong;
        wrong.ct_reversed[0][1] = true;
        wrong.u_open[2] = true;
        // Whole cycles of each: three of ten.
        const std::array parts{cabinet.part(0, 384, cabinet.straight),
                               cabinet.part(384, 1280, wrong)};
        const Readings r = cabinet.truth_of(parts);
        CHECK(r[Slot::p_a] == Approx(1000).epsilon(1e-9));
        CHECK(r[Slot::p_b] == Approx(2000 * (0.3 - 0.7)).epsilon(1e-9));
        CHECK(r[Slot::p_c] == Approx(3000 * 0.3).epsilon(1e-9));
        CHECK(r[Slot::u_c] == Approx(230 * std::sqrt(0.3)).epsilon(1e-9));
        CHECK(r[Slot::u_bc] ==
              Approx(230 * std::sqrt(0.3 * 3 + 0.7)).epsilon(1e-9)); // Ub alone where Uc is off
        CHECK(r[Slot::i_b] == Approx(2000 / 0.8 / 230).epsilon(1e-9));
    }

    TEST_CASE("noise and tones count in a part as far as its leads show them") {
        const Cabinet cabinet{busy()};
        WiringSpec off;
        off.u_open[0] = true;
        const std::array parts{cabinet.part(0, 640, cabinet.straight),
                               cabinet.part(640, 1280, off)};
        const Readings r = cabinet.truth_of(parts);
        const std::array whole{cabinet.part(0, 1280, cabinet.straight)};
        const Readings all = cabinet.truth_of(whole);
        CHECK(r[Slot::u_b] == Approx(all[Slot::u_b]).epsilon(1e-9));
        CHECK(r[Slot::u_a] == Approx(all[Slot::u_a] / std::sqrt(2.0)).epsilon(1e-9));
        CHECK(all[Slot::u_a] == Approx(std::sqrt(230 * 230 * 1.0004 + 9)).epsilon(1e-9));
        // In the second half Uab is -Ub.
        const double ab = all[Slot::u_ab];
        const double u_b = all[Slot::u_b];
        CHECK(r[Slot::u_ab] == Approx(std::sqrt((ab * ab + u_b * u_b) / 2)).epsilon(1e-9));
    }

    TEST_CASE("without a neutral, and with one phase, parts are read as such wirings are") {
        {
            const Cabinet cabinet{SupplySpec{}, Wiring::p3l2};
            WiringSpec wrong = cabinet.straight;
            wrong.ct_reversed[0][2] = true;
            const std::array parts{cabinet.part(0, 640, cabinet.straight),
                                   cabinet.part(640, 1280, wrong)};
            const std::array first{cabinet.part(0, 1280, cabinet.straight)};
            const std::array second{cabinet.part(0, 1280, wrong)};
            CHECK(cabinet.truth_of(parts)[Slot::p] ==
                  Approx((cabinet.truth_of(first)[Slot::p] + cabinet.truth_of(second)[Slot::p]) / 2)
                      .epsilon(1e-9));
            CHECK(std::isnan(cabinet.truth_of(parts)[Slot::u_a]));
        }
        const Cabinet cabinet{SupplySpec{}, Wiring::one_phase};
        WiringSpec open = cabinet.straight;
        open.ct_gain[0][0] = 0;
        const std::array parts{cabinet.part(0, 896, cabinet.straight),
                               cabinet.part(896, 1280, open)};
        CHECK(cabinet.truth_of(parts)[Slot::p] == Approx(700).epsilon(1e-9));
    }
}
