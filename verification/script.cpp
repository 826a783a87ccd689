#include "verification/script.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace kpmsim {

namespace {

using namespace std::chrono_literals;

/// Nothing is drawn nearer to the start current than this: there noise decides.
constexpr double start_margin = 0.02;

/// Some minutes before a month ends, or anywhere in it.
CivilTime some_start(Draw& draw) {
    using namespace std::chrono;
    const year_month month = year{2026} / (1 + static_cast<int>(draw.between(0, 12)));
    const CivilTime end{local_days{(month + months{1}) / 1}};
    const std::chrono::seconds before{
        static_cast<int>(draw.between(60, draw.setup() % 2 == 0 ? 600 : 2e6))};
    return end - before;
}

} // namespace

void take(TomlTable& signal, ScriptSpec& s) {
    take(signal, s.source);
    s.windows = static_cast<int>(signal.integer("windows", 1, 10'000).value_or(s.windows));
    s.circuits = static_cast<int>(signal.integer("circuits", 1, max_circuits).value_or(s.circuits));
    take(signal, "u_level", s.u_level);
    take(signal, "i_level", s.i_level);
    take(signal, "i_angle", s.i_angle_deg);
    s.dead = signal.number("dead").value_or(s.dead);
    take(signal, "dead_level", s.dead_level);
    s.start = signal.number("start").value_or(s.start);
    s.start_apart = signal.number("start_apart").value_or(s.start_apart);
    s.dead_circuit = signal.number("dead_circuit").value_or(s.dead_circuit);
    s.leap = signal.number("leap").value_or(s.leap);
    take(signal, "leap_days", s.leap_days);
    s.back = signal.number("back").value_or(s.back);
    take(signal, "back_seconds", s.back_s);
    s.forth = signal.number("forth").value_or(s.forth);
    take(signal, "forth_seconds", s.forth_s);
    s.calendar = signal.boolean("calendar").value_or(s.calendar);
    take(signal, "seconds", s.seconds);
}

Script::Script(const ScriptSpec& spec, Draw& draw)
    : spec_{spec}, drawn_{draw_source(spec.source, draw)}, clock_{some_start(draw)} {
    tariffs_ = spec.calendar ? some_calendar(clock_, draw) : some_day(clock_, draw);
    for (double& level : left_of_u_)
        level = left_of_dead(draw) * drawn_.full_u_v / drawn_.u_v;
}

double Script::left_of_dead(Draw& draw) const {
    constexpr double meters_limit = 1e-5;
    const double level = draw(spec_.dead_level);
    return std::abs(level / meters_limit - 1) < 0.05 ? 0 : level;
}

double Script::current_level(Draw& draw, int circuit, bool all_below) const {
    const double level = draw(spec_.i_level);
    const double below = draw.between(0.3, 1 - start_margin);
    const bool is_below = draw.between(0, 3) < 1 || all_below;
    const double left = left_of_dead(draw) * drawn_.full_i_a / drawn_.in_a;
    if (draw.between(0, 1) < spec_.dead)
        return left;
    const double start_level = start(circuit);
    if (start_level == 0)
        return level;
    return is_below ? below * start_level : std::max(level, (1 + start_margin) * start_level);
}

std::int64_t Script::set_clock(Draw& draw) {
    std::int64_t by = 0;
    if (spec_.back > 0 && draw.between(0, 1) < spec_.back)
        by = -static_cast<std::int64_t>(draw(spec_.back_s));
    else if (spec_.forth > 0 && draw.between(0, 1) < spec_.forth)
        by = static_cast<std::int64_t>(draw(spec_.forth_s));
    clock_ += std::chrono::seconds{by};
    if (spec_.calendar && draw.between(0, 2) < 1)
        clock_ = some_change(tariffs_, clock_, draw);
    return by;
}

ScriptWindow Script::next(Draw& draw, bool within_minute) {
    ScriptWindow w;
    const double level = draw(spec_.u_level);
    for (std::size_t p = 0; p < 3; ++p) {
        const bool out = draw.between(0, 1) < spec_.dead;
        w.u[p] = turned(drawn_.u[p], out ? left_of_u_[p] : level, 0);
    }
    for (int circuit = 0; circuit < spec_.circuits; ++circuit) {
        PhaseSpectra& i = w.i.emplace_back();
        const bool all_below = draw.between(0, 1) < spec_.dead_circuit;
        for (std::size_t p = 0; p < 3; ++p) {
            const double angle = draw(spec_.i_angle_deg);
            i[p] = turned(drawn_.i[p], current_level(draw, circuit, all_below), -angle);
        }
    }
    w.began = clock_;
    auto by = static_cast<std::int64_t>(draw(spec_.seconds));
    const CivilTime next_minute = std::chrono::floor<std::chrono::minutes>(clock_) + 1min;
    if (within_minute)
        by = std::min<std::int64_t>(by, (next_minute - clock_).count() - 1);
    clock_ += std::chrono::seconds{by};
    if (draw.between(0, 1) < spec_.leap)
        clock_ += std::chrono::days{static_cast<int>(draw(spec_.leap_days))};
    if (!within_minute)
        w.set_s = set_clock(draw);
    w.ended = clock_;
    w.tariff = paper_tariff(tariffs_, w.ended);
    return w;
}

} // namespace kpmsim
