#include "sim/random.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace kpmsim;

TEST_SUITE("unit") {

    TEST_CASE("the streams are what they were: seed and name decide, on every machine") {
        const Random r{42, "meter/feeder-3/noise"};
        CHECK(hash_name("") == 0xCBF29CE484222325u);
        CHECK(hash_name("a") == 0xAF63DC4C8601EC8Cu); // FNV-1a's published test vector
        // Worked out by the same arithmetic in another language's whole numbers.
        CHECK(r.key() == 0x49337B22318E3E2Au);
        CHECK(r.bits(0) == 0x665DD3ABD2D299BCu);
        CHECK(r.bits(1) == 0x2D9E2CAA41A28A9Au);
        CHECK(r.bits(std::uint64_t{1} << 63) == 0x2E35F63F3A5AA173u);
        CHECK(r.bits(0) != Random{43, "meter/feeder-3/noise"}.bits(0));
        CHECK(r.bits(0) != Random{42, "meter/feeder-4/noise"}.bits(0));
        CHECK(r.bits(0) != r.bits(1));
    }

    TEST_CASE("uniform numbers have the moments of uniform numbers") {
        const Random r{1, "u"};
        constexpr int n = 1'000'000;
        double sum = 0, square = 0, neighbour = 0;
        for (std::uint64_t i = 0; i < n; ++i) {
            const double x = r.uniform(i) - 0.5;
            REQUIRE(x >= -0.5);
            REQUIRE(x < 0.5);
            sum += x;
            square += x * x;
            neighbour += x * (r.uniform(i + 1) - 0.5);
        }
        // Five deviations of each estimate.
        CHECK(std::abs(sum / n) < 5 * std::sqrt(1 / 12.0 / n));
        CHECK(std::abs(square / n - 1 / 12.0) < 5 * std::sqrt(1 / 180.0 / n));
        CHECK(std::abs(neighbour / n) < 5 / 12.0 / std::sqrt(n));
    }

    TEST_CASE("normal numbers have mean 0, deviation 1, kurtosis 2.9, and streams do not know each "
              "other") {
        const Random r{1, "n"};
        const Random other{1, "m"};
        constexpr int n = 1'000'000;
        double sum = 0, square = 0, fourth = 0, across = 0, neighbour = 0;
        for (std::uint64_t i = 0; i < n; ++i) {
            const double x = r.normal(i);
            sum += x;
            square += x * x;
            fourth += x * x * x * x;
            across += x * other.normal(i);
            neighbour += x * r.normal(i + 1);
        }
        const double one = 1 / std::sqrt(n);
        CHECK(std::abs(sum / n) < 5 * one);
        CHECK(std::abs(square / n - 1) < 5 * std::sqrt(1.9) * one);
        CHECK(std::abs(fourth / n - 2.9) < 5 * std::sqrt(90) * one);
        CHECK(std::abs(across / n) < 5 * one);
        CHECK(std::abs(neighbour / n) < 5 * one);
    }

    TEST_CASE("one bit of the index turns half of the bits") {
        const Random r{7, "avalanche"};
        double flipped = 0;
        constexpr int trials = 2000;
        for (std::uint64_t n = 0; n < trials; ++n)
            for (int bit = 0; bit < 64; ++bit)
                flipped += __builtin_popcountll(r.bits(n) ^ r.bits(n ^ (std::uint64_t{1} << bit)));
        CHECK(std::abs(flipped / (trials * 64.0) - 32) < 5 * 4 / std::sqrt(trials * 64.0));
    }

} // TEST_SUITE
