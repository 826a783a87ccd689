#include "verification/source.hpp"

#include <algorithm>
#include <utility>

namespace kpmsim {

namespace {

std::vector<std::array<double, 3>> triples(TomlTable& signal, const std::string& key) {
    std::vector<std::array<double, 3>> out;
    for (const std::vector<double>& row : number_lists(signal, key, 3))
        out.push_back({row[0], row[1], row[2]});
    return out;
}

} // namespace

void take(TomlTable& signal, Source& s) {
    s.un_v = signal.number("un").value_or(s.un_v);
    s.in_a = signal.number("in").value_or(s.in_a);
    take(signal, "u", s.u);
    take(signal, "f", s.f);
    take(signal, "i", s.i);
    take(signal, "angle", s.angle_deg);
    take(signal, "scatter", s.scatter);
    take(signal, "skew", s.skew_deg);
    take(signal, "phases_out", s.phases_out);
    s.levels = triples(signal, "levels");
    s.reversed = signal.boolean("reversed").value_or(s.reversed);
    s.one_phase = signal.boolean("one_phase").value_or(s.one_phase);
    s.u_shape = signal.choice("u_shape", shape_names()).value_or(s.u_shape);
    s.i_shape = signal.choice("i_shape", shape_names()).value_or(s.i_shape);
    take(signal, "order", s.order);
    take(signal, "fraction", s.fraction);
    take(signal, "tone_order", s.tone_order);
    take(signal, "tone_fraction", s.tone_fraction);
    s.u_room = signal.number("u_room").value_or(s.u_room);
    s.i_room = signal.number("i_room").value_or(s.i_room);
}

Wiring take_wiring(TomlTable& signal) {
    const auto name = signal.choice("wiring", {"p4l", "p3l3", "p3l2", "1p2w"}).value_or("p4l");
    return name == "p4l"    ? Wiring::p4l
           : name == "p3l3" ? Wiring::p3l3
           : name == "p3l2" ? Wiring::p3l2
                            : Wiring::one_phase;
}

Drawn draw_source(const Source& s, Draw& draw) {
    Drawn d{};
    d.un_v = s.un_v;
    d.in_a = s.in_a;
    d.u_v = s.un_v * draw(s.u);
    d.i_a = s.in_a * draw(s.i);
    d.f_hz = draw(s.f);
    d.full_u_v = s.un_v * s.u_room;
    d.full_i_a = s.in_a * s.i_room;
    const double lag = draw(s.angle_deg);
    const int out = static_cast<int>(draw(s.phases_out));
    const double start = draw.between(0, 360);
    const double order = draw(s.order);
    const double fraction = draw(s.fraction);
    const ShapeNumbers numbers{static_cast<int>(order), fraction};
    const Spectrum u_unit = shape_spectrum(s.u_shape, WaveOf::voltage, numbers, draw);
    const Spectrum i_unit = shape_spectrum(s.i_shape, WaveOf::current, numbers, draw);
    const double tone_order = draw(s.tone_order);
    const double tone = draw(s.tone_fraction);
    d.supply.u_v = d.u_v;
    d.supply.f_hz = d.f_hz;
    if (tone > 0)
        d.supply.interharmonics = {{tone_order * d.f_hz, tone, draw.between(0, 360)}};
    const auto level = [&](std::size_t p) {
        const auto n = static_cast<std::size_t>(draw.setup());
        return s.levels.empty() ? 1.0 : s.levels[n % s.levels.size()][p];
    };
    std::array<double, 3> step{0, -120, 120};
    if (s.reversed)
        std::swap(step[1], step[2]);
    for (std::size_t p = 0; p < 3; ++p) {
        const double angle = start + step[p] + draw(s.skew_deg);
        const double factor = level(p) * (1 + draw(s.scatter));
        const bool missing = static_cast<int>(p) < out;
        d.supply.magnitude[p] = missing ? 0 : factor;
        d.supply.angle_deg[p] = angle;
        d.u[p] = turned(u_unit, missing ? 0 : d.u_v * factor, angle);
        const bool idle = s.one_phase && p > 0;
        d.i[p] = turned(i_unit, idle ? 0 : d.i_a * (1 + draw(s.scatter)), angle - lag);
    }
    return d;
}

Rig settled(const Drawn& d, const WiringSpec& wiring, Mode mode, const Draw& draw) {
    Rig rig{d.supply, wiring, converter(wiring, d.f_hz, mode, d.full_u_v, d.full_i_a), told(wiring),
            draw};
    for (int n = 0; n <= settling_windows; ++n) {
        rig.open();
        d.into(rig.window);
        rig.close(d.i);
    }
    return rig;
}

} // namespace kpmsim
