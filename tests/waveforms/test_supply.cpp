#include "waveforms/sine.hpp"
#include "waveforms/supply.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

Window window_at(SimTime start, SimDuration length, int cycles = 10) {
    return {start, length, cycles};
}

/// Phase by 128-bit arithmetic, in one go from the start.
Turn phase_after(double f_hz, SimTime at) {
    const auto step = static_cast<__int128>(std::llround(f_hz * (0x1p64 / 1e9)));
    return {static_cast<std::uint64_t>(step * at.time_since_epoch().count())};
}

double degrees(std::complex<double> x) { return std::arg(x) * 57.29577951308232; }

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("sine and cosine of a turn are right to 3e-16") {
        long double worst = 0;
        std::uint64_t raw = 12345;
        for (int n = 0; n < 200'000; ++n) {
            raw = raw * 6364136223846793005U + 1442695040888963407U;
            const long double x = static_cast<long double>(raw) * 0x1p-64L * 2 * std::acos(-1.0L);
            const SinCos sc = sin_cos({raw});
            worst =
                std::max({worst, std::abs(sc.sin - std::sin(x)), std::abs(sc.cos - std::cos(x))});
        }
        CHECK(worst < 3e-16L);
        CHECK(sin_cos({std::uint64_t{1} << 62}).sin == 1.0);
        CHECK(sin_cos({std::uint64_t{1} << 63}).cos == -1.0);
        CHECK(turn_of_degrees(-120.0).turns() == doctest::Approx(2.0 / 3.0).epsilon(1e-15));
    }

    TEST_CASE("after a simulated day of odd windows the phase has not drifted by a bit") {
        for (const double f_hz : {50.0, 49.97, 60.0, 63.21}) {
            Supply supply{{.f_hz = f_hz}, Random{1, "supply"}};
            SimTime at{};
            std::int64_t odd = 0;
            while (at < SimTime{24h}) {
                odd = (odd * 31 + 17) % 9'973; // lengths as a lock asks for them
                const SupplyWindow w = supply.through(window_at(at, 200ms + SimDuration{odd}));
                REQUIRE(w.start_phase == phase_after(f_hz, at));
                at = w.window.end();
            }
            // The one rounding of the step is all there is: half of 2^-64 turn per nanosecond.
            const long double turns =
                static_cast<long double>(f_hz) * 1e-9L * at.time_since_epoch().count();
            const SupplyWindow w = supply.through(window_at(at, 200ms));
            const long double off = turns - std::floor(turns) - w.start_phase.turns();
            CHECK(std::abs(off - std::round(off)) < 0x1p-65L * 86'400.1e9L + 1e-9L);
        }
    }

    TEST_CASE("a window carries the turns it really holds and what is left over") {
        Supply at50{{}, Random{1, "supply"}};
        const SupplyWindow locked = at50.through(window_at({}, 200ms));
        CHECK(locked.turns == 10);
        CHECK(std::abs(static_cast<double>(locked.slip)) < 0x1p28); // the step's rounding
        CHECK(locked.coherent());
        CHECK(locked.f_hz == doctest::Approx(50.0).epsilon(1e-12));

        // A lock that still expects 50 Hz sees nine turns of 45 Hz, not ten perfect ones.
        Supply at45{{.f_hz = 45}, Random{1, "supply"}};
        const SupplyWindow early = at45.through(window_at({}, 200ms));
        CHECK(early.turns == 9);
        CHECK_FALSE(early.coherent());

        Supply at4997{{.f_hz = 49.97}, Random{1, "supply"}};
        const SupplyWindow late = at4997.through(window_at({}, 200ms));
        CHECK(late.turns == 10);
        CHECK(static_cast<double>(late.slip) * 0x1p-64 == doctest::Approx(-0.006).epsilon(1e-9));
        CHECK_FALSE(late.coherent());

        Supply noisy{{.noise_v = 0.1}, Random{1, "supply"}};
        CHECK_FALSE(noisy.through(window_at({}, 200ms)).coherent());
    }

    TEST_CASE("harmonics stand against their own phase's fundamental, unbalanced or not") {
        SupplySpec spec;
        spec.u_v = 100;
        spec.magnitude = {1, 0.9, 1.1};
        spec.angle_deg = {0, -118, 123};
        spec.harmonics = {{5, 0.04, 30}};
        spec.phase_harmonics[1] = {{3, 0.02, 180}};
        spec.dc_v = 0.5;
        Supply supply{spec, Random{1, "supply"}};
        const SupplyWindow w = supply.through(window_at({}, 200ms));
        CHECK(w.u[0][0].real() == 0.5);
        CHECK(std::abs(w.u[1][1]) == doctest::Approx(90).epsilon(1e-14));
        CHECK(degrees(w.u[1][1]) == doctest::Approx(-118).epsilon(1e-13));
        CHECK(std::abs(w.u[2][5]) == doctest::Approx(4.4).epsilon(1e-14));
        CHECK(degrees(w.u[2][5]) == doctest::Approx(5 * 123 + 30 - 720).epsilon(1e-12));
        CHECK(std::abs(w.u[1][3]) == doctest::Approx(1.8).epsilon(1e-14));
        CHECK(degrees(w.u[1][3]) == doctest::Approx(-3 * 118 + 180).epsilon(1e-12));
        CHECK(std::abs(w.u[0][3]) == 0.0);
    }

    TEST_CASE("an interharmonic keeps its own phase from window to window") {
        SupplySpec spec;
        spec.interharmonics = {{77.3, 0.01, 40}};
        Supply supply{spec, Random{1, "supply"}};
        supply.through(window_at({}, 200ms));
        const SupplyWindow w = supply.through(window_at(SimTime{200ms}, 200ms));
        REQUIRE(w.interharmonics.size() == 1);
        CHECK(w.interharmonics[0].fraction == doctest::Approx(2.3));
        const double expected = 40 + 360 * std::fmod(77.3 * 0.2, 1.0);
        CHECK(w.interharmonics[0].angle_deg == doctest::Approx(expected).epsilon(1e-9));
    }

    TEST_CASE("drift at any moment does not depend on how one came there") {
        const Drift drift{0.01, 60};
        const Random stream{7, "u drift"};
        DriftPath stepped{drift, stream};
        double last = stepped.at(SimTime{});
        for (SimTime t{200ms}; t < SimTime{400s}; t += 200ms) {
            const double x = stepped.at(t);
            CHECK(std::abs(x - last) < 0.01 * 0.3); // no jumps, at anchors neither
            last = x;
            DriftPath jumped{drift, stream};
            REQUIRE(jumped.at(t) == x);
        }
        DriftPath back{drift, stream};
        back.at(SimTime{1h});
        CHECK(back.at(SimTime{100s}) == DriftPath{drift, stream}.at(SimTime{100s}));
        CHECK(DriftPath{drift, Random{8, "u drift"}}.at(SimTime{100s}) != back.at(SimTime{100s}));
    }

    TEST_CASE("drift has the deviation and the time constant it was given") {
        DriftPath path{{0.02, 30}, Random{3, "drift"}};
        std::vector<double> x(200'000);
        for (std::size_t s = 0; s < x.size(); ++s)
            x[s] = path.at(SimTime{std::chrono::seconds{s}});
        double mean = 0, square = 0, later = 0;
        for (std::size_t n = 0; n + 30 < x.size(); ++n) {
            mean += x[n];
            square += x[n] * x[n];
            later += x[n] * x[n + 30];
        }
        const double count = static_cast<double>(x.size() - 30);
        // 200,000 s hold some 3,300 independent values: 5 sigma of a deviation is 6 %, of the
        // correlation 0.1.
        CHECK(std::abs(mean / count) < 0.02 * 5 / std::sqrt(3300.0));
        CHECK(std::sqrt(square / count) == doctest::Approx(0.02).epsilon(0.06));
        CHECK(std::abs(later / square - std::exp(-1.0)) < 0.1);
    }
}
