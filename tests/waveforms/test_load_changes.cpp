#include "waveforms/floating_star.hpp"
#include "waveforms/load_changes.hpp"
#include "waveforms/wiring_changes.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <complex>
#include <numbers>

using namespace kpmsim;
using namespace std::chrono_literals;
using Complex = std::complex<double>;
using doctest::Approx;

namespace {

SupplyWindow window_at(SimTime start) {
    Supply supply{SupplySpec{}, Random{1, "supply"}};
    return supply.through({start, 200ms, 10});
}

LoadSpec of(LoadKind kind, std::array<double, 3> p_w, double pf = 1) {
    LoadSpec spec;
    spec.kind = kind;
    spec.p_w = p_w;
    spec.pf = pf;
    return spec;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a change inside a window cuts it at the row, and leaves others whole") {
        const SupplyWindow window = window_at(SimTime{1s});
        const Load load = of(LoadKind::constant_power, {1000, 1000, 1000});
        const WindowCurrents drawn = currents_of(load, window);
        LoadChange off;
        off.from = SimTime{1s} + 50ms;
        off.length = 100ms;
        off.own = 0;
        const std::array changes{off};
        const WindowCurrents cut = changed(drawn, changes, window);
        REQUIRE(cut.pieces.size() == 3);
        CHECK(cut.pieces[0].last_row == 320); // 50 ms of 200 ms, 1280 rows
        CHECK(cut.pieces[1].last_row == 960);
        CHECK(std::abs(cut.pieces[1].from[0][1]) == 0);
        CHECK(cut.pieces[2].from[0][1] == drawn.whole[0][1]);

        LoadChange later = off;
        later.from = SimTime{2s};
        const std::array not_yet{later};
        CHECK(changed(drawn, not_yet, window).pieces.empty());
        CHECK(steady_until(later, SimTime{1s}) == SimTime{2s});
        CHECK(steady_until(later, SimTime{2s} + 1ms) == SimTime{2s} + 100ms);
        CHECK(steady_until(later, SimTime{3s}) == SimTime::max());
    }

    TEST_CASE("an edge goes straight, a decay as e^-t, and what is beside adds") {
        const SupplyWindow window = window_at(SimTime{1s});
        LoadChange change;
        change.from = SimTime{1s};
        change.edge = 2s;
        change.own = 3;
        CHECK(presence(change, {SimTime{2s}, 0, 1}) == Approx(0.5));
        CHECK(presence(change, {SimTime{1s} - 1ns, 0, 1}) == 0);
        LoadChange inrush;
        inrush.from = SimTime{1s};
        inrush.decay = 100ms;
        CHECK(presence(inrush, {SimTime{1s} + 100ms, 0, 1}) == Approx(std::exp(-1.0)));
        CHECK(steady_until(inrush, SimTime{1s} + 1ms) == SimTime{1s} + 1ms);

        LoadChange beside;
        beside.from = SimTime{0s};
        beside.beside = Load{of(LoadKind::resistive, {0, 2300, 0})};
        const std::array changes{beside};
        const Load load = of(LoadKind::resistive, {2300, 2300, 0});
        const WindowCurrents both = changed(currents_of(load, window), changes, window);
        CHECK(both.pieces.empty());
        CHECK(std::abs(both.whole[0][1]) == Approx(10));
        CHECK(std::abs(both.whole[1][1]) == Approx(20));
    }

    TEST_CASE("capacitors lead by a quarter of a turn, and more so at higher orders") {
        LoadSpec bank;
        bank.kind = LoadKind::capacitors;
        bank.q_var = {2300, 0, 0};
        PhaseSpectra u{};
        u[0][1] = 230;
        u[0][5] = 10;
        const PhaseSpectra i = currents(Load{bank}, u, SimTime{});
        CHECK(i[0][1].imag() == Approx(10));
        CHECK(i[0][5].imag() == Approx(5 * 10 * 2300 / (230.0 * 230)));
        CHECK(i[0][1].real() == 0);
    }

    TEST_CASE("a star point that floats stands where a nodal solution has it") {
        const SupplyWindow window = window_at(SimTime{});
        const Load ohms = of(LoadKind::resistive, {500, 1500, 2500});
        const Load power = of(LoadKind::constant_power, {900, 300, 600}, 0.9);
        const auto drawn = [&](const PhaseSpectra& u) {
            PhaseSpectra sum = currents(ohms, u, SimTime{});
            const PhaseSpectra more = currents(power, u, SimTime{});
            for (std::size_t p = 0; p < 3; ++p)
                sum[p][1] += more[p][1];
            return sum;
        };
        const SupplyWindow floats = floating_star(window, drawn);
        // Admittances hold the point; the powers' currents are put in, again and again.
        const double tan_phi = std::tan(std::acos(0.9));
        Complex star = 0;
        for (int n = 0; n < 2000; ++n) {
            Complex into = 0;
            double siemens = 0;
            for (std::size_t p = 0; p < 3; ++p) {
                const double y = std::array{500.0, 1500.0, 2500.0}[p] / (230.0 * 230.0);
                const double p_w = std::array{900.0, 300.0, 600.0}[p];
                const Complex u = window.u[p][1] - star;
                into += y * window.u[p][1] + std::conj(Complex{p_w, p_w * tan_phi} / u);
                siemens += y;
            }
            star = into / siemens;
        }
        for (std::size_t p = 0; p < 3; ++p)
            CHECK(std::abs(floats.u[p][1] - (window.u[p][1] - star)) < 230e-6);
        const PhaseSpectra i = drawn(floats.u);
        CHECK(std::abs(i[0][1] + i[1][1] + i[2][1]) < 1e-8);
    }

    TEST_CASE("what is done in a cabinet holds from a window's beginning, and is undone") {
        WiringChange swapped;
        swapped.kind = WiringChangeKind::ct_swapped;
        swapped.from = SimTime{10s};
        swapped.length = 5s;
        swapped.circuit = 1;
        swapped.terminal = 0;
        swapped.other = 2;
        const std::array changes{swapped};
        const WiringSpec straight;
        CHECK(changed(straight, changes, SimTime{10s} - 1ns).i_phase == straight.i_phase);
        const WiringSpec wrong = changed(straight, changes, SimTime{10s});
        CHECK(wrong.i_phase[0] == straight.i_phase[0]);
        CHECK(wrong.i_phase[1] == std::array{2, 1, 0});
        CHECK(changed(straight, changes, SimTime{15s}).i_phase == straight.i_phase);
        CHECK(steady_until(swapped, SimTime{}) == SimTime{10s});
        CHECK(steady_until(swapped, SimTime{10s}) == SimTime{15s});
        CHECK(steady_until(swapped, SimTime{15s}) == SimTime::max());
    }
}
