// The sample clock, and f of single windows.
//
// what = "walk": f jumps, and is held for `hold` windows each time, with 31 orders.
//   found      f, from the sixth window after a jump on, Hz; "found beyond" where the clock is held
//   at once    f of the window after the jump's own, Hz
//   cycles     of a window, 12 from 55.5 Hz up, 10 from 54.5 Hz down, as before in between
//   length     of a window, less so many cycles of an f that is held within 40 and 70 Hz, ns
// what = "weak": all voltages near the hundredth of full scale below which there is none.
//   told       f, or 0, Hz
// what = "strongest": phase a falls to a part of the others, and some windows later its phase jumps
//   again and again, which f shows when it is still read off phase a: above a half.
//   mistaken   0 when it is so
// what = "lost": no voltage for some windows.
//   none       f in them, Hz
//   found again  in the first window after, Hz; the clock ran on
// what = "gap": time of which nothing is sampled, half a second and more, within which all voltages turn
//   by any angle.
//   after a gap  f of the first windows after one, Hz
// what = "together": all terminals on one phase, but for some degrees; that of phase a falls and comes back.
//   of another   f of every window, Hz: two voltages' phases are not compared
#include "verification/source.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace kpmsim {

namespace {

using namespace std::chrono_literals;

struct Case {
    std::string what;
    Source source;
    std::vector<double> walk; ///< Hz
    int hold{12};
    Parameter gap_s{1.0};
    Parameter part{1.0}; ///< weak: of full scale; strongest: of the other voltages
};

Rig make_rig(const SupplySpec& supply, const Drawn& d, Mode mode, const Draw& draw) {
    return {supply, {}, converter({}, d.f_hz, mode, d.full_u_v, d.full_i_a), {}, draw};
}

SupplySpec walking(const Case& c, const Drawn& d, double hold_s, Draw& draw) {
    SupplySpec spec = d.supply;
    spec.f_hz = c.walk.front();
    for (int h = 2; h <= max_harmonic; ++h)
        spec.harmonics.push_back({h, (h % 2 != 0 ? 0.25 : 0.02) / h, draw.between(0, 360)});
    for (std::size_t n = 1; n < c.walk.size(); ++n) {
        Disturbance jump;
        jump.kind = DisturbanceKind::frequency;
        jump.start = SimTime{SimDuration{std::llround(static_cast<double>(n) * hold_s * 1e9)}};
        jump.length = for_good;
        jump.hz = c.walk[n] - c.walk[n - 1];
        spec.disturbances.push_back(jump);
    }
    return spec;
}

void walk(const Case& c, Draw draw, Mode mode, Errors& errors) {
    Drawn d = draw_source(c.source, draw);
    d.f_hz = c.walk.front();
    const double hold_s = 0.2 * c.hold + draw.between(0, 0.05);
    Rig rig = make_rig(walking(c, d, hold_s, draw), d, mode, draw);
    int cycles = d.f_hz < 55 ? 10 : 12;
    for (std::size_t n = 0; n < c.walk.size(); ++n) {
        const double end_s = static_cast<double>(n + 1) * hold_s;
        const double f = c.walk[n];
        if (f >= 55.5 || f <= 54.5)
            cycles = f >= 55.5 ? 12 : 10;
        for (int window = 0; seconds(rig.lock.next().end().time_since_epoch()) < end_s; ++window) {
            rig.step(d.i);
            const double off = rig.shown()[Slot::f] - f;
            if (window == 1 && n > 0)
                errors.add("at once", off);
            if (window < 6)
                continue;
            errors.add(f >= 40 && f <= 70 ? "found" : "found beyond", off);
            const Window& w = rig.block.window;
            errors.add("cycles", w.cycles - cycles);
            errors.add("length", static_cast<double>(w.length.count()) -
                                     w.cycles * 1e9 / std::clamp(f, 40.0, 70.0));
        }
        // The window in which the next jump is.
        if (n + 1 < c.walk.size())
            rig.step(d.i);
    }
}

void weak(const Case& c, Draw draw, Mode mode, Errors& errors) {
    Source source = c.source;
    const double part = draw(c.part);
    source.u = Parameter{part * source.u_room};
    const Drawn d = draw_source(source, draw);
    const Rig rig = settled(d, {}, mode, draw);
    errors.add("told", rig.shown()[Slot::f] - (part < 0.01 ? 0 : d.f_hz));
}

void strongest(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const Drawn d = draw_source(c.source, draw);
    const double part = draw(c.part);
    SupplySpec spec = d.supply;
    spec.magnitude[0] *= 1.2; // it is a first of all, wherever the clock stands
    Disturbance fall;
    fall.kind = DisturbanceKind::level;
    fall.start = SimTime{3s};
    fall.length = for_good;
    fall.factor = part / 1.2;
    fall.phases = {true, false, false};
    spec.disturbances = {fall};
    for (int n = 0; n < 5; ++n) { // one between two windows is none
        Disturbance jump = fall;
        jump.kind = DisturbanceKind::phase_jump;
        jump.start = SimTime{5s + n * 470ms};
        jump.angle_deg = 20;
        spec.disturbances.push_back(jump);
    }
    Rig rig = make_rig(spec, d, mode, draw);
    double most = 0;
    while (rig.lock.next().start < SimTime{8s}) {
        rig.step(d.i);
        if (rig.block.window.start > SimTime{4s})
            most = std::max(most, std::abs(rig.shown()[Slot::f] - d.f_hz));
    }
    const bool is_a = most > 0.05;
    errors.add("mistaken", is_a == (part > 0.5) ? 0 : 1);
}

void lost(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const Drawn d = draw_source(c.source, draw);
    SupplySpec spec = d.supply;
    Disturbance none;
    none.kind = DisturbanceKind::level;
    none.factor = 0;
    none.start = SimTime{3s};
    none.length = 2s;
    spec.disturbances = {none};
    Rig rig = make_rig(spec, d, mode, draw);
    const SimTime back = none.start + none.length;
    bool found = false;
    while (!found) {
        rig.step(d.i);
        const Window& w = rig.block.window;
        if (w.start >= none.start && w.end() <= back)
            errors.add("none", rig.shown()[Slot::f]);
        found = w.start >= back;
    }
    errors.add("found again", rig.shown()[Slot::f] - d.f_hz);
}

void gap(const Case& c, Draw draw, Mode mode, Errors& errors) {
    constexpr int gaps = 6;
    constexpr int windows_between = 3;
    const Drawn d = draw_source(c.source, draw);
    Rig rig = settled(d, {}, mode, draw);
    for (int n = 0; n < gaps; ++n) {
        const double angle_deg = draw.between(-180, 180);
        const auto length = SimDuration{std::llround(draw(c.gap_s) * 1e9)};
        rig.lock.start_at(rig.lock.next().start + length);
        for (int k = 0; k < windows_between; ++k) {
            rig.open();
            for (std::size_t p = 0; p < d.u.size(); ++p)
                rig.window.u[p] = turned(d.u[p], 1, angle_deg);
            rig.close(d.i);
            errors.add("after a gap", rig.shown()[Slot::f] - d.f_hz);
        }
    }
}

void together(const Case& c, Draw draw, Mode mode, Errors& errors) {
    constexpr int windows = 16;
    const Drawn d = draw_source(c.source, draw);
    Rig rig = settled(d, {}, mode, draw);
    const double angle_b = draw.between(0.5, 2);
    const double angle_c = -draw.between(0.5, 2);
    for (int n = 0; n < windows; ++n) {
        rig.open();
        const double level_a = n / 4 % 2 == 0 ? 1 : 0.3;
        rig.window.u = {turned(d.u[0], level_a, 0), turned(d.u[0], 0.9, angle_b),
                        turned(d.u[0], 0.8, angle_c)};
        rig.close(d.i);
        errors.add("of another", rig.shown()[Slot::f] - d.f_hz);
    }
}

} // namespace

Run window_frequency_kind(TomlTable& signal) {
    Case c;
    take(signal, c.source);
    c.what = signal.choice("what", {"walk", "weak", "strongest", "lost", "gap", "together"})
                 .value_or("walk");
    Parameter frequencies{50.0};
    take(signal, "walk", frequencies);
    c.walk = frequencies.value;
    c.hold = static_cast<int>(signal.integer("hold", 8, 1000).value_or(c.hold));
    take(signal, "part", c.part);
    take(signal, "gap", c.gap_s);
    return [c](Draw draw, Mode mode, Errors& errors) {
        if (c.what == "walk")
            walk(c, draw, mode, errors);
        else if (c.what == "weak")
            weak(c, draw, mode, errors);
        else if (c.what == "strongest")
            strongest(c, draw, mode, errors);
        else if (c.what == "together")
            together(c, draw, mode, errors);
        else if (c.what == "gap")
            gap(c, draw, mode, errors);
        else
            lost(c, draw, mode, errors);
    };
}

} // namespace kpmsim
