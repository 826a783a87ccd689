#include "waveforms/load.hpp"
#include "waveforms/terminal_sums.hpp"
#include "waveforms/terminals.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

using Complex = std::complex<double>;
constexpr long double pi = 3.14159265358979323846264338327950288L;

SupplySpec rich_supply() {
    SupplySpec spec;
    spec.magnitude = {1, 0.93, 1.04};
    spec.angle_deg = {0, -117, 122};
    spec.harmonics = {{2, 0.01, 5}, {5, 0.06, 180}, {31, 0.01, 77}, {50, 0.01, 3}};
    spec.dc_v = 1.5;
    return spec;
}

struct Sampled {
    std::vector<double> data = std::vector<double>(max_channels * max_samples_per_window);
    SampleBlock block;
};

Sampled sampled(const TerminalSpectra& t, const SupplyWindow& w, const WiringSpec& wiring,
                const std::vector<AdcChannel>& adc, const Random& noise) {
    Sampled s;
    s.block.data = s.data;
    sample(t, w, noise, wiring, adc, s.block);
    return s;
}

/// The sum of the written sines at sample n of the window, as long doubles have it.
long double written(const Spectrum& x, const SupplyWindow& w, const AdcChannel& adc, int n) {
    const long double start = static_cast<long double>(w.start_phase.raw) * 0x1p-64L;
    const long double turns = w.turns + static_cast<long double>(w.slip) * 0x1p-64L;
    const long double theta = 2 * pi * (start + n * (turns / w.window.samples()));
    long double sum = x[0].real();
    for (int h = 1; h < Spectrum::orders; ++h) {
        const long double at = h * (theta - static_cast<long double>(adc.phase_error_rad));
        sum += std::sqrt(2.0L) * (x[h].real() * std::sin(at) + x[h].imag() * std::cos(at));
    }
    return sum / adc.full_scale;
}

double worst_error(const Sampled& s, const TerminalSpectra& t, const SupplyWindow& w,
                   const std::vector<AdcChannel>& adc) {
    double worst = 0;
    for (int c = 0; c < s.block.channels; ++c) {
        const auto channel = static_cast<std::size_t>(c);
        for (int n = 0; n < s.block.rows; ++n) {
            const double x = s.block.channel(c)[static_cast<std::size_t>(n)];
            const long double right = written(t.channel[channel], w, adc[channel], n);
            worst = std::max(worst, static_cast<double>(std::abs(x - right)));
        }
    }
    return worst;
}

std::vector<AdcChannel> converters() {
    std::vector<AdcChannel> adc(max_channels);
    for (std::size_t c = 0; c < adc.size(); ++c) {
        adc[c].full_scale = c < 3 ? 600.0 : 20.0;
        adc[c].phase_error_rad = 1e-3 * static_cast<double>(c % 4);
    }
    return adc;
}

PhaseSpectra some_currents(const SupplyWindow& w) {
    LoadSpec load;
    load.kind = LoadKind::led;
    load.p_w = {1000, 700, 1300};
    load.pf = 0.9;
    return currents(load, w.u, {});
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("samples are the sum of the written sines to 1e-12 of full scale") {
        const std::vector<AdcChannel> adc = converters();
        const Random noise{1, "noise"};
        // Locked (one cycle), slipping, and a clock that is nine cycles off its ten.
        struct Case {
            double f_hz;
            SimDuration length;
            int rows;
        };
        for (const Case& c : {Case{50.0, 200ms, 128}, Case{53.21, 187'934'599ns, 128},
                              Case{49.97, 200ms, 1280}, Case{45.3, 200ms, 1280}}) {
            SupplySpec spec = rich_supply();
            spec.f_hz = c.f_hz;
            Supply supply{spec, Random{1, "supply"}};
            supply.through({SimTime{}, 1234567890ns, 10});
            const SupplyWindow w = supply.through({SimTime{1234567890ns}, c.length, 10});
            const PhaseSpectra i = some_currents(w);
            const std::array<PhaseSpectra, 2> circuits{i, i};
            const TerminalSpectra t = wire({}, w, circuits);
            const Sampled s = sampled(t, w, {}, adc, noise);
            CHECK(s.block.rows == c.rows);
            CHECK(s.block.channels == 9);
            SupplyWindow exact = w;
            if (s.block.coherent())
                exact.slip = 0;
            CHECK(worst_error(s, t, exact, adc) < 1e-12);
        }
    }

    TEST_CASE("one cycle and all cycles of a coherent window agree to 1e-9") {
        const std::vector<AdcChannel> adc = converters();
        Supply supply{rich_supply(), Random{1, "supply"}};
        SupplyWindow w = supply.through({SimTime{}, 200ms, 10});
        const std::array<PhaseSpectra, 1> circuits{some_currents(w)};
        const TerminalSpectra t = wire({}, w, circuits);
        const Sampled one = sampled(t, w, {}, adc, Random{1, "noise"});
        w.interharmonics = {{77.0, 0.0, 0.0}}; // a tone of no height: not coherent by the rule
        const Sampled all = sampled(t, w, {}, adc, Random{1, "noise"});
        REQUIRE(one.block.rows == 128);
        REQUIRE(all.block.rows == 1280);
        double worst = 0;
        for (int c = 0; c < 6; ++c)
            for (std::size_t n = 0; n < 1280; ++n)
                worst = std::max(worst,
                                 std::abs(one.block.channel(c)[n % 128] - all.block.channel(c)[n]));
        CHECK(worst < 1e-9);
    }

    TEST_CASE("an interharmonic is a sine of its own frequency, through windows and wiring") {
        SupplySpec spec;
        spec.interharmonics = {{77.3, 0.02, 40}};
        Supply supply{spec, Random{1, "supply"}};
        WiringSpec wiring;
        wiring.mode = Wiring::p3l3;
        wiring.pt_ratio = 2;
        const std::vector<AdcChannel> adc(max_channels, AdcChannel{.full_scale = 1000});
        for (const SimTime at : {SimTime{}, SimTime{200ms}}) {
            SupplyWindow w = supply.through({at, 200ms, 10});
            w.u = {};
            const TerminalSpectra t = wire(wiring, w, {});
            const Sampled s = sampled(t, w, wiring, adc, Random{1, "noise"});
            double worst = 0;
            for (int n = 0; n < 1280; ++n) {
                const long double seconds =
                    (static_cast<long double>(at.time_since_epoch().count()) + n * 2e8L / 1280) *
                    1e-9L;
                const auto tone = [&](long double angle_deg) {
                    return std::sqrt(2.0L) * 4.6L / 2 / 1000 *
                           std::sin(2 * pi * (77.3L * seconds + (40 + angle_deg) / 360));
                };
                const double x = s.block.channel(0)[static_cast<std::size_t>(n)];
                worst = std::max(worst, static_cast<double>(std::abs(x - tone(0) + tone(-120))));
            }
            CHECK(worst < 1e-12);
        }
    }

    TEST_CASE("the supply's noise is white, one for all its meters, and counted by sample") {
        SupplySpec spec;
        spec.noise_v = 2.0;
        Supply supply{spec, Random{9, "supply"}};
        const std::vector<AdcChannel> adc(max_channels, AdcChannel{.full_scale = 500});
        double square = 0, cross = 0, next = 0, mean = 0;
        double last = 0;
        int count = 0;
        SimTime at{};
        for (int window = 0; window < 100; ++window) {
            SupplyWindow w = supply.through({at, 200ms, 10});
            CHECK(w.first_sample == static_cast<std::uint64_t>(window) * 1280);
            at = w.window.end();
            w.u = {};
            const TerminalSpectra t = wire({}, w, {});
            const Sampled s = sampled(t, w, {}, adc, supply.stream());
            const Sampled again = sampled(t, w, {}, adc, supply.stream());
            REQUIRE(s.data == again.data);
            for (std::size_t n = 0; n < 1280; ++n) {
                const double a = s.block.channel(0)[n] * 500;
                const double b = s.block.channel(1)[n] * 500;
                mean += a;
                square += a * a;
                cross += a * b;
                next += a * last;
                last = a;
                ++count;
            }
        }
        const double five_sigma = 5 / std::sqrt(static_cast<double>(count));
        CHECK(std::abs(mean / count) < 2 * five_sigma);
        CHECK(std::sqrt(square / count) == doctest::Approx(2.0).epsilon(five_sigma));
        CHECK(std::abs(cross / square) < five_sigma);
        CHECK(std::abs(next / square) < five_sigma);
    }

    TEST_CASE("a star meter sees the phases and currents that its leads lead to") {
        Supply supply{rich_supply(), Random{1, "supply"}};
        const SupplyWindow w = supply.through({SimTime{}, 200ms, 10});
        const PhaseSpectra i = some_currents(w);
        const std::array<PhaseSpectra, 2> circuits{i, i};
        WiringSpec wiring;
        wiring.pt_ratio = 10;
        wiring.ct_ratio = {20, 50, 1, 1};
        wiring.u_phase = {1, 2, 0};
        wiring.u_open = {false, false, true};
        wiring.i_phase[1] = {0, 2, 1};
        wiring.ct_reversed[1] = {false, true, false};
        const TerminalSpectra t = wire(wiring, w, circuits);
        CHECK(t.channels.size() == 9);
        for (int h = 0; h < Spectrum::orders; ++h) {
            CHECK(std::abs(t.channel[0][h] - w.u[1][h] / 10.0) < 1e-14);
            CHECK(std::abs(t.channel[1][h] - w.u[2][h] / 10.0) < 1e-14);
            CHECK(t.channel[2][h] == Complex{});
            CHECK(std::abs(t.channel[3][h] - i[0][h] / 20.0) < 1e-15);
            CHECK(std::abs(t.channel[7][h] + i[2][h] / 50.0) < 1e-15);
            CHECK(std::abs(t.channel[8][h] - i[1][h] / 50.0) < 1e-15);
        }
    }

    TEST_CASE("a delta meter sees Uab and Ucb, and half of Uac when its reference is open") {
        Supply supply{rich_supply(), Random{1, "supply"}};
        const SupplyWindow w = supply.through({SimTime{}, 200ms, 10});
        const std::array<PhaseSpectra, 1> circuits{some_currents(w)};
        WiringSpec wiring;
        wiring.mode = Wiring::p3l2;
        const TerminalSpectra t = wire(wiring, w, circuits);
        CHECK(std::abs(t.channel[0][5] - (w.u[0][5] - w.u[1][5])) < 1e-13);
        CHECK(t.channel[1][1] == Complex{});
        CHECK(std::abs(t.channel[2][1] - (w.u[2][1] - w.u[1][1])) < 1e-12);
        CHECK(t.channel[0][0] == Complex{}); // the same DC on both leads
        CHECK(t.channel[4][1] == Complex{});
        CHECK(t.channel[5][1] == circuits[0][2][1]);

        wiring.mode = Wiring::p3l3;
        wiring.u_open = {false, true, false};
        const TerminalSpectra open_b = wire(wiring, w, circuits);
        CHECK(std::abs(open_b.channel[0][1] - 0.5 * (w.u[0][1] - w.u[2][1])) < 1e-12);
        CHECK(std::abs(open_b.channel[2][1] + open_b.channel[0][1]) < 1e-12);
        CHECK(open_b.channel[4][1] == circuits[0][1][1]);

        wiring.u_open = {true, false, false};
        const TerminalSpectra open_a = wire(wiring, w, circuits);
        CHECK(open_a.channel[0][1] == Complex{});
        CHECK(std::abs(open_a.channel[2][1] - (w.u[2][1] - w.u[1][1])) < 1e-12);

        wiring.u_open = {true, true, false};
        const TerminalSpectra alone = wire(wiring, w, circuits);
        CHECK(alone.channel[2][1] == Complex{});
    }

    TEST_CASE("the sums of the phasors at the terminals are those of their samples") {
        for (const Wiring mode : {Wiring::p4l, Wiring::p3l3, Wiring::p3l2}) {
            CAPTURE(static_cast<int>(mode));
            Supply supply{rich_supply(), Random{1, "supply"}};
            const SupplyWindow w = supply.through({SimTime{}, 200ms, 10});
            WiringSpec wiring;
            wiring.mode = mode;
            LoadSpec load;
            load.p_w = {2000, 3000, 500};
            load.pf = 0.8;
            load.harmonics = {{3, 0.2, 10}, {7, 0.1, -40}, {41, 0.02, 5}};
            const PhaseSpectra i = currents(Load{load}, w.u, {});
            const TerminalSpectra t = wire(wiring, w, {&i, 1});
            MeteringConfig config;
            config.wiring = mode;
            for (std::size_t c = 0; c < 6; ++c)
                config.adc[c] = {c < 3 ? 800.0 : 60.0, 0, 0.002 * static_cast<double>(c),
                                 0.003 * static_cast<double>(c) - 0.005, 0.01};
            const std::vector<AdcChannel> adc{config.adc.begin(), config.adc.begin() + 6};
            const Sampled s = sampled(t, w, wiring, adc, supply.stream());
            WindowSums sums;
            terminal_sums(t, config, w.window.samples(), sums);
            CHECK(sums.samples == 1280);

            const auto code = [&](std::size_t c, int n) {
                return static_cast<long double>(0x1p23 * (1 + adc[c].gain_error)) *
                       s.block.channel(static_cast<int>(c))[static_cast<std::size_t>(n)];
            };
            const auto product = [&](std::size_t x, std::size_t y) {
                long double xy = 0, of_x = 0, of_y = 0;
                for (int n = 0; n < s.block.rows; ++n) {
                    xy += code(x, n) * code(y, n);
                    of_x += code(x, n);
                    of_y += code(y, n);
                }
                return static_cast<double>((xy - of_x * of_y / s.block.rows) / s.block.rows);
            };
            const auto near = [&](double sum, std::size_t x, std::size_t y) {
                const double full = std::sqrt(product(x, x) * product(y, y));
                CHECK(std::abs(sum - product(x, y)) <= 1e-12 * full);
            };
            for (std::size_t c = 0; c < 6; ++c) {
                near(sums.square[c], c, c);
                Complex bin{};
                for (int n = 0; n < s.block.rows; ++n) {
                    const auto angle = static_cast<double>(2 * pi * 7 * n / s.block.rows);
                    bin += static_cast<double>(code(c, n)) * std::polar(1.0, -angle);
                }
                const Complex x7 = Complex{0, 1} * std::sqrt(2.0) * bin / double(s.block.rows);
                CHECK(std::abs(sums.x[c][7] - x7) <= 1e-12 * 0x1p23);
            }
            for (std::size_t k = 0; k < 3; ++k)
                near(sums.uu[k], k, (k + 1) % 3);
            for (std::size_t c = 3; c < 6; ++c)
                near(sums.ui[c], c - 3, c);
            near(sums.ac[0], 3, 5);
        }
    }
}
