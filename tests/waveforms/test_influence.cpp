#include "metering_chain.hpp"
#include "waveforms/influence.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <string>

using namespace kpmsim;
using namespace kpmsim::test;

namespace {

constexpr long double pi = 3.14159265358979323846264338327950288L;

/// What the tables of the influence tests print; the last digit is theirs.
struct Printed {
    std::string_view name;
    double p, q1, i_rms, i_1, i_dc, thd_i, thd_i_all;
};
const Printed table[] = {
    {"quadriform", 0.98060, 0, 1.073592, 1, 0, 39.0640, 39.0640},
    {"peaked", 0.98060, 0, 1.073592, 1, 0, 39.0640, 39.0640},
    {"fifth-harmonic", 1.0400, 0, 1.077033, 1, 0, 40, 40},
    {"phase-fired-90", 0.5, 0.318310, 0.707107, 0.592724, 0, 63.6551, 65.0538},
    {"phase-fired-135", 0.090845, 0.159155, 0.301405, 0.183257, 0, 126.927, 130.579},
    {"half-wave", 0.5, 0, 0.707107, 0.5, 0.450158, 43.5226, 43.5236},
    {"square", 0.900316, 0, 1, 0.900316, 0, 46.6991, 48.3426},
};

/// The current as it is, not as a series.
long double current(std::string_view name, long double degrees) {
    const long double sine = std::sqrt(2.0L) * std::sin(degrees * pi / 180);
    if (name == "phase-fired-90")
        return std::fmod(degrees, 180.0L) >= 90 ? sine : 0;
    if (name == "phase-fired-135")
        return std::fmod(degrees, 180.0L) >= 135 ? sine : 0;
    if (name == "half-wave")
        return degrees < 180 ? sine : 0;
    return degrees < 180 ? 1 : -1;
}

/// Mean of f over a turn: midpoints of pieces that end at every multiple of 45 degrees, twice, so
/// that the error of second order can be taken out.
template <typename F>
long double mean(const F& f) {
    const auto midpoints = [&](int count) {
        long double sum = 0;
        for (int n = 0; n < count; ++n)
            sum += f(360.0L * (n + 0.5L) / count);
        return sum / count;
    };
    constexpr int count = 8 * 4000;
    return (4 * midpoints(2 * count) - midpoints(count)) / 3;
}

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("the unlimited influence waves have the figures of the standards' tables") {
        for (const Printed& row : table) {
            CAPTURE(std::string{row.name});
            const PeriodicWave* wave = find_wave(row.name);
            REQUIRE(wave != nullptr);
            const WaveFigures& is = wave->unlimited;
            CHECK(std::abs(is.p - row.p) < 0.6e-6);
            CHECK(std::abs(is.q1 - row.q1) < 0.6e-6);
            CHECK(std::abs(is.i_rms - row.i_rms) < 0.6e-6);
            CHECK(std::abs(is.i_1 - row.i_1) < 0.6e-6);
            CHECK(std::abs(is.i_dc - row.i_dc) < 0.6e-6);
            CHECK(is.thd_i == doctest::Approx(row.thd_i).epsilon(2e-6));
            CHECK(is.thd_i_all == doctest::Approx(row.thd_i_all).epsilon(3e-6));
        }
        CHECK(find_wave("phase-fired-45") == nullptr);
        CHECK(find_wave("quadriform")->unlimited.u_rms == doctest::Approx(1.001236).epsilon(5e-7));
        CHECK(find_wave("peaked")->unlimited.thd_u == doctest::Approx(4.9729).epsilon(1e-5));
        const Spectrum& fired = find_wave("phase-fired-90")->i;
        CHECK(std::abs(fired[3]) == doctest::Approx(1 / std::numbers::pi).epsilon(1e-14));
        CHECK(std::abs(std::abs(fired[7]) - 0.106103) < 0.6e-6);
        const Spectrum& half = find_wave("half-wave")->i;
        CHECK(std::abs(std::abs(half[2]) - 0.212207) < 0.6e-6);
        CHECK(std::abs(std::abs(half[4]) - 0.042441) < 0.6e-6);
        CHECK(std::abs(half[3]) < 1e-16);
    }

    TEST_CASE("the cut waves' orders are the integrals of the cut waves, to 1e-12") {
        for (const std::string_view name :
             {"phase-fired-90", "phase-fired-135", "half-wave", "square"}) {
            CAPTURE(std::string{name});
            const PeriodicWave& wave = *find_wave(name);
            for (const int h : {0, 1, 2, 3, 4, 7, 31, 49, 50}) {
                const auto part = [&](auto function) {
                    return static_cast<double>(mean([&](long double degrees) {
                        return current(name, degrees) * function(h * degrees * pi / 180);
                    }));
                };
                const double sine = part([](long double x) { return std::sin(x); });
                const double cosine = part([](long double x) { return std::cos(x); });
                const double gain = h == 0 ? 1 : std::numbers::sqrt2;
                CAPTURE(h);
                CHECK(std::abs(wave.i[h].real() - gain * (h == 0 ? cosine : sine)) < 1e-12);
                CHECK(std::abs(wave.i[h].imag() - (h == 0 ? 0 : gain * cosine)) < 1e-12);
            }
            const double square = static_cast<double>(
                mean([&](long double d) { return current(name, d) * current(name, d); }));
            CHECK(wave.unlimited.i_rms == doctest::Approx(std::sqrt(square)).epsilon(1e-12));
        }
    }

    TEST_CASE("band-limited, a wave keeps its P, Q1 and THD and loses the rms above order 50") {
        for (const PeriodicWave& wave : periodic_waves()) {
            CAPTURE(std::string{wave.name});
            const WaveFigures limited = figures_of(wave.u, wave.i);
            CHECK(limited.p == wave.unlimited.p);
            CHECK(limited.q1 == wave.unlimited.q1);
            CHECK(limited.thd_i == wave.unlimited.thd_i);
            // Two jumps of J a turn leave orders of 2 J / (pi h) at the peak, h odd: above 50
            // their squares add up to J^2 / 50 pi^2.
            const double jump = wave.name == "square"            ? 2
                                : wave.name == "phase-fired-90"  ? std::numbers::sqrt2
                                : wave.name == "phase-fired-135" ? 1
                                                                 : 0;
            const double lost = std::pow(wave.unlimited.i_rms, 2) - std::pow(limited.i_rms, 2);
            CHECK(std::abs(lost - std::pow(jump / pi, 2) / 50) < 2e-6 + 0.002 * lost);
        }
    }

    TEST_CASE("a meter reads every influence wave as its band-limited truth, to 1e-6") {
        for (const PeriodicWave& wave : periodic_waves()) {
            CAPTURE(std::string{wave.name});
            SupplySpec spec;
            spec.f_hz = 49.6;
            spec.harmonics = wave.voltage;
            LoadSpec load;
            load.kind = LoadKind::test_wave;
            load.wave = &wave;
            load.i_a = {10, 5, 2};
            MeteringConfig config;
            for (std::size_t c = 0; c < max_channels; ++c)
                config.adc[c].full_scale = c < 3 ? 500 : 30;
            MeteringChain chain{spec, {}, {load}, config};
            for (int n = 0; n < 10; ++n)
                chain.step();
            const WaveFigures is = figures_of(wave.u, wave.i);
            const Readings& r = chain.shown();
            for (int phase = 0; phase < 3; ++phase) {
                const double i_a = load.i_a[static_cast<std::size_t>(phase)];
                const double s = 230 * i_a;
                const double ac = std::sqrt(is.i_rms * is.i_rms - is.i_dc * is.i_dc);
                CHECK(std::abs(r[slot_at(Slot::p_a, phase)] / s - is.p) < 1e-6);
                CHECK(std::abs(r[slot_at(Slot::q_a, phase)] / s - is.q1) < 1e-6);
                CHECK(std::abs(r[slot_at(Slot::u_a, phase)] / 230 - is.u_rms) < 1e-6);
                CHECK(std::abs(r[slot_at(Slot::i_a, phase)] / i_a - ac) < 1e-6);
                CHECK(std::abs(r[slot_at(Slot::thd_i_a, phase)] - is.thd_i) < 2e-4);
            }
            const Readings right = chain.right();
            CHECK(right[Slot::p_a] == doctest::Approx(2300 * is.p).epsilon(1e-12));
            CHECK(right[Slot::q_b] == doctest::Approx(1150 * is.q1).epsilon(1e-12));
        }
    }
}
