#include "quality/unbalance.hpp"

#include "sim/random.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <numbers>

using namespace kpmsim;
using Complex = std::complex<double>;

namespace {

constexpr double degree = std::numbers::pi / 180;

struct Row {
    std::array<double, 3> u;
    double u2, nema, deviation; // percent, as printed
};
// 120 degrees between the phases; u0 is u2 then.
constexpr std::array rows{
    Row{{73, 80, 87}, 5.051815, 4.402648, 8.750000},
    Row{{152, 140, 128}, 4.948717, 4.312330, 8.571429},
    Row{{100, 90, 100}, 3.448276, 3.417001, 6.896552},
    Row{{100, 100, 50}, 20.000000, 18.693177, 40.000000},
    Row{{100, 100, 0}, 50.000000, 39.230485, 100.000000},
    Row{{100, 95, 105}, 2.886751, 2.509628, 5.000000},
};

constexpr double printed = 0.5e-8; // half of the last digit, as a fraction

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("four definitions of unbalance give the table's figures to the last digit") {
        for (const Row& row : rows) {
            CAPTURE(row.u[1]);
            const Complex a = row.u[0];
            const Complex b = std::polar(row.u[1], -120 * degree);
            const Complex c = std::polar(row.u[2], 120 * degree);
            const SequenceComponents s = sequence_components(a, b, c);
            const std::array line{std::abs(a - b), std::abs(b - c), std::abs(c - a)};
            CHECK(std::abs(unbalance_u2(s) - row.u2 / 100) < printed * 1.001);
            CHECK(std::abs(unbalance_u0(s) - row.u2 / 100) < printed * 1.001);
            CHECK(std::abs(unbalance_from_line_voltages(line[0], line[1], line[2]) - row.u2 / 100) <
                  printed * 1.001);
            CHECK(std::abs(max_deviation(line) - row.nema / 100) < printed * 1.001);
            CHECK(std::abs(max_deviation(row.u) - row.deviation / 100) < printed * 1.001);
        }
    }

    TEST_CASE("the worked figures of meters' manuals come out") {
        CHECK(std::abs(max_deviation(std::array{203.0, 210.0, 212.0}) * 100 - 2.56) < 5e-13);
        CHECK(std::abs(max_deviation(std::array{462.0, 463.0, 455.0}) * 100 - 1.087) < 5e-4);
        // printed 5.5658: cut off, not rounded
        CHECK(std::abs(max_deviation(std::array{165.8, 152.7, 166.6}) * 100 - 5.56586) < 5e-6);
    }

    TEST_CASE("u2 and u0 of phasors built from chosen sequences come back, angles and all") {
        const Random random{7, "unbalance"};
        for (std::uint64_t n = 0; n < 200; ++n) {
            const double want2 = 0.1 * random.uniform(4 * n);
            const double want0 = 0.1 * random.uniform(4 * n + 1);
            const Complex positive = std::polar(230.0, 6.3 * random.uniform(4 * n + 2));
            const Complex negative = want2 * 230 * std::polar(1.0, 6.3 * random.uniform(4 * n + 3));
            const Complex zero = want0 * 230 * std::polar(1.0, 6.3 * random.uniform(4 * n + 2'000));
            const Complex turn = std::polar(1.0, 120 * degree);
            const Complex a = zero + positive + negative;
            const Complex b = zero + positive * turn * turn + negative * turn;
            const Complex c = zero + positive * turn + negative * turn * turn;
            const SequenceComponents s = sequence_components(a, b, c);
            CHECK(std::abs(unbalance_u2(s) - want2) < 1e-14);
            CHECK(std::abs(unbalance_u0(s) - want0) < 1e-14);
            // Line voltages know nothing of the zero sequence.
            CHECK(std::abs(unbalance_from_line_voltages(std::abs(a - b), std::abs(b - c),
                                                        std::abs(c - a)) -
                           want2) < 1e-14);
        }
    }
}

TEST_SUITE("unit") {
    TEST_CASE("the spread of the meters' packets is (max - min) / mean, and nothing gives 0") {
        CHECK(spread(std::array{220.0, 230.0, 240.0}) == doctest::Approx(20 / 230.0));
        CHECK(spread(std::array{0.0, 0.0, 0.0}) == 0);
        CHECK(max_deviation(std::array{0.0, 0.0, 0.0}) == 0);
        CHECK(unbalance_u2(sequence_components(0, 0, 0)) == 0);
        CHECK(unbalance_from_line_voltages(0, 0, 0) == 0);
    }
}
