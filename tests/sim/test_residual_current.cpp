#include "sim/residual_current.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <numbers>

using namespace kpmsim;

TEST_SUITE("unit") {
    TEST_CASE(
        "a residual current is read by its rms at the primary, DC aside, and clips at its top") {
        std::array<double, max_samples_per_window> rows{};
        SampleBlock block;
        block.window = {SimTime{}, std::chrono::milliseconds{200}, 10};
        block.channels = 1;
        block.rows = block.window.samples();
        block.data = rows;
        const ResidualInput input;
        CHECK(input.full_primary_a() == doctest::Approx(1.7));
        const auto fill = [&](double rms_a, double dc_a) {
            for (std::size_t n = 0; n < rows.size(); ++n)
                rows[n] =
                    (dc_a + rms_a * std::numbers::sqrt2 *
                                std::sin(2 * std::numbers::pi * static_cast<double>(n) / 128)) /
                    input.full_primary_a();
        };
        ResidualMeter meter{input, Random{1, "residual"}};
        fill(0.5, 0.2);
        CHECK(meter.push(block, 0) == doctest::Approx(0.5).epsilon(1e-7));
        CHECK(meter.clipped() == 0);
        fill(1.5, 0);
        CHECK(meter.push(block, 0) < 1.5);
        CHECK(meter.clipped() > 0);
    }
    TEST_CASE("the noise of a residual input goes on from window to window") {
        std::array<double, max_samples_per_window> rows{};
        SampleBlock block;
        block.window = {SimTime{}, std::chrono::milliseconds{200}, 10};
        block.channels = 1;
        block.rows = samples_per_cycle;
        block.data = rows;
        ResidualInput input;
        input.adc.noise_rms = 1e-4;
        ResidualMeter meter{input, Random{1, "residual"}};
        const double first_a = meter.push(block, 0);
        CHECK(first_a == doctest::Approx(1e-4 * input.full_primary_a()).epsilon(0.1));
        CHECK(meter.push(block, 0) != first_a);
    }
}
