#include "samples.hpp"
#include "sim/adc.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace kpmsim;
using test::Block;

namespace {

const Window ten{SimTime{}, SimDuration{200'000'000}, 10};
const Random stream{1, "adc"};

std::vector<std::int32_t> codes_of(const SampleBlock& block, int channel, const AdcChannel& adc,
                                   std::uint64_t first = 0, int* clipped = nullptr) {
    std::vector<std::int32_t> out(static_cast<std::size_t>(block.window.samples()));
    const Codes codes = convert(block, channel, adc, stream, first, out);
    out.resize(static_cast<std::size_t>(codes.rows));
    if (clipped)
        *clipped = codes.report.clipped;
    return out;
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("a code is the nearest to the sample, the largest one beyond full scale, and counted "
              "then") {
        struct Row {
            double x;
            std::int32_t code;
            int clipped;
        };
        constexpr double lsb = 0x1p-23;
        const Row rows[] = {
            {0, 0, 0},
            {lsb, 1, 0},
            {-lsb, -1, 0},
            {0.4999 * lsb, 0, 0},
            {0.5001 * lsb, 1, 0},
            {-0.5001 * lsb, -1, 0},
            {1234567.49 * lsb, 1234567, 0},
            {0.5, 1 << 22, 0},
            {1 - lsb, adc_max_code, 0},
            {1, adc_max_code,
             0}, // full scale itself: the largest code, and nothing lost but half a bit
            {1 + 2 * lsb, adc_max_code, 1},
            {-1, -adc_max_code, 0},
            {-1 - 2 * lsb, -adc_max_code, 1},
            {127, adc_max_code, 1},
            {-1e300, -adc_max_code, 1},
            {std::numeric_limits<double>::infinity(), adc_max_code, 1},
        };
        for (const Row& row : rows)
            for (const std::size_t place : {std::size_t{0}, std::size_t{77}, std::size_t{1279}}) {
                Block b{ten, 1, 1280};
                b.block.channel(0)[place] = row.x;
                int clipped = 0;
                const auto codes = codes_of(b.block, 0, {}, 0, &clipped);
                REQUIRE(codes.size() == 1280);
                CHECK_MESSAGE(codes[place] == row.code, row.x);
                CHECK_MESSAGE(clipped == row.clipped, row.x);
            }
    }

    TEST_CASE("gain and offset errors move the code as told") {
        Block b{ten, 1, 128};
        for (double& x : b.block.channel(0))
            x = 0.25;
        AdcChannel adc;
        adc.gain_error = 0.002;
        adc.offset = -1e-4;
        CHECK(codes_of(b.block, 0, adc)[5] == std::lround((0.25 * 1.002 - 1e-4) * 0x1p23));
    }

    TEST_CASE(
        "a converter of fewer bits rounds to its own step and ends one step below full scale") {
        Block b{ten, 1, 128};
        const auto x = b.block.channel(0);
        for (std::size_t n = 0; n < 128; ++n)
            x[n] = -1.1 + 2.2 * static_cast<double>(n) / 127;
        for (const int bits : {8, 12, 16, 23}) {
            CAPTURE(bits);
            AdcChannel adc;
            adc.bits = bits;
            const auto codes = codes_of(b.block, 0, adc);
            const std::int32_t step = 1 << (24 - bits);
            for (std::size_t n = 0; n < 128; ++n) {
                CHECK(codes[n] % step == 0);
                if (std::abs(x[n]) < 1 - 2.0 / (1 << (bits - 1)))
                    CHECK(std::abs(codes[n] - x[n] * 0x1p23) <= 0.5 * step + 0.5);
            }
            CHECK(codes[127] == (1 << 23) - step);
            CHECK(codes[0] == -codes[127]);
        }
    }

    TEST_CASE("noise has the deviation asked for, kurtosis 2.7, and knows no neighbour, channel or "
              "cycle") {
        Block b{ten, 2, 128}; // silent, coherent: expanded because of the noise
        AdcChannel adc;
        adc.noise_rms = 1e-2;
        constexpr double sigma = 1e-2 * 0x1p23;
        double sum = 0, square = 0, fourth = 0, neighbour = 0, across = 0, cycle = 0, largest = 0;
        int n = 0;
        for (std::uint64_t first = 0; first < 800 * 1280; first += 1280) {
            const auto x = codes_of(b.block, 0, adc, first);
            const auto y = codes_of(b.block, 1, adc, first);
            REQUIRE(x.size() == 1280);
            for (std::size_t i = 0; i < x.size(); ++i, ++n) {
                const double z = x[i] / sigma;
                sum += z;
                square += z * z;
                fourth += z * z * z * z;
                largest = std::max(largest, std::abs(z));
                neighbour += z * x[(i + 1) % 1280] / sigma;
                cycle += z * x[(i + 128) % 1280] / sigma;
                across += z * y[i] / sigma;
            }
        }
        const double one = 1 / std::sqrt(n);
        CHECK(std::abs(sum / n) < 5 * one);
        CHECK(std::abs(square / n - 1) < 5 * std::sqrt(1.7) * one);
        CHECK(std::abs(fourth / n - 2.7) < 5 * std::sqrt(60) * one);
        CHECK(largest < 3.4642);
        CHECK(largest > 3.3);
        CHECK(std::abs(neighbour / n) < 5 * one);
        CHECK(std::abs(cycle / n) < 5 * one);
        CHECK(std::abs(across / n) < 5 * one);
    }

    TEST_CASE("noise belongs to the sample, however the windows are cut, beyond 2^32 samples too") {
        AdcChannel adc;
        adc.noise_rms = 1e-3;
        Block whole{ten, 3, 1280};
        whole.fill(2, {{1, 0.5, 0.3}}, 50);
        Block cycle{{SimTime{}, SimDuration{20'000'000}, 1}, 3, 128};
        for (const std::uint64_t first : {std::uint64_t{0}, (std::uint64_t{1} << 32) - 700,
                                          (std::uint64_t{1} << 40) - 128, std::uint64_t{12345}}) {
            const auto all = codes_of(whole.block, 2, adc, first);
            for (int m = 0; m < 10; ++m) {
                for (std::size_t k = 0; k < 128; ++k)
                    cycle.block.channel(2)[k] =
                        whole.block.channel(2)[static_cast<std::size_t>(m) * 128 + k];
                const auto part =
                    codes_of(cycle.block, 2, adc, first + static_cast<std::uint64_t>(m) * 128);
                for (std::size_t k = 0; k < 128; ++k)
                    REQUIRE(part[k] == all[static_cast<std::size_t>(m) * 128 + k]);
            }
        }
        // The low half of the index alone does not decide.
        CHECK(codes_of(whole.block, 2, adc, 0) !=
              codes_of(whole.block, 2, adc, std::uint64_t{1} << 32));
    }

    TEST_CASE("a coherent block without noise stays one cycle long") {
        Block b{ten, 1, 128};
        b.fill(0, {{1, 0.5, 0}}, 50);
        const auto one = codes_of(b.block, 0, {});
        REQUIRE(one.size() == 128);
        Block all{ten, 1, 1280};
        for (std::size_t n = 0; n < 1280; ++n)
            all.block.channel(0)[n] = b.block.channel(0)[n % 128];
        const auto ten_cycles = codes_of(all.block, 0, {});
        for (std::size_t n = 0; n < 1280; ++n)
            REQUIRE(ten_cycles[n] == one[n % 128]);
    }

    TEST_CASE("noise that goes beyond full scale is clipped, and counted") {
        Block b{ten, 1, 128};
        for (double& x : b.block.channel(0))
            x = 0.999;
        AdcChannel adc;
        adc.noise_rms = 1e-3;
        int clipped = 0;
        const auto codes = codes_of(b.block, 0, adc, 0, &clipped);
        CHECK(*std::max_element(codes.begin(), codes.end()) == adc_max_code);
        const auto at_the_top = std::count(codes.begin(), codes.end(), adc_max_code);
        CHECK(clipped > 150); // one sigma above
        CHECK(clipped <= at_the_top);
        CHECK(clipped >= at_the_top - 2);
    }

} // TEST_SUITE
