#include "waveforms/kernels.hpp"

#include "sim/random.hpp"
#include "tests/kernel_levels.hpp"
#include "waveforms/coefficients.hpp"
#include "waveforms/cycle.hpp"
#include "waveforms/plain_kernels.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <vector>

using namespace kpmsim;

namespace {

/// Numbers of a trial, each from its own place in the stream.
struct Numbers {
    Random random;
    std::uint64_t taken{0};

    double between(double low, double high) { return low + (high - low) * random.uniform(taken++); }
    std::uint64_t bits() { return random.bits(taken++); }
    std::vector<double> list(int n, double size) {
        std::vector<double> x(static_cast<std::size_t>(n));
        for (double& v : x)
            v = between(-size, size);
        return x;
    }
    std::array<double, 3> three(double size) {
        return {between(-size, size), between(-size, size), between(-size, size)};
    }
};

/// Three channels that something is added to.
struct Channels {
    std::vector<double> x, y, z;
};

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}
bool same_bits(const Channels& a, const Channels& b) {
    return same_bits(a.x, b.x) && same_bits(a.y, b.y) && same_bits(a.z, b.z);
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("at every level of the processor a cycle, and a window that slips, have the bits of "
              "the plain ones") {
        test::at_every_level([&] {
            Numbers numbers{{7, "cycle kernels"}};
            for (int trial = 0; trial < 50; ++trial) {
                Coefficients c;
                c.offset = trial % 4 ? numbers.between(-0.1, 0.1) : 0.0;
                c.highest = trial % 3 == 0 ? 50 : 1 + trial;
                for (std::size_t h = 1; h <= static_cast<std::size_t>(c.highest); ++h) {
                    c.a[h] = numbers.between(-0.2, 0.2);
                    c.b[h] = numbers.between(-0.2, 0.2);
                }
                std::vector<double> out(samples_per_cycle), plain_out(samples_per_cycle);
                kernels::make_cycle(cycle_grid(), c.a.data(), c.b.data(), c.offset, c.highest,
                                    out.data());
                plain::make_cycle(c.a.data(), c.b.data(), c.offset, c.highest, plain_out.data());
                CHECK(same_bits(out, plain_out));

                std::vector<Cycle> table(static_cast<std::size_t>(1 + trial % 24));
                for (Cycle& cycle : table)
                    for (double& v : cycle)
                        v = numbers.between(-1, 1);
                const int rows = samples_per_cycle * (trial % 2 ? 10 : 12);
                const double first = numbers.between(-0.6, 0.6);
                out.resize(static_cast<std::size_t>(rows));
                plain_out.resize(out.size());
                const auto terms = static_cast<int>(table.size());
                kernels::slip_along(table.data(), terms, first, -2 * first / rows, rows,
                                    out.data());
                plain::slip_along(table.data(), terms, first, -2 * first / rows, rows,
                                  plain_out.data());
                CHECK(same_bits(out, plain_out));
            }
        });
    }

    TEST_CASE("at every level of the processor rows, tones and noise have the bits of the plain "
              "ones, an odd rest too") {
        test::at_every_level([&] {
            Numbers numbers{{8, "row kernels"}};
            for (int trial = 0; trial < 50; ++trial) {
                const int rows = trial % 2 ? 1280 : 1536 - trial;
                const auto n = static_cast<std::size_t>(rows);
                const std::uint64_t start = numbers.bits(), step = numbers.bits();
                std::vector<double> s1(n), c1(n), s2(n), c2(n), s(n), c(n);
                kernels::first_order(start, step, rows, s1.data(), c1.data());
                plain::first_order(start, step, rows, s.data(), c.data());
                CHECK(same_bits(s1, s));
                CHECK(same_bits(c1, c));
                kernels::next_order(rows, s1.data(), c1.data(), s1.data(), c1.data(), s2.data(),
                                    c2.data());
                plain::next_order(rows, s1.data(), c1.data(), s1.data(), c1.data(), s.data(),
                                  c.data());
                CHECK(same_bits(s2, s));
                CHECK(same_bits(c2, c));

                Channels sum{numbers.list(rows, 1), numbers.list(rows, 1), numbers.list(rows, 1)};
                Channels plain_sum = sum;
                const OrderPair pair{numbers.three(1), numbers.three(0.1), numbers.three(0.3),
                                     numbers.three(0.2)};
                kernels::add_pair(rows, s1.data(), c1.data(), s2.data(), c2.data(), pair,
                                  sum.x.data(), sum.y.data(), sum.z.data());
                plain::add_pair(rows, s1.data(), c1.data(), s2.data(), c2.data(), pair,
                                plain_sum.x.data(), plain_sum.y.data(), plain_sum.z.data());
                CHECK(same_bits(sum, plain_sum));

                const std::array<double, 3> a = numbers.three(0.1), b = numbers.three(0.1);
                kernels::add_tone(rows, start, step, a, b, sum.x.data(), sum.y.data(),
                                  sum.z.data());
                plain::add_tone(rows, start, step, a, b, plain_sum.x.data(), plain_sum.y.data(),
                                plain_sum.z.data());
                CHECK(same_bits(sum, plain_sum));

                const std::array key{numbers.bits(), numbers.bits(), numbers.bits()};
                const Leads gain{numbers.three(0.01), numbers.three(0.01), numbers.three(0.01)};
                const std::uint64_t first = numbers.bits();
                kernels::add_noise(rows, key, first, gain, sum.x.data(), sum.y.data(),
                                   sum.z.data());
                plain::add_noise(rows, key, first, gain, plain_sum.x.data(), plain_sum.y.data(),
                                 plain_sum.z.data());
                CHECK(same_bits(sum, plain_sum));
            }
        });
    }

} // TEST_SUITE
