// What loads draw, held to what a load of that kind is. No meter: the currents are those that a supply
// with harmonics, each phase of another size and angle, makes flow.
//
//   held       P over the one asked for, less 1: a pv-inverter's is negative, an EV charger's falls with U below
//              its nominal one, a motor's is its shaft's; of constant-current and test-wave I instead
//   angle      phi of the fundamental, degrees; a motor's Q is three quarters as U^2 and a quarter as
//              (shaft power / U)^2, of that at its rating
//   spectrum   orders of I, of I1: the kind's own and those written, turned by h times the angle of I1;
//              of resistances and capacitors, what Y U is in each order
//   dead       what is drawn below 5 % of the nominal voltage, A
//   star       sum of the fundamentals around a star point that floats, of their sizes, and what moved one
//              phase's voltage, but not the others'
//   profile    P over the row's, less 1, and phi: in lines and in steps, before, between, behind the rows
//   burst      rows of each phase that conduct, less on / (on + off) of those in whole periods
#include "verification/kind.hpp"
#include "verification/shapes.hpp"
#include "waveforms/floating_star.hpp"
#include "waveforms/influence.hpp"
#include "waveforms/load.hpp"
#include "waveforms/load_currents.hpp"

#include <array>
#include <cmath>
#include <complex>
#include <cstdlib>
#include <numbers>

namespace kpmsim {

namespace {

using Complex = std::complex<double>;

constexpr double nominal_v = 230;
constexpr double degree = std::numbers::pi / 180;

double power(const Spectrum& u, const Spectrum& i) {
    double sum = 0;
    for (int h = 1; h < Spectrum::orders; ++h)
        sum += (u[h] * std::conj(i[h])).real();
    return sum;
}

double rms(const Spectrum& of) {
    double sum = 0;
    for (int h = 0; h < Spectrum::orders; ++h)
        sum += std::norm(of[h]);
    return std::sqrt(sum);
}

/// By which I1 lags U1, degrees.
double lag(const Spectrum& u, const Spectrum& i) {
    return std::arg(u[1] * std::conj(i[1])) / degree;
}

double apart(double one, double other) { return std::remainder(one - other, 360.0); }

/// Three voltages of about 80 to 112 % of the nominal one, each with its own harmonics.
PhaseSpectra drawn_voltages(Draw& draw) {
    PhaseSpectra u;
    for (int p = 0; p < 3; ++p)
        u[static_cast<std::size_t>(p)] =
            turned(shape_spectrum("random", WaveOf::voltage, {}, draw),
                   nominal_v * draw.between(0.8, 1.12), -120.0 * p + draw.between(-15, 15));
    return u;
}

/// phi of a load with this power factor, whichever way P flows: Q is positive where it is inductive.
double phi(double p_w, double pf, bool capacitive) {
    const double within = std::acos(pf) / degree;
    const double q_side = capacitive ? -within : within;
    return p_w < 0 ? 180 - q_side : q_side;
}

struct Asked {
    LoadSpec load;
    std::array<double, 3> p_w{}, i_a{};
};

Asked drawn_load(LoadKind kind, Draw& draw) {
    Asked out;
    LoadSpec& load = out.load;
    load.kind = kind;
    load.nominal_u_v = nominal_v;
    load.pf = draw.between(0.5, 0.97);
    load.capacitive = kind != LoadKind::motor && draw.between(0, 1) < 0.5;
    load.scale = draw.between(0.5, 1.5);
    for (std::size_t p = 0; p < 3; ++p) {
        load.p_w[p] = draw.between(200, 3000);
        load.i_a[p] = draw.between(1, 10) * (draw.between(0, 1) < 0.5 ? -1 : 1);
        load.q_var[p] = draw.between(100, 900);
    }
    if (kind != LoadKind::test_wave)
        load.harmonics = {{2, draw.between(0, 0.05), draw.between(0, 360)},
                          {7, draw.between(0, 0.1), draw.between(0, 360)}};
    if (kind == LoadKind::test_wave)
        load.wave = find_wave("half-wave");
    if (kind != LoadKind::capacitors && draw.between(0, 1) < 0.4)
        load.one_phase = static_cast<int>(draw.between(0, 3));
    double greatest = 0;
    for (const double i : load.i_a)
        greatest = std::abs(i) > std::abs(greatest) ? i : greatest;
    for (std::size_t p = 0; p < 3; ++p) {
        const bool here = !load.one_phase || static_cast<std::size_t>(*load.one_phase) == p;
        const double all = load.p_w[0] + load.p_w[1] + load.p_w[2];
        out.p_w[p] = here ? (load.one_phase ? all : load.p_w[p]) : 0;
        out.i_a[p] = here ? (load.one_phase ? greatest : load.i_a[p]) : 0;
    }
    return out;
}

void check_angle(double got, double right, Errors& errors) {
    errors.add("angle", apart(got, right));
}

/// The kind's own orders and those that are written, against I1.
void check_spectrum(const LoadSpec& load, const Spectrum& i, Errors& errors) {
    Spectrum right;
    right[1] = std::abs(i[1]);
    for (const std::vector<Harmonic>* list : {&kind_spectrum(load.kind), &load.harmonics})
        for (const Harmonic& each : *list)
            right[each.order] +=
                std::polar(each.fraction * std::abs(i[1]), each.angle_deg * degree);
    for (int h = 1; h < Spectrum::orders; ++h)
        errors.add("spectrum", std::abs(i[h] - right[h] * std::polar(1.0, h * std::arg(i[1]))) /
                                   std::abs(i[1]));
}

/// A load that draws as its voltage is, order by order.
void check_straight(const Asked& of, std::size_t p, const Spectrum& u, const Spectrum& i,
                    Errors& errors) {
    const double un2 = nominal_v * nominal_v;
    Spectrum right;
    for (int h = 1; h < Spectrum::orders; ++h)
        right[h] = of.load.kind == LoadKind::resistive
                       ? of.p_w[p] * of.load.scale / un2 * u[h]
                       : of.load.q_var[p] * of.load.scale / un2 * Complex{0, 1.0 * h} * u[h];
    if (of.load.kind == LoadKind::resistive)
        for (const Harmonic& each : of.load.harmonics)
            right[each.order] += std::polar(each.fraction * std::abs(right[1]),
                                            each.angle_deg * degree + each.order * std::arg(u[1]));
    for (int h = 1; h < Spectrum::orders; ++h)
        errors.add("spectrum", std::abs(i[h] - right[h]) / (nominal_v * of.load.p_w[p] / un2));
}

/// A wave of the standards, cut from a sine: its orders as those of the table, by the voltage's angle.
void check_wave(const Asked& of, std::size_t p, const Spectrum& u, const Spectrum& i,
                Errors& errors) {
    const double sine_a = of.i_a[p] * of.load.scale;
    if (sine_a == 0) {
        errors.add("held", rms(i));
        return;
    }
    errors.add("held", rms(i) / std::abs(sine_a * rms(of.load.wave->i)) - 1);
    for (int h = 0; h < Spectrum::orders; ++h)
        errors.add("spectrum", std::abs(i[h] - sine_a * of.load.wave->i[h] *
                                                   std::polar(1.0, h * std::arg(u[1]))) /
                                   std::abs(sine_a));
}

void check_phase(const Asked& of, std::size_t p, const Spectrum& u, const Spectrum& i,
                 Errors& errors) {
    const LoadSpec& load = of.load;
    const double p_w = of.p_w[p] * load.scale;
    const double level = std::abs(u[1]) / nominal_v;
    switch (load.kind) {
    case LoadKind::resistive:
    case LoadKind::capacitors:
        return check_straight(of, p, u, i, errors);
    case LoadKind::test_wave:
        return check_wave(of, p, u, i, errors);
    default:
        break;
    }
    const bool of_current = load.kind == LoadKind::constant_current;
    double held = p_w;
    if (load.kind == LoadKind::pv_inverter)
        held = -p_w;
    if (load.kind == LoadKind::ev_charger)
        held = p_w * std::min(level, 1.0);
    if (of_current)
        held = of.i_a[p] * load.scale;
    if (held == 0) {
        errors.add("held", rms(i));
        return;
    }
    errors.add("held", of_current ? rms(i) / std::abs(held) - 1 : power(u, i) / held - 1);
    if (load.kind == LoadKind::motor) {
        const double q_rated = of.p_w[p] * std::tan(std::acos(load.pf));
        const double q =
            q_rated * (0.75 * level * level + 0.25 * (load.scale / level) * (load.scale / level));
        check_angle(lag(u, i), std::atan2(q, p_w) / degree, errors);
    } else {
        check_angle(lag(u, i), phi(held, load.pf, load.capacitive), errors);
    }
    check_spectrum(load, i, errors);
}

constexpr std::array kinds_drawn{LoadKind::constant_power,
                                 LoadKind::constant_current,
                                 LoadKind::resistive,
                                 LoadKind::motor,
                                 LoadKind::led,
                                 LoadKind::six_pulse_drive,
                                 LoadKind::ev_charger,
                                 LoadKind::pv_inverter,
                                 LoadKind::capacitors,
                                 LoadKind::test_wave};

/// A phase at 1 to 4 % of its voltage is dead to loads that hold something.
void check_dead(const Asked& of, PhaseSpectra u, Draw& draw, Errors& errors) {
    if (of.load.kind == LoadKind::resistive || of.load.kind == LoadKind::capacitors)
        return;
    const auto which = static_cast<std::size_t>(draw.between(0, 3));
    u[which] = scaled(draw.between(0.01, 0.04), u[which]);
    errors.add("dead", rms(currents(of.load, u, SimTime{})[which]));
    u[which] = scaled(0.055 * nominal_v / std::abs(u[which][1]), u[which]);
    if (of.p_w[which] != 0)
        errors.add("dead", rms(currents(of.load, u, SimTime{})[which]) > 0.01 ? 0 : 1);
}

/// Around a star point that nothing holds currents sum to zero; it moves all three voltages alike.
void check_star(const Asked& of, const PhaseSpectra& u, Errors& errors) {
    if (of.load.one_phase || of.load.kind == LoadKind::test_wave ||
        of.load.kind == LoadKind::constant_current)
        return; // no point makes one current, or currents that are held, sum to zero
    SupplyWindow supply;
    supply.window.cycles = 10;
    supply.u = u;
    const auto draws = [&](const PhaseSpectra& at) {
        return currents(of.load, at, SimTime{}, StarPoint::floats);
    };
    const SupplyWindow found = floating_star(supply, draws);
    const PhaseSpectra i = draws(found.u);
    errors.add("star", std::abs(i[0][1] + i[1][1] + i[2][1]) /
                           (std::abs(i[0][1]) + std::abs(i[1][1]) + std::abs(i[2][1])));
    for (std::size_t p = 1; p < 3; ++p)
        errors.add("star",
                   std::abs((u[p][1] - found.u[p][1]) - (u[0][1] - found.u[0][1])) / nominal_v);
}

/// Rows of 0, 10 and 20 s.
struct Row {
    double p_w, phi_deg, pf;
};

double signed_pf_phi(double pf) { return std::copysign(std::acos(std::abs(pf)) / degree, pf); }

/// Between an inductive and a capacitive row the power factor goes through 1.
Row between(const Row& a, const Row& b, double part) {
    const auto from_unity = [](double pf) { return pf < 0 ? -(1 + pf) : 1 - pf; };
    const double p_w = a.p_w + part * (b.p_w - a.p_w);
    const double off = from_unity(a.pf) + part * (from_unity(b.pf) - from_unity(a.pf));
    const double pf = off < 0 ? -(1 + off) : 1 - off;
    return {p_w, signed_pf_phi(pf), pf};
}

void check_profile(Draw& draw, const PhaseSpectra& u, Errors& errors) {
    constexpr double every_s = 10;
    std::array<Row, 3> rows;
    LoadSpec load;
    load.kind = LoadKind::profile;
    load.nominal_u_v = nominal_v;
    std::vector<ProfilePoint> points;
    for (std::size_t n = 0; n < rows.size(); ++n) {
        const double pf = draw.between(0.6, 0.95) * (n == 1 ? -1 : 1);
        rows[n] = {draw.between(500, 2000), signed_pf_phi(pf), pf};
        const SimDuration at{static_cast<std::int64_t>(1e9 * every_s * static_cast<double>(n))};
        points.push_back({at, {rows[n].p_w, rows[n].p_w, rows[n].p_w}, pf});
    }
    load.profile = Profile{points};
    for (const ProfileShape shape : {ProfileShape::line, ProfileShape::steps})
        for (const ProfileEnd end : {ProfileEnd::repeat, ProfileEnd::hold, ProfileEnd::zero})
            for (double t = -7.5; t < 40; t += 2.5) {
                load.profile_shape = shape;
                load.profile_end = end;
                const double span = every_s * 2;
                double of_table = t;
                if (end == ProfileEnd::repeat)
                    of_table -= span * std::floor(t / span);
                Row right = rows[0];
                if (of_table >= span)
                    right = rows[2];
                else if (of_table >= 0) {
                    const auto n = static_cast<std::size_t>(of_table / every_s);
                    right = shape == ProfileShape::steps
                                ? rows[n]
                                : between(rows[n], rows[n + 1],
                                          of_table / every_s - static_cast<double>(n));
                }
                const SimTime at{SimDuration{static_cast<std::int64_t>(1e9 * t)}};
                const Spectrum i = currents(load, u, at)[0];
                if (end == ProfileEnd::zero && of_table > span) {
                    errors.add("profile", rms(i));
                    continue;
                }
                errors.add("profile", power(u[0], i) / right.p_w - 1);
                errors.add("profile", apart(lag(u[0], i), right.phi_deg));
            }
}

/// Whole cycles on and off, phase by phase; windows of ten cycles that adjoin.
void check_burst(Draw& draw, const PhaseSpectra& u, Errors& errors) {
    LoadSpec load;
    load.nominal_u_v = nominal_v;
    load.p_w = {1000, 1000, 1000};
    load.burst.on = static_cast<int>(draw.between(1, 6));
    load.burst.off = static_cast<int>(draw.between(1, 6));
    const int period = load.burst.on + load.burst.off;
    std::array<int, 3> conducting{};
    SupplyWindow supply;
    supply.window.cycles = 10;
    supply.window.length = std::chrono::milliseconds{200};
    supply.u = u;
    for (int n = 0; n < period; ++n) { // ten periods
        const WindowCurrents drawn = currents_of(load, supply);
        for (const CurrentPiece& piece : drawn.pieces)
            for (std::size_t p = 0; p < 3; ++p)
                if (rms(piece.from[p]) > 0)
                    conducting[p] += piece.last_row - piece.first_row;
        supply.first_turn += 10;
        supply.window.start = supply.window.end();
    }
    for (const int rows : conducting)
        errors.add("burst", rows - 10 * load.burst.on * samples_per_cycle);
}

void run(Draw draw, Errors& errors) {
    const PhaseSpectra u = drawn_voltages(draw);
    for (const LoadKind kind : kinds_drawn) {
        const Asked of = drawn_load(kind, draw);
        const PhaseSpectra i = currents(of.load, u, SimTime{});
        for (std::size_t p = 0; p < 3; ++p)
            check_phase(of, p, u[p], i[p], errors);
        check_dead(of, u, draw, errors);
        check_star(of, u, errors);
    }
    check_profile(draw, u, errors);
    check_burst(draw, u, errors);
}

} // namespace

Run loads_kind(TomlTable&) {
    return [](Draw draw, Mode, Errors& errors) { run(draw, errors); };
}

} // namespace kpmsim
