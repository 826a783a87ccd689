// What a meter's inputs had to bear: a course of voltages and currents below, at and above what they bear for
// good, and when each was too much.
//
// On paper what is above gathers as (x^2 - l^2) / (m^2 - l^2) a time T, in a hundred steps a stretch, and goes
// again below; m for T from cold is just too much.
//
//   beyond     inputs told to have borne too much, less those on paper; one within a thousandth of it is not judged
//   moment     of the first of a stretch, in seconds
//   cold       1 where a stretch that can do nothing is said to move something, or the other way round
#include "models/engine/overload.hpp"
#include "verification/kind.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

namespace {

constexpr int stretches = 40;
constexpr int steps = 100;

struct PaperInput {
    double heat{0};
    bool beyond{false};

    /// Seconds into a stretch at which it was too much for the first time; nothing otherwise.
    std::optional<double> bear(double x, double lasting, double most, double for_s,
                               double length_s) {
        const double a_second =
            (x * x - lasting * lasting) / (most * most - lasting * lasting) / for_s;
        for (int n = 0; n < steps; ++n) {
            const double before = heat;
            heat = std::max(0.0, heat + a_second * length_s / steps);
            if (heat > 1 && !beyond) {
                beyond = true;
                return (n + (1 - before) / (heat - before)) * length_s / steps;
            }
        }
        heat = std::min(heat, 1.0);
        return std::nullopt;
    }
    bool judged() const { return std::abs(heat - 1) > 1e-3 || beyond; }
};

void run(Draw& draw, Errors& errors) {
    OverloadLimits limits;
    limits.lasting = draw.between(1.05, 1.5);
    limits.u_s = draw.between(1, 20);
    limits.i_s = draw.between(0.5, 5);
    const double u_v = draw.between(50, 400), i_a = draw.between(1, 100);
    const double widest_v = draw.between(0, 2.2) * u_v; // that it measures
    const Bearable can = bearable(limits, u_v, widest_v, i_a);
    const double lasting_v = std::max(limits.lasting * u_v, widest_v);
    const double most_v = std::max(limits.u * u_v, 1.01 * lasting_v);
    std::array<PaperInput, 6> paper;
    Overload shown;
    SimTime at{};
    for (int n = 0; n < stretches; ++n) {
        const double length_s = draw.between(0.2, 8);
        TerminalRms rms{};
        const bool quiet = draw.between(0, 1) < 0.3;
        for (std::size_t k = 0; k < rms.size(); ++k) {
            const double rated = k < 3 ? u_v : i_a;
            const double most = k < 3 ? limits.u : 0.4 * limits.i;
            rms[k] = rated * draw.between(0, quiet ? 1 : most);
        }
        bool moves = false;
        std::optional<double> first;
        for (std::size_t k = 0; k < rms.size(); ++k) {
            const bool is_u = k < 3;
            const double lasting = is_u ? lasting_v : limits.lasting * i_a;
            moves = moves || paper[k].heat > 0 || rms[k] > lasting;
            const auto of = paper[k].bear(rms[k], lasting, is_u ? most_v : limits.i * i_a,
                                          is_u ? limits.u_s : limits.i_s, length_s);
            if (of && (!first || *of < *first))
                first = of;
        }
        errors.add("cold", shown.moves(rms, can) == moves ? 0 : 1);
        Window window;
        window.start = at;
        window.length = SimDuration{std::llround(1e9 * length_s)};
        const std::optional<SimTime> told = shown.bear(window, rms, can);
        if (std::all_of(paper.begin(), paper.end(), [](const auto& of) { return of.judged(); })) {
            errors.add("moment", told.has_value() == first.has_value() ? 0 : std::nan(""));
            if (told && first)
                errors.add("moment", seconds(*told - at) - *first);
            for (std::size_t k = 0; k < paper.size(); ++k)
                errors.add("beyond", (shown.beyond >> k & 1) - (paper[k].beyond ? 1 : 0));
        }
        at += window.length;
    }
}

} // namespace

Run overload_kind(TomlTable&) {
    return [](Draw draw, Mode, Errors& errors) { run(draw, errors); };
}

} // namespace kpmsim
