#include "tests/kernel_levels.hpp"
#include "waveforms/load.hpp"
#include "waveforms/terminals.hpp"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

using namespace kpmsim;
using namespace std::chrono_literals;

// A change here is a change of simulated values: it belongs into the changelog, with a reason.

namespace {

/// Of every sample of four windows: locked, slipping, with tone and noise, and of twelve cycles.
std::uint64_t fingerprint(const SupplySpec& changes) {
    std::uint64_t hash = 0;
    const std::vector<AdcChannel> adc(max_channels, AdcChannel{.full_scale = 700.0});
    struct Case {
        Window window;
        double f_hz;
        bool plain;
    };
    for (const Case& c : {Case{{SimTime{400ms}, 200ms, 10}, 50.0, true},
                          Case{{SimTime{400ms}, 200'013'579ns, 10}, 49.97, true},
                          Case{{SimTime{400ms}, 200ms, 10}, 50.0, false},
                          Case{{SimTime{400ms}, 200ms, 12}, 59.98, true}}) {
        SupplySpec spec = changes;
        spec.f_hz = c.f_hz;
        spec.magnitude = {1, 0.93, 1.04};
        spec.angle_deg = {0, -117, 122};
        spec.harmonics = {{2, 0.01, 5}, {5, 0.06, 180}, {31, 0.01, 77}, {50, 0.01, 3}};
        spec.dc_v = 1.5;
        spec.u_drift = {0.01, 60};
        if (!c.plain) {
            spec.interharmonics = {{77.3, 0.02, 40}};
            spec.noise_v = 1.0;
        }
        LoadSpec load;
        load.kind = LoadKind::led;
        load.p_w = {1000, 700, 1300};
        load.pf = 0.9;
        Supply supply{spec, Random{1, "supply"}};
        const SupplyWindow window = supply.through(c.window);
        const std::array<PhaseSpectra, 1> drawn{currents(load, window.u, {})};
        const TerminalSpectra terminals = wire({}, window, drawn);
        std::vector<double> data(6 * max_samples_per_window);
        SampleBlock block;
        block.data = data;
        sample(terminals, window, supply.stream(), {}, adc, block);
        for (int channel = 0; channel < 6; ++channel) {
            const std::span<double> x = block.channel(channel);
            hash = mix_bits(hash) ^
                   hash_name({reinterpret_cast<const char*>(x.data()), x.size_bytes()});
        }
    }
    return hash;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE(
        "the samples of a window without disturbances have the bits they always had, at every "
        "level of the processor") {
        test::at_every_level([] { CHECK(fingerprint({}) == 10536365144360345432U); });
    }
}
