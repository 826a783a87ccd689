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
        CHECK(extremes.max(Slot::pf).at == start); // a ratio has a step of its own, 0.0001
        push(230.11, -293.9);
        push(229.89, -306.1);
        CHECK(extremes.max(Slot::u_b).at == start + std::chrono::seconds{3});
        CHECK(extremes.max(Slot::pf).value == 230.11 / 1000);
        CHECK(extremes.min(Slot::u_b).at == start + std::chrono::seconds{4});
        CHECK(extremes.max(harmonic_slot(4, 5)).value == doctest::Approx(23.011));
        CHECK(extremes.max(Slot::p).value == -293.9);
        CHECK(extremes.min(Slot::p).value == -306.1);
    }

    TEST_CASE("what has no codes of its own has steps, too") {
        const CivilTime start{std::chrono::seconds{1'768'000'000}};
        const auto moves = [&](Slot slot, double first, double then) {
            Extremes extremes;
            Readings r;
            r[slot] = first;
            extremes.push(r, start);
            r[slot] = then;
            const bool told = extremes.exceeded_by(r, {});
            extremes.push(r, start + std::chrono::seconds{1});
            CHECK(told == (extremes.max(slot).at != start || extremes.min(slot).at != start));
            return told;
        };
        CHECK_FALSE(moves(Slot::f, 50.03, 50.0309));
        CHECK(moves(Slot::f, 50.03, 50.0289));
        CHECK_FALSE(moves(Slot::pf_c, 0.9, 0.90009));
        CHECK(moves(Slot::pf, -0.9, -0.90011));
        CHECK_FALSE(moves(Slot::unb_u0, 2, 1.991));
        CHECK(moves(Slot::unb_u, 2, 1.989));
        CHECK_FALSE(moves(Slot::thd_i_c, 20, 20.009));
        CHECK(moves(Slot::thd_u_a, 3, 3.011));
        CHECK_FALSE(moves(Slot::angle_i_c, 30, 30.0009));
        CHECK(moves(Slot::angle_u_a, 30, 30.0011));
        CHECK_FALSE(moves(Slot::i_residual, 0.03, 0.0300009));
        CHECK(moves(Slot::i_residual, 0.03, 0.0300011));
        CHECK(moves(Slot::temp, 20, 20.0001));
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
