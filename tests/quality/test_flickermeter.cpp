#include "flicker_tables.hpp"

#include "quality/flicker_statistics.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

using namespace kpmsim;
using kpmsim::test::FlickerPoint;

namespace {

constexpr double two_pi = 2 * std::numbers::pi;

/// A carrier of the lamp's voltage whose amplitude is modulated, sample by sample.
class Modulated {
public:
    Modulated(FlickerSystem system, double rate_hz) : system_{system}, rate_hz_{rate_hz} {}

    /// `shape(t)` between -1 and 1; `depth` is the full step, as a fraction.
    template <class Shape>
    void push(Flickermeter& meter, double seconds, double depth, Shape shape) {
        const auto end = at_ + std::llround(seconds * rate_hz_);
        std::array<double, 1000> block{};
        while (at_ < end) {
            const auto rows = static_cast<std::size_t>(
                std::min<std::int64_t>(end - at_, static_cast<std::int64_t>(block.size())));
            for (std::size_t n = 0; n < rows; ++n, ++at_) {
                const double t = static_cast<double>(at_) / rate_hz_;
                const double cycles = t * system_.f_hz;
                block[n] = std::numbers::sqrt2 * system_.lamp_v *
                           std::sin(two_pi * (cycles - std::floor(cycles))) *
                           (1 + depth / 2 * shape(t));
            }
            meter.push(std::span{block}.first(rows));
        }
    }

private:
    FlickerSystem system_;
    double rate_hz_;
    std::int64_t at_{0};
};

/// Square wave with `per_minute` changes; an edge that meets a sample belongs to what follows.
auto rectangle(double per_minute) {
    return [per_minute](double t) {
        return static_cast<std::int64_t>(std::floor(t * per_minute / 60 + 1e-9)) % 2 == 0 ? 1.0
                                                                                          : -1.0;
    };
}

auto sine(double f_hz) {
    return [f_hz](double t) { return std::sin(two_pi * f_hz * t); };
}

/// Pst of the periodic steady state: 30 s to settle, then a whole number of periods of modulation
/// and carrier together (120 s for the slow ones, 40 s from 39 changes per minute on).
double steady_pst(FlickerSystem system, FlickerPoint point, double rate_hz, double scale = 1) {
    Flickermeter meter{system, rate_hz};
    Modulated wave{system, rate_hz};
    const double depth = scale * point.percent / 100;
    // A slow rectangle also moves the reference voltage (27.3 s), which takes its time to settle.
    wave.push(meter, point.rate < 10 ? 240 : 30, depth, rectangle(point.rate));
    meter.clear();
    wave.push(meter,
              point.rate < 10     ? 120
              : point.rate == 110 ? 12
                                  : 40,
              depth, rectangle(point.rate));
    return pst(meter.series());
}

double steady_pinst_max(FlickerSystem system, FlickerPoint point, double rate_hz) {
    Flickermeter meter{system, rate_hz};
    Modulated wave{system, rate_hz};
    wave.push(meter, 24, point.percent / 100, sine(point.rate));
    meter.clear();
    wave.push(meter, 6, point.percent / 100, sine(point.rate));
    return *std::max_element(meter.series().begin(), meter.series().end());
}

std::string name_of(FlickerSystem system, FlickerPoint point) {
    return std::to_string(system.lamp_v) + " V, " + std::to_string(system.f_hz) + " Hz, " +
           std::to_string(point.rate);
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("Pst weighs the levels of a known distribution") {
        // Pinst rising evenly from 0 to 1: the level exceeded k % of the time is 1 - k/100.
        std::vector<double> ramp(100'001);
        for (std::size_t n = 0; n < ramp.size(); ++n)
            ramp[ramp.size() - 1 - n] = static_cast<double>(n) / 100'000;
        const double p1s = 1 - (0.7 + 1 + 1.5) / 300;
        const double p3s = 1 - (2.2 + 3 + 4) / 300;
        const double p10s = 1 - (6 + 8 + 10 + 13 + 17) / 500.0;
        const double p50s = 1 - (30 + 50 + 80) / 300.0;
        CHECK(pst(ramp) == doctest::Approx(std::sqrt(0.0314 * 0.999 + 0.0525 * p1s + 0.0657 * p3s +
                                                     0.28 * p10s + 0.08 * p50s))
                               .epsilon(1e-12));
        CHECK(pst(std::vector<double>{}) == 0);
        CHECK(pst(std::vector<double>{4.0}) == doctest::Approx(2 * std::sqrt(0.5096)));
    }

    TEST_CASE("Plt is the cube root of the mean of the cubes") {
        CHECK(plt(std::vector<double>(12, 0.7)) == doctest::Approx(0.7).epsilon(1e-14));
        CHECK(plt(std::vector<double>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12}) ==
              doctest::Approx(12 / std::cbrt(12.0)).epsilon(1e-14));
    }

    TEST_CASE("the sensation does not depend on how the samples are cut") {
        std::vector<double> wave(20'000);
        for (std::size_t n = 0; n < wave.size(); ++n)
            wave[n] = 325 * std::sin(0.0785 * static_cast<double>(n)) * (n / 500 % 2 ? 1.0 : 1.01);
        Flickermeter whole{{230, 50}, 4000};
        whole.push(wave);
        Flickermeter cut{{230, 50}, 4000};
        for (std::size_t n = 0; n < wave.size();) {
            const std::size_t rows = std::min(1 + n * 7 % 311, wave.size() - n);
            cut.push(std::span{wave}.subspan(n, rows));
            n += rows;
        }
        CHECK(cut.pinst() == whole.pinst());
        CHECK(whole.pinst() > 0);
        REQUIRE(cut.series().size() == whole.series().size());
        CHECK(std::equal(cut.series().begin(), cut.series().end(), whole.series().begin()));
    }

    TEST_CASE("a steady voltage gives no flicker, and a wrong start of the reference wears off") {
        const auto none = [](double) { return 0.0; };
        Flickermeter meter{{230, 50}, 4000};
        Modulated wave{{230, 50}, 4000};
        wave.push(meter, 60, 0, none);
        CHECK(meter.pinst() < 3e-4); // what the low-pass leaves of the carrier
        Flickermeter high{{230, 50}, 4000, 253.0};
        wave.push(high, 1, 0, none);
        CHECK(high.pinst() > 1);
        wave.push(high, 120, 0, none);
        CHECK(high.pinst() < 1e-3);
    }
}

TEST_SUITE("validation") {
    TEST_CASE("Pinst,max of the sine tables is 1 within 0.2 % and the tables' three digits") {
        double worst = 0;
        for (const auto& table : kpmsim::test::sine_tables())
            for (const FlickerPoint point : table.points) {
                CAPTURE(name_of(table.system, point));
                const double error = steady_pinst_max(table.system, point, 4000) - 1;
                // Pinst goes with the square of the depth, which is printed to 0.001 %.
                CHECK(std::abs(error) < 0.002 + 2 * 0.0005 / point.percent);
                worst = std::max(worst, std::abs(error));
            }
        CHECK(worst < 0.0035);
    }

    TEST_CASE("Pst of the rectangular tables is 1 within 0.3 %, but for one entry") {
        for (const auto& table : kpmsim::test::rectangle_tables())
            for (const FlickerPoint point : table.points) {
                CAPTURE(name_of(table.system, point));
                const double got =
                    steady_pst(table.system, point, point.rate > 1000 ? 20'000 : 4000);
                // 120 V 60 Hz at 39 changes a minute: 1.040 does not fit its neighbours at any
                // rate; 1.045, as for 50 Hz, would.
                const bool misfit =
                    table.system.lamp_v == 120 && table.system.f_hz == 60 && point.rate == 39;
                CHECK(std::abs(got - (misfit ? 0.9953 : 1.0)) < 0.003);
            }
    }

    TEST_CASE("so it is with the 128 samples per cycle of a locked meter") {
        for (const auto& table : kpmsim::test::rectangle_tables())
            for (const FlickerPoint point : table.points) {
                if (point.rate < 39) // the slow ones do not depend on the rate
                    continue;
                CAPTURE(name_of(table.system, point));
                const bool misfit =
                    table.system.lamp_v == 120 && table.system.f_hz == 60 && point.rate == 39;
                const double got = steady_pst(table.system, point, 128.0 * table.system.f_hz);
                CHECK(std::abs(got - (misfit ? 0.9953 : 1.0)) < 0.003);
            }
    }

    TEST_CASE("edges between samples cost the fastest points 1.5 % at 4 kHz, 0.6 % at 6 kHz") {
        for (const auto& table : kpmsim::test::rectangle_tables()) {
            CAPTURE(name_of(table.system, table.points.back()));
            const auto error = [&](double rate_hz) {
                return std::abs(steady_pst(table.system, table.points.back(), rate_hz) - 1);
            };
            CHECK(error(4010) < 0.015);
            CHECK(error(6130) < 0.006);
            CHECK(error(20'010) < 0.003);
        }
    }

    TEST_CASE("Pst from 0.2 to 10 is proportional to the depth, less the raised reference") {
        // A rectangle of depth d has steps of exactly 2 d in the square, over a mean of 1 + d^2/4;
        // what the low-pass leaves of the carrier adds its square (Pst 0.01 of a steady voltage).
        const FlickerPoint point{39, 0.894};
        const double unit = steady_pst({230, 50}, point, 4000);
        const double floor = steady_pst({230, 50}, point, 4000, 0);
        CHECK(floor < 0.011);
        for (const double scale : {0.2, 0.5, 2.0, 5.0, 10.0}) {
            CAPTURE(scale);
            const double d = scale * point.percent / 100;
            const double truth = std::hypot(unit * scale / (1 + d * d / 4), floor);
            CHECK(std::abs(steady_pst({230, 50}, point, 4000, scale) / truth - 1) < 1e-3);
        }
    }
}
