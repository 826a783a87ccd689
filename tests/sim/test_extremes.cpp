#include "sim/extremes.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace kpmsim;

TEST_SUITE("unit") {
    TEST_CASE("an extreme is the first of equals, and clearing forgets it") {
        Extremes extremes;
        const CivilTime start{std::chrono::seconds{1'768'000'000}};
        const double values[] = {-5, -3, -3, -7, std::nan(""), -7};
        Readings r;
        for (int n = 0; n < 6; ++n) {
            r[Slot::p] = values[n];
            extremes.push(r, start + std::chrono::seconds{n});
        }
        CHECK(extremes.max(Slot::p).value == -3);
        CHECK(extremes.max(Slot::p).at == start + std::chrono::seconds{1});
        CHECK(extremes.min(Slot::p).value == -7);
        CHECK(extremes.min(Slot::p).at == start + std::chrono::seconds{3});
        CHECK(extremes.max(Slot::q).value == 0);
        extremes.clear();
        CHECK(extremes.empty());
        r[Slot::p] = -100;
        extremes.push(r, start);
        CHECK(extremes.max(Slot::p).value == -100);
    }

    TEST_CASE("a reading that only its codes' rounding moves makes no new extreme") {
        Extremes extremes;
        const CivilTime start{std::chrono::seconds{1'768'000'000}};
        int second = 0;
        const auto push = [&](double u, double p) {
            Readings r;
            r[Slot::u_b] = u;
            r[harmonic_slot(4, 5)] = u / 10; // of a current
            r[Slot::p] = p;
            r[Slot::pf] = u / 1000;
            extremes.push(r, start + std::chrono::seconds{second++}, {0.1, 0.01, 2});
        };
        push(230, -300);
        push(230.09, -294.1); // three phases of 2 W
        push(229.91, -305.9);
        CHECK(extremes.max(Slot::u_b).value == 230);
        CHECK(extremes.min(Slot::u_b).value == 230);
        CHECK(extremes.max(harmonic_slot(4, 5)).at == start);
        CHECK(extremes.max(Slot::p).value == -300);
        CHECK(extremes.min(Slot::p).value == -300);
        CHECK(extremes.max(Slot::pf).value == 230.09 / 1000); // a ratio has no code
        push(230.11, -293.9);
        push(229.89, -306.1);
        CHECK(extremes.max(Slot::u_b).at == start + std::chrono::seconds{3});
        CHECK(extremes.min(Slot::u_b).at == start + std::chrono::seconds{4});
        CHECK(extremes.max(harmonic_slot(4, 5)).value == doctest::Approx(23.011));
        CHECK(extremes.max(Slot::p).value == -293.9);
        CHECK(extremes.min(Slot::p).value == -306.1);
    }

    TEST_CASE("a minimum above zero and a maximum below it are found, with their times") {
        Extremes extremes;
        Readings r;
        const CivilTime start{std::chrono::seconds{1'768'000'000}};
        for (int n = 0; n < 3; ++n) {
            r[Slot::u_a] = 230 - n;
            r[Slot::q] = -5 - n;
            extremes.push(r, start + std::chrono::seconds{n});
        }
        CHECK(extremes.min(Slot::u_a).value == 228);
        CHECK(extremes.min(Slot::u_a).at == start + std::chrono::seconds{2});
        CHECK(extremes.max(Slot::q).value == -5);
        CHECK(extremes.max(Slot::q).at == start);
    }
}
