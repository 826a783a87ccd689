#include "sim/adc.hpp"
#include "sim/kernels.hpp"
#include "sim/plain_kernels.hpp"
#include "sim/window.hpp"
#include "tests/kernel_levels.hpp"

#include "samples.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <vector>

using namespace kpmsim;

namespace {

std::vector<std::int32_t> some_codes(test::Dice& dice) {
    std::vector<std::int32_t> x(max_samples_per_window);
    for (std::int32_t& v : x)
        v = static_cast<std::int32_t>(dice(-adc_max_code, adc_max_code));
    return x;
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("at every level of the processor a kernel gives the bits of the plain one") {
        test::at_every_level([&] {
            test::Dice dice{11};
            for (int trial = 0; trial < 50; ++trial) {
                const double size = trial % 3 ? 1.1 : 0.9; // one goes beyond full scale
                std::vector<double> x(max_samples_per_window);
                for (double& v : x)
                    v = dice(-size, size);
                const CodeScale scale{dice(0.9, 1.05) * 0x1p23, dice(-50, 50), dice(0, 0.1)};
                const NoiseKey key{static_cast<std::uint32_t>(dice(0, 4e9)),
                                   static_cast<std::uint32_t>(dice(0, 4e9))};
                // Whole windows, a cycle that repeats, and an odd rest.
                const int times = trial % 2 ? 10 : 1;
                const int n = trial % 2 ? 128 : trial % 4 ? 1536 : 1280 - trial;
                const auto first = static_cast<std::uint32_t>(dice(0, 4e9));
                std::vector<std::int32_t> a(max_samples_per_window), b(max_samples_per_window);
                CHECK(kernels::convert_clean(x.data(), n, scale, a.data()) ==
                      plain::convert_clean(x.data(), n, scale, b.data()));
                CHECK(a == b);
                CHECK(kernels::convert_noisy(x.data(), n, times, scale, key, first, a.data()) ==
                      plain::convert_noisy(x.data(), n, times, scale, key, first, b.data()));
                CHECK(a == b);
                const SumAndSquare s = kernels::sum_and_square(x.data(), 1280);
                const SumAndSquare t = plain::sum_and_square(x.data(), 1280);
                CHECK(std::memcmp(&s, &t, sizeof s) == 0);
                for (std::size_t i = 0; i + 64 <= 1536; i += 64) {
                    const PhasorSum p =
                        kernels::correlate_half_cycle(&x[i], x.data(), x.data() + 64);
                    const PhasorSum q = plain::correlate_half_cycle(&x[i], x.data(), x.data() + 64);
                    CHECK(std::memcmp(&p, &q, sizeof p) == 0);
                }
            }
        });
    }

    TEST_CASE("a level that the machine lacks is refused, and nothing changes") {
        const KernelLevel before = kernel_level();
        CHECK(machine_has(before));
        CHECK(use_kernel_level(KernelLevel::baseline));
        CHECK(kernel_level() == KernelLevel::baseline);
        for (const KernelLevel level : {KernelLevel::avx2, KernelLevel::avx512})
            CHECK(use_kernel_level(level) == machine_has(level));
        use_kernel_level(before);
        CHECK(kernel_level_from("avx2") == KernelLevel::avx2);
        CHECK(kernel_level_from("mmx") == std::nullopt);
    }

    TEST_CASE("the sums are exact: they are those of 128-bit integers, at full scale too") {
        __extension__ typedef __int128 Int128;
        test::Dice dice{12};
        for (const int cycles : {1, 10, 12})
            for (const bool full : {false, true}) {
                auto x = some_codes(dice);
                auto y = some_codes(dice);
                if (full) {
                    x.assign(x.size(), -adc_max_code);
                    y.assign(y.size(), adc_max_code);
                }
                const auto n = static_cast<std::size_t>(cycles * samples_per_cycle);
                Int128 square = 0, product = 0;
                std::array<std::int64_t, samples_per_cycle> fold{};
                for (std::size_t i = 0; i < n; ++i) {
                    square += static_cast<Int128>(x[i]) * x[i];
                    product += static_cast<Int128>(x[i]) * y[i];
                    fold[i % samples_per_cycle] += x[i];
                }
                test::at_every_level([&] {
                    std::array<std::int32_t, samples_per_cycle> folded{};
                    kernels::fold(x.data(), cycles, folded.data());
                    CHECK(kernels::square(x.data(), cycles) == square);
                    CHECK(kernels::product(x.data(), y.data(), cycles) == product);
                    for (std::size_t k = 0; k < fold.size(); ++k)
                        REQUIRE(folded[k] == fold[k]);
                });
                std::array<std::int32_t, samples_per_cycle> folded{};
                plain::fold(x.data(), cycles, folded.data());
                for (std::size_t k = 0; k < fold.size(); ++k)
                    REQUIRE(folded[k] == fold[k]);
                CHECK(plain::square(x.data(), cycles) == square);
                CHECK(plain::product(x.data(), y.data(), cycles) == product);
            }
    }

} // TEST_SUITE
