// What happens to a supply, read by a meter on it, against the samples that the description gives.
//
// A few disturbances of every kind but noise, drawn so that they overlap; each begins, moves and ends anywhere in
// a window. Phases are unlike, have harmonics of their own, DC and a tone between the orders. On paper a voltage
// is worked out row by row, and its rms and orders by their definitions over the window's rows.
//
//   U           rms of phases and lines, without the mean, of Udin
//   harmonics   orders 1 to 31, of Udin
//   truth       the same U as waveforms/truth.cpp has it
//   moments     moment_of_angle(): where the phase stands then, in nanoseconds
#include "verification/paper_supply.hpp"
#include "verification/source.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>
#include <vector>

namespace kpmsim {

namespace {

constexpr double un_v = 230;
constexpr double room = 6; // for the greatest impulse on a swell
constexpr int windows = 8;

SimTime drawn_time(Draw& draw, double from_s, double to_s) {
    return SimTime{SimDuration{std::llround(1e9 * draw.between(from_s, to_s))}};
}

SimDuration drawn_length(Draw& draw, double from_s, double to_s) {
    return drawn_time(draw, from_s, to_s) - SimTime{};
}

Disturbance drawn_disturbance(DisturbanceKind kind, Draw& draw) {
    constexpr double settled_s = 0.2 * settling_windows;
    Disturbance d;
    d.kind = kind;
    d.start = drawn_time(draw, settled_s, settled_s + 0.2 * windows);
    d.length = draw.between(0, 1) < 0.2 ? for_good : drawn_length(draw, 0.001, 1);
    d.edge = draw.between(0, 1) < 0.5 ? SimDuration::zero()
                                      : std::min(d.length, drawn_length(draw, 0.001, 0.5));
    if (kind != DisturbanceKind::frequency)
        for (bool& phase : d.phases)
            phase = draw.between(0, 1) < 0.7;
    d.factor = draw.between(0, 1.5);
    d.depth = draw.between(0.05, 0.9);
    d.angle_deg = draw.between(0, 360);
    d.hz = draw.between(1, 30);
    switch (kind) {
    case DisturbanceKind::frequency:
        d.hz = draw.between(-1, 1);
        break;
    case DisturbanceKind::notches:
        d.per_cycle = static_cast<int>(draw.between(1, 13));
        d.width_deg = draw.between(0.5, 300.0 / d.per_cycle);
        break;
    case DisturbanceKind::harmonics:
        d.volts = draw.between(-5, 5);
        d.harmonics = {{3, draw.between(0, 0.1), draw.between(0, 360)},
                       {static_cast<int>(draw.between(2, 50)), 0.05, draw.between(0, 360)}};
        break;
    case DisturbanceKind::oscillation:
    case DisturbanceKind::impulse:
        d.length = drawn_length(draw, 0.01, 0.3);
        d.hz = draw.between(200, 2000);
        d.volts = draw.between(50, 700);
        d.decay = drawn_length(draw, 0.001, 0.02);
        d.front = drawn_length(draw, 0.00005, 0.0005);
        break;
    default:
        break;
    }
    return d;
}

/// Every kind in turn, and others beside it.
SupplySpec drawn_supply(Draw& draw) {
    constexpr std::array kinds{DisturbanceKind::level,        DisturbanceKind::set_level,
                               DisturbanceKind::flicker_sine, DisturbanceKind::flicker_square,
                               DisturbanceKind::frequency,    DisturbanceKind::phase_jump,
                               DisturbanceKind::notches,      DisturbanceKind::oscillation,
                               DisturbanceKind::impulse,      DisturbanceKind::harmonics};
    SupplySpec spec;
    spec.u_v = un_v;
    spec.f_hz = draw.setup() % 3 == 2 ? draw.between(59, 61) : draw.between(49, 51);
    spec.dc_v = draw.between(-2, 2);
    spec.harmonics = {{2, 0.01, draw.between(0, 360)}, {50, 0.01, draw.between(0, 360)}};
    if (draw.between(0, 1) < 0.5)
        spec.interharmonics = {{draw.between(20, 1000), 0.02, draw.between(0, 360)}};
    for (std::size_t p = 0; p < 3; ++p) {
        spec.magnitude[p] = draw.between(0.9, 1.1);
        spec.angle_deg[p] += p > 0 ? draw.between(-10, 10) : 0;
        spec.phase_harmonics[p] = {{5, draw.between(0, 0.05), draw.between(0, 360)}};
    }
    const auto nth = [&](int n) { return kinds[static_cast<std::size_t>(n) % kinds.size()]; };
    spec.disturbances.push_back(drawn_disturbance(nth(draw.setup()), draw));
    for (int n = 0; n < 5; ++n)
        spec.disturbances.push_back(
            drawn_disturbance(nth(static_cast<int>(draw.between(0, kinds.size()))), draw));
    return spec;
}

using Rows = std::vector<long double>;

double rms(const Rows& x) {
    long double sum = 0, squares = 0;
    for (const long double each : x) {
        sum += each;
        squares += each * each;
    }
    const auto count = static_cast<long double>(x.size());
    return static_cast<double>(std::sqrt(squares / count - sum / count * (sum / count)));
}

/// Rms of an order of a window of that many cycles.
double order_rms(const Rows& x, int cycles, int order) {
    const auto count = static_cast<long double>(x.size());
    const std::complex<long double> step =
        std::polar(1.0L, -2 * PaperSupply::pi * order * cycles / count);
    std::complex<long double> turn = 1, sum = 0;
    for (const long double each : x) {
        sum += each * turn;
        turn *= step;
    }
    return static_cast<double>(std::abs(sum) * std::sqrt(2.0L) / count);
}

/// Of phases a, b, c and lines ab, bc, ca.
std::array<Rows, 6> rows_on_paper(const PaperSupply& supply, const Window& window) {
    std::array<Rows, 6> u;
    for (int n = 0; n < window.samples(); ++n) {
        std::array<long double, 3> phase{};
        for (std::size_t p = 0; p < 3; ++p)
            phase[p] = supply.row(p, window, n);
        for (std::size_t p = 0; p < 3; ++p) {
            u[p].push_back(phase[p]);
            u[3 + p].push_back(phase[p] - phase[(p + 1) % 3]);
        }
    }
    return u;
}

void check_moments(const PaperSupply& on_paper, const SupplySpec& spec, Draw& draw,
                   Errors& errors) {
    for (int phase = 0; phase < 3; ++phase) {
        const double angle = draw.between(0, 360);
        const SimTime earliest = drawn_time(draw, 0, 4);
        const SimTime at = moment_of_angle(spec, earliest, phase, angle);
        const long double turns =
            on_paper.turns(at, 0) +
            (spec.angle_deg[static_cast<std::size_t>(phase)] - angle) / 360.0L;
        errors.add("moments", static_cast<double>(std::remainder(turns, 1.0L)) / spec.f_hz * 1e9);
        const bool first = at >= earliest && at - earliest < std::chrono::milliseconds{25};
        errors.add("moments", first ? 0 : std::nan(""));
    }
}

void run(Wiring wiring, Draw draw, Mode mode, Errors& errors) {
    const SupplySpec spec = drawn_supply(draw);
    const PaperSupply on_paper{spec};
    WiringSpec leads;
    leads.mode = wiring;
    const bool star = metered_phases(wiring) > 0;
    Rig rig{spec, leads, converter(leads, spec.f_hz, mode, room * un_v, 5), told(leads), draw};
    for (int n = 0; n < settling_windows + windows; ++n) {
        rig.step({});
        if (n < settling_windows)
            continue;
        const Window& window = rig.block.window;
        const std::array<Rows, 6> u = rows_on_paper(on_paper, window);
        // A tone, or a clock that lags, makes a mean over a window another one than that over all time.
        const bool whole = rig.window.changes() || rig.window.coherent();
        for (int k = star ? 0 : 3; k < 6; ++k) {
            const double right = rms(u[static_cast<std::size_t>(k)]);
            const Slot slot = slot_at(Slot::u_a, k);
            errors.add("U", (rig.shown()[slot] - right) / un_v);
            if (whole)
                errors.add("truth", (rig.right()[slot] - right) / un_v);
        }
        for (int k = 0; k < 3; ++k) { // a meter without neutral shows those of its lines
            const Rows& x = u[static_cast<std::size_t>(star ? k : 3 + k)];
            for (int h = 1; h <= max_harmonic; ++h)
                errors.add("harmonics",
                           (rig.shown()[harmonic_slot(k, h)] - order_rms(x, window.cycles, h)) /
                               un_v);
        }
    }
    check_moments(on_paper, spec, draw, errors);
    errors.add("clipped", static_cast<double>(rig.metering.clipped()));
}

} // namespace

Run disturbances_kind(TomlTable& signal) {
    const Wiring wiring = take_wiring(signal);
    return [wiring](Draw draw, Mode mode, Errors& errors) { run(wiring, draw, mode, errors); };
}

} // namespace kpmsim
