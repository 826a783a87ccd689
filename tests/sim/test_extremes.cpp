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
}
