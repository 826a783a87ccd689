#include "samples.hpp"
#include "sim/folded_dft.hpp"
#include "sim/plain_kernels.hpp"
#include "tests/kernel_levels.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstring>
#include <numbers>

using namespace kpmsim;

TEST_SUITE("unit") {
    TEST_CASE("the orders of a fold are those of long doubles to 1e-15 of the greatest") {
        using Exact = std::complex<long double>;
        constexpr long double two_pi = 2 * std::numbers::pi_v<long double>;
        test::Dice dice{31};
        double worst = 0;
        for (int trial = 0; trial < 50; ++trial) {
            const int cycles = trial % 2 == 0 ? 10 : 12;
            // A distorted wave, and noise of all sizes.
            std::array<std::int32_t, samples_per_cycle> fold{};
            const double size = std::pow(10, dice(3, 7.9));
            const double angle = dice(0, 6.28);
            for (std::size_t k = 0; k < fold.size(); ++k)
                fold[k] = static_cast<std::int32_t>(
                    size * (0.8 * std::sin(0.0490873852 * static_cast<double>(k) + angle) +
                            dice(-0.2, 0.2)));
            Phasors got;
            folded_dft(fold, cycles, 1, got);
            CHECK(got[0] == 0.0);
            long double greatest = 0, off = 0;
            for (std::size_t h = 1; h <= max_harmonic; ++h) {
                Exact bin = 0;
                for (std::size_t k = 0; k < fold.size(); ++k)
                    bin += static_cast<long double>(fold[k]) *
                           std::polar(1.0L, -two_pi * static_cast<long double>(h * k % 128) / 128);
                const Exact right = Exact{-bin.imag(), bin.real()} /
                                    (64 * cycles * std::numbers::sqrt2_v<long double>);
                greatest = std::max(greatest, std::abs(right));
                off = std::max(off, std::abs(Exact{got[h]} - right));
            }
            worst = std::max(worst, static_cast<double>(off / greatest));
        }
        MESSAGE("worst " << worst);
        CHECK(worst < 1e-15);
    }

    TEST_CASE("at every level of the processor the orders of a fold have the bits of the plain "
              "ones") {
        test::at_every_level([&] {
            test::Dice dice{32};
            for (int trial = 0; trial < 50; ++trial) {
                const int cycles = trial % 2 == 0 ? 10 : 12;
                const double size = trial == 0 ? 0x1p27 : std::pow(10, dice(0, 7.9));
                std::array<std::int32_t, samples_per_cycle> fold{};
                for (std::int32_t& sum : fold)
                    sum = static_cast<std::int32_t>(dice(-size, size));
                Phasors got;
                folded_dft(fold, cycles, 1e-5, got);
                const Phasors plain = plain::folded_dft(fold.data(), cycles, 1e-5);
                for (std::size_t h = 1; h < got.size(); ++h) {
                    CAPTURE(h);
                    CHECK(std::memcmp(&got[h], &plain[h], sizeof got[h]) == 0);
                }
            }
        });
    }
}
