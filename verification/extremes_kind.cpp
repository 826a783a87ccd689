// A voltage that rises from window to window, with one window out of line: above all others in even
// set-ups, below them in odd ones. Moments are window numbers, a second each.
//
//   index   of the greatest and of the least reading, less where they were put, windows; both come
//           again later, and it is the first time that counts
//   value   against the truth of that window, of Un
#include "sim/extremes.hpp"
#include "verification/source.hpp"

#include <algorithm>
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
