#include "sim/pulse_output.hpp"

#include "sim/random.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

/// Windows of 200 ms with an energy each.
struct Feed {
    PulseOutput output;
    EnergyCount import, exported;
    Window window{SimTime{}, 200ms, 10};

    PulseTrain push(std::int64_t uj) {
        (uj >= 0 ? import : exported).add_uj(uj >= 0 ? uj : -uj);
        const PulseTrain train = output.push(window, import, exported);
        window.start = window.end();
        return train;
    }
};

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("pulses are floor(k E) at every moment, and 1e9 of them lose none") {
        Feed feed;
        feed.output.set(9999);
        const Random random{1, "pulses"};
        std::int64_t sum_uj = 0;
        constexpr std::int64_t uj_per_kwh = 3'600'000'000'000;
        for (std::uint64_t n = 0; feed.output.count() < 1'000'000'000; ++n) {
            const auto uj = static_cast<std::int64_t>(random.uniform(n) * 1e12);
            sum_uj += uj;
            feed.push(n % 3 == 0 ? -uj : uj);
            // k E = k (whole kWh) + k (rest): no product leaves 64 bits
            const std::int64_t due =
                9999 * (sum_uj / uj_per_kwh) + 9999 * (sum_uj % uj_per_kwh) / uj_per_kwh;
            if (feed.output.count() != due) {
                CHECK(feed.output.count() == due);
                break;
            }
        }
    }

    TEST_CASE("an edge is where the window's energy reaches it, and widths leave a pause") {
        Feed feed;
        feed.output.set(3200); // 1125 J
        // 1000 J in 200 ms, 5 kW: a pulse each 225 ms
        CHECK(feed.push(1'000'000'000).count == 0);
        const PulseTrain one = feed.push(1'000'000'000);
        REQUIRE(one.count == 1);
        CHECK(one[0].at == SimTime{225ms});
        CHECK(one[0].width == 80ms);
        const PulseTrain three = feed.push(4'500'000'000); // 22.5 kW: each 50 ms
        REQUIRE(three.count == 4);
        CHECK(three[0].at == SimTime{400ms} + 11'111'111ns); // 875 J were there
        CHECK(three[3].at == SimTime{400ms} + 161'111'111ns);
        CHECK(three[0].width == 25ms);
    }

    TEST_CASE("10 kV/100 V and 400/5 A: 2.5 kWh at the primary per pulse") {
        Feed feed;
        feed.output.set(3200, 100.0 * 80.0);
        std::int64_t pulses = 0;
        for (int n = 0; n < 250; ++n)
            pulses += feed.push(36'000'000'000).count; // 10 Wh each
        CHECK(pulses == 1);
        CHECK(feed.import.wh == 2500);
    }

    TEST_CASE("cleared registers give no pulse, and what had gathered stays") {
        Feed feed;
        feed.output.set(3200);
        CHECK(feed.push(1'000'000'000).count == 0);
        feed.import = {};
        CHECK(feed.push(0).count == 0);
        CHECK(feed.push(125'000'000).count == 1);
        feed.push(562'500'000); // half a pulse
        feed.output.set(900);   // 4000 J: half a pulse is still half a one
        CHECK(feed.push(1'999'999'999).count == 0);
        CHECK(feed.push(1).count == 1);
    }
}
