#include "verification/paper_supply.hpp"
#include "waveforms/terminals.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <string>
#include <vector>

using namespace kpmsim;

using namespace std::chrono_literals;

namespace {

using Complex = std::complex<double>;
using Kind = DisturbanceKind;
constexpr long double pi = PaperSupply::pi;

SupplySpec rich_supply() {
    SupplySpec spec;
    spec.f_hz = 49.9;
    spec.magnitude = {1, 0.93, 1.04};
    spec.angle_deg = {0, -117, 122};
    spec.harmonics = {{2, 0.01, 5}, {5, 0.06, 180}, {31, 0.01, 77}, {50, 0.01, 3}};
    spec.interharmonics = {{177.3, 0.01, 40}};
    spec.dc_v = 1.5;
    return spec;
}

struct Named {
    const char* name;
    Disturbance what;
};

/// Each begins and ends between rows, somewhere in the second and third of four windows.
std::vector<Named> one_of_each() {
    const SimTime start{271'828'183ns};
    return {
        {"dip", {.kind = Kind::level, .start = start, .length = 180ms, .factor = 0.4}},
        {"swell of b",
         {.kind = Kind::level,
          .start = start,
          .length = 7ms,
          .phases = {false, true, false},
          .factor = 1.3}},
        {"interruption", {.kind = Kind::level, .start = start, .length = 333ms, .factor = 0.0}},
        {"rapid change",
         {.kind = Kind::level, .start = start, .length = for_good, .edge = 117ms, .factor = 0.94}},
        {"there and back",
         {.kind = Kind::level,
          .start = start,
          .length = 100ms,
          .edge = 31'415'927ns,
          .factor = 0.5}},
        {"sine flicker",
         {.kind = Kind::flicker_sine, .start = start, .length = 400ms, .depth = 0.05, .hz = 8.8}},
        {"square flicker",
         {.kind = Kind::flicker_square,
          .start = start,
          .length = 400ms,
          .depth = 0.03,
          .hz = flicker_hz(1620)}},
        {"frequency step", {.kind = Kind::frequency, .start = start, .length = 150ms, .hz = 0.7}},
        {"frequency ramp",
         {.kind = Kind::frequency, .start = start, .length = for_good, .edge = 200ms, .hz = -2}},
        {"frequency there and back",
         {.kind = Kind::frequency,
          .start = start,
          .length = 211ms,
          .edge = 123'456'789ns,
          .hz = 3}},
        {"phase jump",
         {.kind = Kind::phase_jump,
          .start = start,
          .length = 99ms,
          .phases = {true, true, false},
          .angle_deg = 30}},
        {"oscillation",
         {.kind = Kind::oscillation,
          .start = start,
          .length = 60ms,
          .hz = 870,
          .volts = 150,
          .decay = 4ms}},
        {"impulse",
         {.kind = Kind::impulse,
          .start = start,
          .length = 20ms,
          .phases = {false, false, true},
          .volts = 900,
          .decay = 1ms,
          .front = 80us}},
    };
}

struct Sampled {
    std::vector<double> data = std::vector<double>(6 * max_samples_per_window);
    SampleBlock block;
};

Sampled sampled(const SupplyWindow& w, const WiringSpec& wiring, double full_scale) {
    Sampled s;
    s.block.data = s.data;
    const std::vector<AdcChannel> adc(max_channels, AdcChannel{.full_scale = full_scale});
    sample(wire(wiring, w, {}), w, Random{1, "noise"}, wiring, adc, s.block);
    return s;
}

/// Nodes and weights of Gauss and Legendre, five on [-1, 1].
constexpr std::array<std::array<long double, 2>, 5> gauss{
    {{-0.90617984593866399279763L, 0.23692688505618908751426L},
     {-0.53846931010568309103631L, 0.47862867049936646804129L},
     {0.0L, 0.56888888888888888888889L},
     {0.53846931010568309103631L, 0.47862867049936646804129L},
     {0.90617984593866399279763L, 0.23692688505618908751426L}}};

/// The worst sample of five windows against the description, in parts of full scale.
double worst_sample(const SupplySpec& spec, bool delta, int& changing) {
    WiringSpec wiring;
    wiring.mode = delta ? Wiring::p3l3 : Wiring::p4l;
    wiring.pt_ratio = 3;
    constexpr double full_scale = 300;
    const PaperSupply written{spec};
    Supply supply{spec, Random{1, "supply"}};
    double worst = 0;
    changing = 0;
    for (SimTime at{}; at < SimTime{1s};) {
        const SupplyWindow w = supply.through({at, 199'987'654ns, 10});
        at = w.window.end();
        changing += w.changes() ? 1 : 0;
        const Sampled s = sampled(w, wiring, full_scale);
        for (int n = 0; n < s.block.rows; ++n) {
            std::array<long double, 3> u{};
            for (std::size_t p = 0; p < 3; ++p)
                u[p] = written.row(p, w.window, n);
            for (int c = 0; c < 3; c += delta ? 2 : 1) {
                const long double right =
                    (u[static_cast<std::size_t>(c)] - (delta ? u[1] : 0)) / 3 / full_scale;
                const double x = s.block.channel(c)[static_cast<std::size_t>(n)];
                worst = std::max(worst, static_cast<double>(std::abs(x - right)));
            }
        }
    }
    return worst;
}

Turn phase_of(const SupplySpec& spec, SimTime at) {
    return Supply{spec, Random{1, "supply"}}.through({at, 200ms, 10}).start_phase;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("every disturbance's samples are its formula's to 1e-12 of full scale") {
        for (const Named& one : one_of_each()) {
            CAPTURE(std::string{one.name});
            SupplySpec spec = rich_supply();
            spec.disturbances = {one.what};
            int changing = 0;
            CHECK(worst_sample(spec, false, changing) < 1e-12);
            CHECK(worst_sample(spec, true, changing) < 1e-12);
            CHECK(changing >= 1);
            CHECK(changing <= 4);
        }
    }

    TEST_CASE("disturbances that overlap multiply and add, to 1e-12 of full scale") {
        SupplySpec spec = rich_supply();
        for (const Named& one : one_of_each())
            spec.disturbances.push_back(one.what);
        int changing = 0;
        CHECK(worst_sample(spec, false, changing) < 1e-12);
    }

    TEST_CASE("a dip may begin at any angle of any phase, to the row") {
        for (int phase = 0; phase < 3; ++phase) {
            for (int degrees = 0; degrees < 360; degrees += 7) {
                SupplySpec spec;
                spec.disturbances = {{.kind = Kind::frequency, .length = for_good, .hz = 0.37}};
                const SimTime start = moment_of_angle(spec, SimTime{333ms}, phase, degrees);
                CHECK(start >= SimTime{333ms});
                CHECK(start < SimTime{354ms});
                const long double turns = PaperSupply{spec}.turns(start, 0) +
                                          spec.angle_deg[static_cast<std::size_t>(phase)] / 360.0L -
                                          degrees / 360.0L;
                CHECK(std::abs(turns - std::round(turns)) < 0.6 * 50.4e-9); // half a nanosecond

                spec.disturbances.push_back({.start = start, .length = for_good, .factor = 0.5});
                const SupplyWindow w =
                    Supply{spec, Random{1, "supply"}}.through({SimTime{300ms}, 200ms, 10});
                REQUIRE(w.rows.segments.size() == 2);
                const int row = w.rows.segments[1].first_row;
                const auto after = row_time(w.window, row).at;
                const auto before = row_time(w.window, row - 1).at;
                CHECK(after >= start);
                CHECK(before < start);
            }
        }
        // Asked for where it already stands, it does not wait for the next turn.
        CHECK(moment_of_angle({}, SimTime{200ms}, 0, 0) == SimTime{200ms});
    }

    TEST_CASE("the phase is the frequency's integral, whatever windows one comes by") {
        SupplySpec spec;
        spec.f_hz = 50.03;
        spec.disturbances = {
            {.kind = Kind::frequency, .start = SimTime{1s}, .length = 9s, .edge = 3s, .hz = 3},
            {.kind = Kind::frequency,
             .start = SimTime{4s},
             .length = for_good,
             .edge = 20s,
             .hz = -4},
            {.kind = Kind::frequency, .start = SimTime{5s}, .length = 777ms, .hz = 1}};
        const PaperSupply written{spec};
        for (const SimDuration odd : {0ns, 1ns, 7'777'777ns}) {
            Supply supply{spec, Random{1, "supply"}};
            Turn end{};
            SimTime at{};
            while (at < SimTime{30s}) {
                const SupplyWindow w = supply.through({at, 200ms + odd, 10});
                REQUIRE(w.start_phase == phase_of(spec, at));          // to the bit
                const Turn passed{static_cast<std::uint64_t>(w.slip)}; // whole turns wrap
                if (at > SimTime{})
                    REQUIRE(w.start_phase == end);
                end = w.start_phase + passed;
                const long double off = written.turns(at, 0) - w.start_phase.turns();
                REQUIRE(std::abs(off - std::round(off)) < 1e-14L);
                if (w.changes()) {
                    REQUIRE(w.rows.phase.front() == w.start_phase);
                    const long double mid = written.turns(at, 1e-1L * 1e9L) -
                                            static_cast<long double>(w.phase_at(640).turns());
                    if (odd == 0ns)
                        REQUIRE(std::abs(mid - std::round(mid)) < 1e-14L);
                }
                at = w.window.end();
            }
        }
    }

    TEST_CASE("windows cut in another way hold the same samples") {
        SupplySpec spec = rich_supply();
        for (const Named& one : one_of_each())
            spec.disturbances.push_back(one.what);
        // Rows of both stand at multiples of 156.25 us.
        const auto stream = [&](const std::vector<int>& cycles) {
            std::vector<double> out;
            Supply supply{spec, Random{1, "supply"}};
            SimTime at{};
            for (std::size_t n = 0; at < SimTime{960ms}; ++n) {
                const int count = cycles[n % cycles.size()];
                const SupplyWindow w = supply.through({at, count * 20ms, count});
                const Sampled s = sampled(w, {}, 900);
                for (int row = 0; row < w.window.samples(); ++row)
                    out.push_back(s.block.channel(1)[static_cast<std::size_t>(row % s.block.rows)]);
                at = w.window.end();
            }
            return out;
        };
        const std::vector<double> tens = stream({10, 10, 10, 10, 8});
        const std::vector<double> others = stream({12, 8, 4, 12, 12});
        REQUIRE(tens.size() == others.size());
        double worst = 0;
        for (std::size_t n = 0; n < tens.size(); ++n)
            worst = std::max(worst, std::abs(tens[n] - others[n]));
        CHECK(worst < 1e-12);
        CHECK(stream({10, 10, 10, 10, 8}) == tens); // twice the same, to the bit
    }

    TEST_CASE("notches are the Fourier series of the notched wave") {
        const SupplySpec spec = rich_supply();
        Disturbance notches{.kind = Kind::notches,
                            .length = for_good,
                            .depth = 0.4,
                            .angle_deg = 21,
                            .width_deg = 9.5};
        for (const int per_cycle : {6, 2, 1}) {
            notches.per_cycle = per_cycle;
            SupplySpec with = spec;
            with.disturbances = {notches};
            const SupplyWindow plain = Supply{spec, Random{1, "s"}}.through({SimTime{}, 200ms, 10});
            const SupplyWindow cut = Supply{with, Random{1, "s"}}.through({SimTime{}, 200ms, 10});
            CHECK_FALSE(cut.changes()); // a window like any other
            for (const std::size_t phase : {0U, 1U}) {
                // phi: the phase's own angle. Five Gauss points on every half degree or less.
                std::array<std::array<long double, 2>, Spectrum::orders> sum{};
                const auto integrate = [&](long double from, long double to, long double factor) {
                    const int panels = static_cast<int>(std::ceil((to - from) * 360 / pi));
                    const long double half = (to - from) / (2 * panels);
                    for (int n = 0; n < 5 * panels; ++n) {
                        const auto& [node, weight] = gauss[static_cast<std::size_t>(n % 5)];
                        const int panel = n / 5;
                        const long double phi = from + (2 * panel + 1 + node) * half;
                        const long double theta = phi - spec.angle_deg[phase] * pi / 180;
                        const Spectrum& u = plain.u[phase];
                        long double x = u[0].real();
                        for (int h = 1; h < Spectrum::orders; ++h)
                            x += std::sqrt(2.0L) * (u[h].real() * std::sin(h * theta) +
                                                    u[h].imag() * std::cos(h * theta));
                        x *= factor * weight * half / (2 * pi);
                        for (int h = 0; h < Spectrum::orders; ++h) {
                            sum[static_cast<std::size_t>(h)][0] += x * std::sin(h * theta);
                            sum[static_cast<std::size_t>(h)][1] += x * std::cos(h * theta);
                        }
                    }
                };
                const long double period = 2 * pi / per_cycle;
                for (int n = 0; n < per_cycle; ++n) {
                    const long double from = 21 * pi / 180 + n * period;
                    const long double to = from + 9.5L * pi / 180;
                    integrate(from, to, 1 - static_cast<long double>(notches.depth));
                    integrate(to, from + period, 1);
                }
                for (int h = 0; h < Spectrum::orders; ++h) {
                    const auto& of = sum[static_cast<std::size_t>(h)];
                    const long double gain = std::sqrt(2.0L);
                    const Complex right = h == 0 ? Complex{static_cast<double>(of[1])}
                                                 : Complex{static_cast<double>(gain * of[0]),
                                                           static_cast<double>(gain * of[1])};
                    CAPTURE(h);
                    CHECK(std::abs(cut.u[phase][h] - right) < 230 * 1e-13);
                }
            }
        }
    }

    TEST_CASE("a window that a disturbance does not touch, or fills, is a plain one") {
        SupplySpec spec;
        spec.disturbances = {
            {.kind = Kind::level, .start = SimTime{390ms}, .length = 440ms, .factor = 0.7},
            {.kind = Kind::oscillation,
             .start = SimTime{850ms},
             .length = 20ms,
             .hz = 900,
             .volts = 99,
             .decay = 3ms}};
        Supply supply{spec, Random{1, "supply"}};
        const SupplyWindow before = supply.through({SimTime{}, 200ms, 10});
        const SupplyWindow begins = supply.through({SimTime{200ms}, 200ms, 10});
        const SupplyWindow inside = supply.through({SimTime{400ms}, 200ms, 10});
        supply.through({SimTime{600ms}, 200ms, 10});
        const SupplyWindow ends = supply.through({SimTime{800ms}, 200ms, 10});
        const SupplyWindow after = supply.through({SimTime{1s}, 200ms, 10});
        CHECK(before.coherent());
        CHECK_FALSE(begins.coherent());
        CHECK(inside.coherent());
        CHECK(std::abs(inside.u[2][1]) == doctest::Approx(0.7 * 230).epsilon(1e-14));
        CHECK_FALSE(ends.coherent());
        CHECK(after.coherent());
        CHECK(after.u[0][1] == before.u[0][1]);
    }
}
