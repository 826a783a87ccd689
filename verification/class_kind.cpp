// Units of an accuracy class, drawn as farms draw them, at every point of the standard's tables.
//
// The tables stand in the case: `points` are lines of from, to (multiples of In or Ib; 0 = Imax),
// cos phi (negative = capacitive), 1 for one-phase loads, limit in %; `reactive_points` the same with
// sin phi and no load; `difference` is how far one-phase and balanced loads may be apart at the
// reference current, `per_kelvin` what P may move at PF 1, both in %. Each line is metered at its
// ends and at the points of a transformer's curve in it.
//
//   of the limit   the greatest |error| over its limit; units use no more than 0.8
//   clock, per kelvin   the same of the crystal's error, as f shows it, and of P at PF 1, 10 K apart
//   unused         what the worst error leaves of its limit: a unit is no ideal meter
//   drawn          what parts of drawn units leave of the ranges that they are drawn from, or overstep
//   scaled         parts of a unit that is scaled, over so many times its own, less 1
//   told           the use that class_use() works out from the errors, over the one metered, less 1;
//                  also of units that are out of their class
//   told on paper  … over that of phasors that are wrong by such errors, less 1, of five hundred units
#include "sim/accuracy.hpp"
#include "verification/drawn_units.hpp"
#include "verification/paper_class.hpp"
#include "verification/source.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kpmsim {

namespace {

struct Case : PaperClass {
    Source source;
    WiringSpec wiring;
    double per_kelvin{0}; ///< %
};

/// Meters single windows of one unit.
class Bench {
public:
    Bench(const Case& c, const Drawn& d, const MeterErrors& errors, double ambient_c, Mode mode,
          const Draw& draw)
        : d_{d}, phases_{metered_phases(c.wiring.mode)}, rig_{d.supply,
                                                              c.wiring,
                                                              config(c, d, errors, ambient_c, mode),
                                                              {},
                                                              draw} {
        for (int n = 0; n < settling_windows; ++n)
            rig_.step(d.i);
    }

    /// Currents of a level (of the rated one) and a lag in radians; `phase` -1 = all.
    const Readings& at(double level, double lag, int phase) {
        PhaseSpectra i = d_.i;
        for (int p = 0; p < 3; ++p)
            i[static_cast<std::size_t>(p)] =
                turned(d_.i[static_cast<std::size_t>(p)], phase < 0 || p == phase ? level : 0,
                       -lag * 180 / std::numbers::pi);
        rig_.step(i);
        return rig_.shown();
    }
    double right_power(double level, int phase) const {
        return (phase < 0 ? phases_ : 1) * d_.u_v * d_.in_a * level;
    }

private:
    static MeteringConfig config(const Case& c, const Drawn& d, const MeterErrors& errors,
                                 double ambient_c, Mode mode) {
        MeteringConfig config =
            converter(c.wiring, d.f_hz, Mode::clean, d.full_u_v, 1.5 * c.limits.most * d.in_a);
        config.rated_a[0] = d.in_a;
        add_errors(errors, ambient_c, config);
        if (mode == Mode::clean)
            for (AdcChannel& adc : config.adc)
                adc.noise_rms = 0;
        return config;
    }

    const Drawn& d_;
    int phases_;
    Rig rig_;
};

double p_error(Bench& bench, double level, double lag, int phase) {
    return bench.at(level, lag, phase)[Slot::p] /
               (bench.right_power(level, phase) * std::cos(lag)) -
           1;
}

/// The greatest |error| over its limit.
double metered_use(const Case& c, const Drawn& d, Bench& bench) {
    const int phases = metered_phases(c.wiring.mode);
    double use = 0;
    const auto meet = [&](double error, double limit) {
        use = std::max(use, std::abs(error) / limit);
    };
    for (const std::vector<double>& line : c.points) {
        const double lag = std::copysign(std::acos(std::abs(line[2])), line[2]);
        for (const double level : c.levels(line[0], line[1]))
            if (line[3] == 0)
                meet(p_error(bench, level, lag, -1), line[4] / 100);
            else
                for (int phase = 0; phase < phases; ++phase)
                    meet(p_error(bench, level, lag, phase), line[4] / 100);
    }
    for (const std::vector<double>& line : c.reactive_points)
        for (const double side : {1.0, -1.0}) {
            const double lag = side * std::asin(line[2]);
            for (const double level : c.levels(line[0], line[1]))
                meet(bench.at(level, lag, -1)[Slot::q] /
                             (bench.right_power(level, -1) * std::sin(lag)) -
                         1,
                     line[3] / 100);
        }
    for (int phase = 0; phase < phases; ++phase) {
        meet(p_error(bench, c.limits.reference, 0, phase) -
                 p_error(bench, c.limits.reference, 0, -1),
             c.difference / 100);
        for (const double level : c.levels(0.05, 0)) {
            const Readings& shown = bench.at(level, 0, -1);
            meet(shown[slot_at(Slot::u_a, phase)] / d.u_v - 1, c.limits.u);
            meet(shown[slot_at(Slot::i_a, phase)] / (level * d.in_a) - 1, c.limits.i);
        }
    }
    return use;
}

/// Errors as no factory would leave them: each kind of them rules in some of these, so that each line
/// of a table is the worst one somewhere.
MeterErrors some_errors(int phases, Draw& draw) {
    MeterErrors e;
    const auto size = [&] { return std::pow(10, draw.between(-5, -2)); };
    const double gain = size(), phase = size(), ratio = size(), lag = size();
    const auto one = static_cast<std::size_t>(draw.between(0, 6)); // above 2: all alike
    const auto voltages = static_cast<std::size_t>(phases);
    for (std::size_t c = 0; c < 2 * voltages; ++c) {
        const double factor = one < voltages && c % voltages != one ? 0.1 : 1;
        ChannelErrors& of = e.channel[c];
        of.gain = factor * gain * draw.between(-1, 1);
        of.phase_rad = factor * phase * draw.between(-1, 1);
        for (std::size_t n = 0; c >= voltages && n < paper_curve.size(); ++n) {
            of.level.ct_ratio[n] = factor * ratio * draw.between(-1, 1);
            of.level.ct_phase_rad[n] = factor * lag * draw.between(-1, 1);
        }
    }
    return e;
}

/// One gain and one lag, in any proportion: of all phases or one, at all levels or one.
MeterErrors simple_errors(int phases, Draw& draw) {
    MeterErrors e;
    const double size = std::pow(10, draw.between(-5, -2));
    const double direction = draw.between(-std::numbers::pi, std::numbers::pi);
    const double gain = size * std::cos(direction);
    const double lag = size * std::sin(direction);
    const int one = static_cast<int>(draw.between(0, 6)); // above 2: all alike
    const auto level = static_cast<std::size_t>(draw.between(0, 8));
    for (int phase = 0; phase < phases; ++phase) {
        if (one < phases && phase != one)
            continue;
        ChannelErrors& i = e.channel[static_cast<std::size_t>(phases + phase)];
        if (level < paper_curve.size()) {
            i.level.ct_ratio[level] = gain;
            i.level.ct_phase_rad[level] = lag;
        } else {
            i.gain = gain;
            i.phase_rad = lag;
        }
    }
    return e;
}

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const Drawn d = draw_source(c.source, draw);
    const ChannelList channels = c.wiring.channels(1);
    const MeterErrors unit = draw_errors({&c.limits, 1}, channels, draw.stream("unit"));
    Bench bench{c, d, unit, reference_c, mode, draw};
    const double use = metered_use(c, d, bench);
    errors.add("of the limit", use);
    errors.add("unused", 1 - use);
    errors.add("scaled", off_the_scale(unit, draw.between(0.1, 5)));
    errors.add("told", class_use(unit, channels, 0, c.limits) / use - 1);
    const double f = bench.at(c.limits.reference, 0, -1)[Slot::f];
    errors.add("clock", (f / d.f_hz - 1) / c.limits.clock);
    Bench warm{c, d, unit, reference_c + 10, mode, draw};
    const double drift =
        p_error(warm, c.limits.reference, 0, -1) - p_error(bench, c.limits.reference, 0, -1);
    errors.add("per kelvin", drift / 10 / (c.per_kelvin / 100));
    if (draw.setup() == 0)
        errors.add("drawn",
                   off_the_table(c.limits, c.wiring.channels(2), c.per_kelvin / 100, draw));
    for (int n = 0; n < 500; ++n) {
        const MeterErrors bad =
            n % 5 == 0 ? some_errors(channels.phases, draw) : simple_errors(channels.phases, draw);
        const double paper = paper_use(c, bad, channels.phases);
        if (paper > 1e-6) // else none of its levels is looked at
            errors.add("told on paper", class_use(bad, channels, 0, c.limits) / paper - 1);
    }
    for (int n = 0; n < 8 && mode == Mode::clean; ++n) {
        const MeterErrors bad = some_errors(channels.phases, draw);
        Bench of_bad{c, d, bad, reference_c, mode, draw};
        errors.add("told", class_use(bad, channels, 0, c.limits) / metered_use(c, d, of_bad) - 1);
    }
}

} // namespace

Run class_kind(TomlTable& signal) {
    Case c;
    take(signal, c.source);
    c.wiring.mode = take_wiring(signal);
    const auto name = [&](const char* key, const std::vector<std::string>& known) {
        return signal.choice(key, known).value_or(known.front());
    };
    c.limits.active = *active_class(name("active", {"0.2S", "0.5S", "1", "2"}));
    c.limits.reactive = *reactive_class(name("reactive", {"2", "3"}));
    c.limits.ct = *ct_class(name("transformer", {"0.2S", "0.5S"}));
    c.limits.direct = signal.boolean("direct").value_or(false);
    c.limits.u = signal.number("u_percent").value_or(0.2) / 100;
    c.limits.i = signal.number("i_percent").value_or(0.2) / 100;
    c.limits.reference = signal.number("reference").value_or(1);
    c.limits.most = signal.number("most").value_or(1.2);
    c.limits.clock = signal.number("clock_s_per_day").value_or(0.5) / 86'400;
    c.points = number_lists(signal, "points", 5);
    c.reactive_points = number_lists(signal, "reactive_points", 4);
    c.difference = signal.number("difference").value_or(1);
    c.per_kelvin = signal.number("per_kelvin").value_or(1);
    return [c](Draw draw, Mode mode, Errors& errors) { run(c, draw, mode, errors); };
}

} // namespace kpmsim
