#include "waveforms/floating_star.hpp"
#include "waveforms/influence.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <complex>
#include <vector>

using namespace kpmsim;
using namespace std::chrono_literals;
using Complex = std::complex<double>;
using doctest::Approx;

namespace {

LoadSpec of(LoadKind kind, std::array<double, 3> p_w, double pf = 1) {
    LoadSpec spec;
    spec.kind = kind;
    spec.p_w = p_w;
    spec.pf = pf;
    if (kind == LoadKind::constant_current || kind == LoadKind::test_wave)
        for (std::size_t p = 0; p < 3; ++p)
            spec.i_a[p] = p_w[p] / 230.0;
    if (kind == LoadKind::capacitors)
        spec.q_var = p_w;
    if (kind == LoadKind::profile)
        spec.profile = Profile{{SimDuration{}, p_w, pf}, {1h, p_w, pf}};
    if (kind == LoadKind::test_wave)
        spec.wave = &periodic_waves().front();
    return spec;
}

SupplySpec distorted() {
    SupplySpec spec;
    spec.harmonics = {{3, 0.03, 40}, {5, 0.04, 180}, {9, 0.01, 0}};
    spec.magnitude = {1.02, 0.97, 1.0};
    return spec;
}

SupplyWindow window_of(SupplySpec spec) {
    Supply supply{std::move(spec), Random{1, "supply"}};
    return supply.through({SimTime{1s}, 200ms, 10});
}

/// Loads around one star point that nothing holds: what they draw, and the voltages there.
struct Star {
    SupplyWindow seen;
    std::vector<WindowCurrents> drawn;

    Star(const SupplyWindow& supply, const std::vector<LoadSpec>& loads) {
        SupplyWindow steady = supply;
        steady.rows = {};
        steady.floats = true;
        seen = floating_star(supply, [&](const PhaseSpectra& u) {
            steady.u = u;
            PhaseSpectra sum{};
            for (const LoadSpec& load : loads) {
                const PhaseSpectra more = currents_of(load, steady).whole;
                for (std::size_t p = 0; p < 3; ++p)
                    for (int h = 0; h < Spectrum::orders; ++h)
                        sum[p][h] += more[p][h];
            }
            return sum;
        });
        std::vector<WindowCurrents*> all;
        for (const LoadSpec& load : loads)
            drawn.push_back(currents_of(load, seen));
        for (WindowCurrents& one : drawn)
            all.push_back(&one);
        sum_to_zero(all, std::vector<double>(all.size(), 1.0), seen.window.samples());
    }
};

/// Of one phase, all orders.
double rms(const Spectrum& x) {
    double square = 0;
    for (int h = 0; h < Spectrum::orders; ++h)
        square += std::norm(x[h]);
    return std::sqrt(square);
}

void check_sums(const std::vector<const PhaseSpectra*>& drawn) {
    double size = 0;
    for (const PhaseSpectra* i : drawn)
        for (const Spectrum& phase : *i)
            size += rms(phase);
    for (int h = 0; h < Spectrum::orders; ++h) {
        Complex sum = 0;
        for (const PhaseSpectra* i : drawn)
            sum += (*i)[0][h] + (*i)[1][h] + (*i)[2][h];
        CAPTURE(h);
        CHECK(std::abs(sum) <= 1e-9 * size);
    }
}

constexpr std::array kinds{
    LoadKind::constant_power,
    LoadKind::constant_current,
    LoadKind::resistive,
    LoadKind::motor,
    LoadKind::led,
    LoadKind::six_pulse_drive,
    LoadKind::ev_charger,
    LoadKind::pv_inverter,
    LoadKind::profile,
    LoadKind::capacitors,
    LoadKind::test_wave,
};
constexpr std::array<std::array<double, 3>, 4> shares{
    {{1000, 1000, 1000}, {3000, 1000, 200}, {1500, 900, 0}, {2000, 0, 0}}};

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("around a star point that floats the currents of every load sum to zero, order by "
              "order, and no voltage runs away") {
        SupplySpec dips = distorted();
        Disturbance dip;
        dip.start = SimTime{1s} + 50ms;
        dip.length = 60ms;
        dip.factor = 0.4;
        dip.phases = {true, false, false};
        dips.disturbances = {dip};
        for (const SupplySpec& spec : {SupplySpec{}, distorted(), dips})
            for (const LoadKind kind : kinds)
                for (const auto& p_w : shares)
                    for (const bool beside : {false, true}) {
                        CAPTURE(name_of(kind));
                        CAPTURE(p_w);
                        CAPTURE(beside);
                        LoadSpec load = of(kind, p_w, kind == LoadKind::motor ? 0.85 : 0.95);
                        load.harmonics = {{3, 0.3, 0}, {7, 0.1, 90}};
                        std::vector<LoadSpec> loads{load};
                        if (beside)
                            loads.push_back(of(LoadKind::resistive, {300, 800, 500}));
                        const SupplyWindow supply = window_of(spec);
                        const Star star{supply, loads};
                        std::vector<const PhaseSpectra*> whole;
                        for (const WindowCurrents& one : star.drawn)
                            whole.push_back(&one.whole);
                        check_sums(whole);
                        for (std::size_t n = 0; n < star.drawn[0].pieces.size(); ++n) {
                            std::vector<const PhaseSpectra*> first, last;
                            for (const WindowCurrents& one : star.drawn) {
                                first.push_back(&one.pieces[n].from);
                                last.push_back(&one.pieces[n].to);
                            }
                            check_sums(first);
                            check_sums(last);
                        }
                        for (const Spectrum& phase : star.seen.u)
                            CHECK(rms(phase) < 3 * 240);
                    }
    }

    TEST_CASE("what resistances and constant powers draw stands where a nodal solution has it") {
        const Random random{5, "nodes"};
        std::uint64_t n = 0;
        for (int turn = 0; turn < 50; ++turn) {
            std::array<double, 3> ohmic{};
            std::array<double, 3> held{};
            for (std::size_t p = 0; p < 3; ++p) {
                ohmic[p] = 500 + 3000 * random.uniform(n++);
                held[p] = 600 * random.uniform(n++);
            }
            const double pf = 0.8 + 0.2 * random.uniform(n++);
            const double tan_phi = std::sqrt(1 - pf * pf) / pf;
            const SupplyWindow supply = window_of({});
            const Star star{
                supply, {of(LoadKind::resistive, ohmic), of(LoadKind::constant_power, held, pf)}};
            Complex v = 0;
            for (int step = 0; step < 500; ++step) {
                Complex into = 0;
                double siemens = 0;
                for (std::size_t p = 0; p < 3; ++p) {
                    const Complex u = supply.u[p][1];
                    into += ohmic[p] / (230.0 * 230.0) * u +
                            std::conj(Complex{held[p], held[p] * tan_phi} / (u - v));
                    siemens += ohmic[p] / (230.0 * 230.0);
                }
                v = into / siemens;
            }
            for (std::size_t p = 0; p < 3; ++p) {
                const Complex u = supply.u[p][1] - v;
                const Complex i = ohmic[p] / (230.0 * 230.0) * u +
                                  std::conj(Complex{held[p], held[p] * tan_phi} / u);
                CHECK(std::abs(star.seen.u[p][1] - u) < 230e-6);
                CHECK(std::abs(star.drawn[0].whole[p][1] + star.drawn[1].whole[p][1] - i) <
                      1e-6 * std::abs(i));
            }
        }
    }

    TEST_CASE("two constant powers share the voltage between their lines as they share the power") {
        const SupplyWindow supply = window_of({});
        const Star star{supply, {of(LoadKind::constant_power, {3000, 1000, 0})}};
        const double line = 230 * std::sqrt(3.0);
        CHECK(std::abs(star.seen.u[0][1]) == Approx(0.75 * line).epsilon(1e-8));
        CHECK(std::abs(star.seen.u[1][1]) == Approx(0.25 * line).epsilon(1e-8));
        CHECK(std::abs(star.drawn[0].whole[0][1]) == Approx(4000 / line).epsilon(1e-8));
        CHECK(std::abs(star.drawn[0].whole[2][1]) == 0);
    }

    TEST_CASE("a load on one phase alone has neither a voltage nor a current") {
        for (const LoadKind kind : kinds) {
            CAPTURE(name_of(kind));
            const SupplyWindow supply = window_of(distorted());
            const Star star{supply, {of(kind, {0, 2000, 0}, 0.9)}};
            CHECK(rms(star.seen.u[1]) < 1e-6);
            for (const Spectrum& phase : star.drawn[0].whole)
                CHECK(rms(phase) < 1e-6);
            CHECK(std::abs(star.seen.u[0][1] - (supply.u[0][1] - supply.u[1][1])) < 1e-6);
        }
    }

    TEST_CASE("third harmonics in phase do not flow, and orders that sum to zero do") {
        const SupplyWindow supply = window_of({});
        LoadSpec load = of(LoadKind::constant_current, {2300, 2300, 2300});
        load.harmonics = {{3, 0.4, 0}, {5, 0.2, 0}};
        const Star star{supply, {load}};
        const PhaseSpectra held = currents_of(load, supply).whole;
        for (std::size_t p = 0; p < 3; ++p) {
            CHECK(std::abs(held[p][3]) > 3);
            CHECK(std::abs(star.drawn[0].whole[p][3]) < 1e-9);
            CHECK(std::abs(star.drawn[0].whole[p][5] - held[p][5]) < 1e-9);
            CHECK(std::abs(star.seen.u[p][1] - supply.u[p][1]) < 1e-6);
        }
    }
}
