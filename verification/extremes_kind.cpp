// A voltage that rises from window to window, with one window out of line: above all others in even
// set-ups, below them in odd ones. Moments are window numbers, a second each.
//
//   index   of the greatest and of the least reading, less where they were put, windows; both come
//           again later, and it is the first time that counts
//   held    readings that differ by parts of a code from the first ones, and then by more: moments of
//           all that have a code of their own, and whether the meter says beforehand that there will
//           be another; 1 for each that is another one than on paper
//   value   against the truth of that window, of Un
#include "sim/extremes.hpp"
#include "verification/source.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

namespace kpmsim {

namespace {

struct Case {
    Source source;
    Parameter rise{0.1};   ///< over the whole time, of Un
    Parameter spike{0.25}; ///< of Un
    int windows{50};
};

PhaseSpectra times(const PhaseSpectra& u, double factor) {
    PhaseSpectra out = u;
    for (Spectrum& phase : out)
        for (std::complex<double>& x : phase.rms)
            x *= factor;
    return out;
}

/// What one code is worth, on paper; nothing where a reading has none.
std::optional<double> code_of(const QuantityInfo& of, const Drawn& d) {
    const double u = std::ldexp(d.full_u_v * std::numbers::sqrt2, -23);
    const double i = std::ldexp(d.full_i_a * std::numbers::sqrt2, -23);
    const bool is_line = of.name == "u_ab" || of.name == "u_bc" || of.name == "u_ca";
    if (of.unit == "V")
        return is_line ? 2 * u : u;
    if (of.name == "i_residual")
        return 1e-6;
    if (of.unit == "A")
        return i;
    if (of.unit == "Hz" || of.unit == "deg")
        return 1e-3;
    if (of.unit == "%")
        return 1e-2;
    if (of.name.substr(0, 2) == "pf")
        return 1e-4;
    const double phase = u * d.full_i_a * std::numbers::sqrt2;
    if (of.unit == "W" || of.unit == "var" || of.unit == "VA")
        return of.name.size() == 1 ? 3 * phase : phase;
    return {};
}

/// The first readings, and others that are up to twice a code beside them, each slot alone.
void hold(const Drawn& d, const Rig& rig, Draw& draw, Errors& errors) {
    constexpr int pushes = 12;
    const Resolution resolution = rig.metering.resolution(0);
    const CivilTime start{std::chrono::seconds{1'768'000'000}};
    for (std::size_t n = 0; n < reading_slots; ++n) {
        const QuantityInfo& of = catalogue()[n];
        const std::optional<double> code = code_of(of, d);
        if (!code || std::isnan(rig.shown().value[n]))
            continue;
        Extremes extremes;
        Readings readings = rig.shown();
        const double first = readings.value[n];
        double top = first;
        double bottom = first;
        int top_at = 0;
        int bottom_at = 0;
        extremes.push(readings, start, resolution);
        for (int k = 1; k < pushes; ++k) {
            const double value = first + 2 * *code * draw.between(-1, 1);
            readings.value[n] = k == pushes / 2 ? std::nan("") : value;
            const bool up = k != pushes / 2 && value > top + *code;
            const bool down = k != pushes / 2 && value < bottom - *code;
            if (up)
                top = value, top_at = k;
            if (down)
                bottom = value, bottom_at = k;
            errors.add("held", extremes.exceeded_by(readings, resolution) == (up || down) ? 0 : 1);
            extremes.push(readings, start + std::chrono::seconds{k}, resolution);
            const auto slot = static_cast<Slot>(n);
            const auto same = [&](const Extreme& shown, double right, int at) {
                return shown.value == right && shown.at == start + std::chrono::seconds{at};
            };
            errors.add("held", same(extremes.max(slot), top, top_at) ? 0 : 1);
            errors.add("held", same(extremes.min(slot), bottom, bottom_at) ? 0 : 1);
        }
    }
}

/// One value alone, among others that come again.
void hold_one(Draw& draw, Errors& errors) {
    constexpr int pushes = 12;
    const CivilTime start{std::chrono::seconds{1'768'000'000}};
    std::vector<double> values;
    ValueExtremes extremes;
    for (int k = 0; k < pushes; ++k) {
        values.push_back(std::round(draw.between(-4, 4)));
        extremes.push(values.back(), start + std::chrono::seconds{k});
        const auto same = [&](const Extreme& shown, auto at) {
            return shown.value == *at &&
                   shown.at == start + std::chrono::seconds{at - values.begin()};
        };
        errors.add("held",
                   same(extremes.max, std::max_element(values.begin(), values.end())) ? 0 : 1);
        errors.add("held",
                   same(extremes.min, std::min_element(values.begin(), values.end())) ? 0 : 1);
    }
}

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const Drawn d = draw_source(c.source, draw);
    const double rise = draw(c.rise);
    const double spike = draw(c.spike) * (draw.setup() % 2 == 0 ? 1 : -1);
    const int spiked = static_cast<int>(draw.between(1, c.windows - 1));
    Rig rig = settled(d, {}, mode, draw);
    const CivilTime start{std::chrono::seconds{1'768'000'000}};
    Extremes extremes;
    std::vector<Readings> right, shown;
    for (int n = 0; n < c.windows; ++n) {
        rig.open();
        rig.window.u = times(d.u, 1 + rise * n / c.windows + (n == spiked ? spike : 0));
        rig.close(d.i);
        extremes.push(rig.shown(), start + std::chrono::seconds{n});
        right.push_back(rig.right());
        shown.push_back(rig.shown());
    }
    hold(d, rig, draw, errors);
    hold_one(draw, errors);
    const int top = spike > 0 ? spiked : c.windows - 1;
    const int bottom = spike > 0 ? 0 : spiked;
    for (const int again : {top, bottom})
        extremes.push(shown[static_cast<std::size_t>(again)],
                      start + std::chrono::seconds{c.windows});
    for (int phase = 0; phase < 3; ++phase) {
        const Slot slot = slot_at(Slot::u_a, phase);
        for (const auto& [extreme, window] :
             {std::pair{extremes.max(slot), top}, std::pair{extremes.min(slot), bottom}}) {
            errors.add("index", static_cast<double>((extreme.at - start).count() - window));
            errors.add("value",
                       (extreme.value - right[static_cast<std::size_t>(window)][slot]) / d.un_v);
        }
    }
}

} // namespace

Run extremes_kind(TomlTable& signal) {
    Case c;
    take(signal, c.source);
    take(signal, "rise", c.rise);
    take(signal, "spike", c.spike);
    c.windows = static_cast<int>(signal.integer("windows", 3, 10'000).value_or(c.windows));
    return [c](Draw draw, Mode mode, Errors& errors) { run(c, draw, mode, errors); };
}

} // namespace kpmsim
