// The factory: draw a unit, test it against its class, and draw again when it fails.
//
// A channel with gain g and lag phi reads x (1 + g) e^(-j phi); a phase's measured P and Q are the
// real and imaginary part of U conj(I) so changed, and what a class limits is
//   e = sum P_measured / sum P - 1.
// For small errors e = g_u + g_i + (phi_u - phi_i) tan theta (theta > 0: the current lags), so a
// lag of the current makes an inductive load read less, by 1.73 times itself at PF 0.5.
#include "sim/accuracy.hpp"

#include "sim/guard.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

namespace kpmsim {

namespace {

using Complex = std::complex<double>;

constexpr double imax = std::numeric_limits<double>::infinity();
constexpr double percent = 0.01;
constexpr double none = 0; ///< the class has no such row

enum class Load : std::uint8_t { balanced, one_phase };

/// A row of a table of limits; multiples of In or Ib, the end not included, but Imax is.
struct Row {
    double from, to;
    double factor; ///< cos phi, or sin phi for reactive energy; negative = capacitive
    Load load;
    std::array<double, 2> limit; ///< %, of the table's two classes
};

// IEC 62053-22, tables of limits: 0.2S, 0.5S.
constexpr std::array s_rows{
    Row{0.01, 0.05, 1, Load::balanced, {0.4, 1.0}},
    Row{0.05, imax, 1, Load::balanced, {0.2, 0.5}},
    Row{0.02, 0.1, 0.5, Load::balanced, {0.5, 1.0}},
    Row{0.02, 0.1, -0.8, Load::balanced, {0.5, 1.0}},
    Row{0.1, imax, 0.5, Load::balanced, {0.3, 0.6}},
    Row{0.1, imax, -0.8, Load::balanced, {0.3, 0.6}},
    Row{0.1, imax, 0.25, Load::balanced, {0.5, 1.0}},
    Row{0.1, imax, -0.5, Load::balanced, {0.5, 1.0}},
    Row{0.05, imax, 1, Load::one_phase, {0.3, 0.6}},
    Row{0.1, imax, 0.5, Load::one_phase, {0.4, 1.0}},
};
constexpr std::array s_difference{0.4, 1.0};

// IEC 62053-21: 1, 2; multiples of Ib (direct) …
constexpr std::array direct_rows{
    Row{0.05, 0.1, 1, Load::balanced, {1.5, 2.5}},
    Row{0.1, imax, 1, Load::balanced, {1.0, 2.0}},
    Row{0.1, 0.2, 0.5, Load::balanced, {1.5, 2.5}},
    Row{0.1, 0.2, -0.8, Load::balanced, {1.5, none}},
    Row{0.2, imax, 0.5, Load::balanced, {1.0, 2.0}},
    Row{0.2, imax, -0.8, Load::balanced, {1.0, none}},
    Row{0.2, imax, 0.25, Load::balanced, {3.5, none}},
    Row{0.2, imax, -0.5, Load::balanced, {2.5, none}},
    Row{0.1, imax, 1, Load::one_phase, {2.0, 3.0}},
    Row{0.2, imax, 0.5, Load::one_phase, {2.0, 3.0}},
};
// … and of In.
constexpr std::array ct_rows{
    Row{0.02, 0.05, 1, Load::balanced, {1.5, 2.5}},
    Row{0.05, imax, 1, Load::balanced, {1.0, 2.0}},
    Row{0.05, 0.1, 0.5, Load::balanced, {1.5, 2.5}},
    Row{0.05, 0.1, -0.8, Load::balanced, {1.5, none}},
    Row{0.1, imax, 0.5, Load::balanced, {1.0, 2.0}},
    Row{0.1, imax, -0.8, Load::balanced, {1.0, none}},
    Row{0.1, imax, 0.25, Load::balanced, {3.5, none}},
    Row{0.1, imax, -0.5, Load::balanced, {2.5, none}},
    Row{0.05, imax, 1, Load::one_phase, {2.0, 3.0}},
    Row{0.1, imax, 0.5, Load::one_phase, {2.0, 3.0}},
};
constexpr std::array difference{1.5, 2.5};

// IEC 62053-23: 2, 3; each row inductive and capacitive.
constexpr std::array reactive_direct_rows{
    Row{0.05, 0.1, 1, Load::balanced, {2.5, 4.0}},
    Row{0.1, imax, 1, Load::balanced, {2.0, 3.0}},
    Row{0.1, 0.2, 0.5, Load::balanced, {2.5, 4.0}},
    Row{0.2, imax, 0.5, Load::balanced, {2.0, 3.0}},
    Row{0.2, imax, 0.25, Load::balanced, {2.5, 4.0}},
};
constexpr std::array reactive_ct_rows{
    Row{0.02, 0.05, 1, Load::balanced, {2.5, 4.0}},
    Row{0.05, imax, 1, Load::balanced, {2.0, 3.0}},
    Row{0.05, 0.1, 0.5, Load::balanced, {2.5, 4.0}},
    Row{0.1, imax, 0.5, Load::balanced, {2.0, 3.0}},
    Row{0.1, imax, 0.25, Load::balanced, {2.5, 4.0}},
};

/// Limit of the temperature coefficient at PF 1, per K (IEC 62053-21, -22), by ActiveClass.
constexpr std::array<double, 4> per_kelvin{0.0001, 0.0003, 0.0005, 0.0010};

/// IEC 61869-2 at ct_levels: ratio (fraction) and phase (rad) of a class.
struct CtLimits {
    std::array<double, ct_levels.size()> ratio, phase_rad;
};
constexpr double arc_minute = std::numbers::pi / 10800;
constexpr std::array<CtLimits, 2> ct_limits{{
    {{0.0075, 0.0035, 0.002, 0.002, 0.002},
     {30 * arc_minute, 15 * arc_minute, 10 * arc_minute, 10 * arc_minute, 10 * arc_minute}},
    {{0.015, 0.0075, 0.005, 0.005, 0.005},
     {90 * arc_minute, 45 * arc_minute, 30 * arc_minute, 30 * arc_minute, 30 * arc_minute}},
}};
constexpr std::size_t rated_level = 3; ///< of ct_levels: where a meter is adjusted

std::size_t place(ActiveClass c) { return static_cast<std::size_t>(c); }
bool is_s(ActiveClass c) { return c == ActiveClass::s02 || c == ActiveClass::s05; }

std::span<const Row> active_rows(const AccuracyClass& c) {
    if (is_s(c.active))
        return s_rows;
    return c.direct ? std::span<const Row>{direct_rows} : std::span<const Row>{ct_rows};
}

/// What a circuit makes of U conj(I) in one phase: 1 is no error.
Complex power_factor_of_errors(const ChannelErrors& u, const ChannelErrors& i, double level) {
    const LevelError at = i.level.at(level);
    const double gain = (1 + u.gain) * (1 + i.gain) * (1 + at.gain);
    return std::polar(gain, i.phase_rad + at.phase_rad - u.phase_rad);
}

/// The greatest |error| / limit met.
class Worst {
public:
    void meet(double error, double limit) { use_ = std::max(use_, std::abs(error) / limit); }
    double use() const { return use_; }

private:
    double use_{0};
};

/// Calls `visit` with the levels (of rated current) at which a range is tested.
template <class Visit>
void each_level(double from, double to, const AccuracyClass& c, Visit&& visit) {
    const double first = from * c.reference;
    const double last = std::isinf(to) ? c.most : to * c.reference * (1 - 1e-12);
    visit(first);
    visit(last);
    for (const double level : ct_levels)
        if (level > first && level < last)
            visit(level);
}

class LoopTest {
public:
    LoopTest(const MeterErrors& errors, const ChannelList& channels, int circuit,
             const AccuracyClass& limits)
        : errors_{errors}, phases_{static_cast<std::size_t>(channels.phases)},
          first_{static_cast<std::size_t>(channels.current(circuit, 0))}, c_{limits} {}

    double use() {
        rms();
        for (const Row& row : active_rows(c_))
            active(row, row.limit[place(c_.active) % 2] * percent);
        apart((is_s(c_.active) ? s_difference : difference)[place(c_.active) % 2] * percent);
        for (const Row& row : c_.direct ? reactive_direct_rows : reactive_ct_rows)
            for (const double side : {1.0, -1.0})
                reactive(row, side, row.limit[static_cast<std::size_t>(c_.reactive)] * percent);
        return worst_.use();
    }

private:
    const ChannelErrors& u(std::size_t phase) const { return errors_.channel[phase]; }
    const ChannelErrors& i(std::size_t phase) const { return errors_.channel[first_ + phase]; }
    Complex at(std::size_t phase, double level) const {
        return power_factor_of_errors(u(phase), i(phase), level);
    }
    Complex mean(double level) const {
        Complex sum = at(0, level);
        for (std::size_t phase = 1; phase < phases_; ++phase)
            sum += at(phase, level);
        return sum / static_cast<double>(phases_);
    }

    void rms() {
        for (std::size_t phase = 0; phase < phases_; ++phase) {
            worst_.meet(u(phase).gain, c_.u);
            each_level(0.05, imax, c_, [&](double level) {
                worst_.meet((1 + i(phase).gain) * (1 + i(phase).level.at(level).gain) - 1, c_.i);
            });
        }
    }

    /// Error of P at U conj(I) = e^(j theta).
    static double p_error(const Complex& changed, double cosine, double sine) {
        return std::real(changed * Complex{cosine, sine}) / cosine - 1;
    }

    void active(const Row& row, double limit) {
        if (limit == none || (row.load == Load::one_phase && phases_ == 1))
            return;
        const double cosine = std::abs(row.factor);
        const double sine = std::copysign(std::sqrt(1 - cosine * cosine), row.factor);
        each_level(row.from, row.to, c_, [&](double level) {
            if (row.load == Load::balanced)
                worst_.meet(p_error(mean(level), cosine, sine), limit);
            else
                for (std::size_t phase = 0; phase < phases_; ++phase)
                    worst_.meet(p_error(at(phase, level), cosine, sine), limit);
        });
    }

    /// Balanced and one-phase load at the reference current must not differ by more.
    void apart(double limit) {
        const double balanced = p_error(mean(c_.reference), 1, 0);
        for (std::size_t phase = 0; phase < phases_; ++phase)
            worst_.meet(p_error(at(phase, c_.reference), 1, 0) - balanced, limit);
    }

    void reactive(const Row& row, double side, double limit) {
        const double sine = side * row.factor;
        const double cosine = std::sqrt(1 - sine * sine);
        each_level(row.from, row.to, c_, [&](double level) {
            worst_.meet(std::imag(mean(level) * Complex{cosine, sine}) / sine - 1, limit);
        });
    }

    const MeterErrors& errors_;
    std::size_t phases_;
    std::size_t first_;
    const AccuracyClass& c_;
    Worst worst_;
};

/// Numbers of one part of a unit in one attempt, one after the other, even in [low, high).
class Draws {
public:
    Draws(const Random& stream, std::uint64_t part, std::uint64_t attempt)
        : stream_{stream}, next_{part << 32 | attempt << 12} {}
    double even(double low, double high) { return low + (high - low) * stream_.uniform(next_++); }
    /// Within ±most.
    double within(double most) { return even(-most, most); }

private:
    const Random& stream_;
    std::uint64_t next_;
};

/// White noise of a converter 101 dB below a full-scale sine (ADE9000 data sheet).
constexpr double usual_noise = 6.3e-6;

/// Lag that makes a load of PF 0.5 read wrong by its whole limit (rows from 0.1 In, 0.2 Ib).
double phase_scale(const AccuracyClass& c) {
    constexpr std::array limit_at_half{0.003, 0.006, 0.010, 0.020};
    return limit_at_half[place(c.active)] / std::numbers::sqrt3;
}

ChannelErrors converter(Draws& draw, const AccuracyClass& c, double limit) {
    // Voltage and current share what the power may be wrong by.
    constexpr std::array limit_at_one{0.002, 0.005, 0.010, 0.020};
    ChannelErrors e;
    e.gain = draw.within(factory_margin * std::min(limit, limit_at_one[place(c.active)] / 2));
    e.offset = draw.within(1e-3);
    e.noise_rms = usual_noise * draw.even(0.8, 1.25);
    e.gain_per_k = draw.within(factory_margin / 2 * per_kelvin[place(c.active)]);
    return e;
}

/// A transformer as its core makes it: too little, and early, the more so the less current there is
/// to magnetise it. The meter is adjusted with it at the rated current, so only the difference to
/// that stays.
LevelErrors transformer(Draws& draw, const AccuracyClass& c) {
    const CtLimits& limit = ct_limits[static_cast<std::size_t>(c.ct)];
    const double ratio = draw.even(0.1, 0.4);
    const double phase = draw.even(0.1, 0.4);
    LevelErrors e;
    for (std::size_t n = 0; n < ct_levels.size(); ++n) {
        e.ct_ratio[n] = -limit.ratio[n] * (ratio + draw.within(0.05));
        e.ct_phase_rad[n] = -limit.phase_rad[n] * (phase + draw.within(0.05));
    }
    const LevelErrors before = e;
    for (std::size_t n = 0; n < ct_levels.size(); ++n) {
        e.ct_ratio[n] -= before.ct_ratio[rated_level];
        e.ct_phase_rad[n] -= before.ct_phase_rad[rated_level];
    }
    return e;
}

/// Makes what is adjusted or chosen in a channel smaller.
void improve(ChannelErrors& e, double factor) {
    e.gain *= factor;
    e.phase_rad *= factor;
    e.level.compression *= factor;
    for (std::size_t n = 0; n < ct_levels.size(); ++n) {
        e.level.ct_ratio[n] *= factor;
        e.level.ct_phase_rad[n] *= factor;
    }
}

} // namespace

std::optional<ActiveClass> active_class(std::string_view name) {
    constexpr std::array<std::string_view, 4> names{"0.2S", "0.5S", "1", "2"};
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        return {};
    return static_cast<ActiveClass>(found - names.begin());
}

std::optional<ReactiveClass> reactive_class(std::string_view name) {
    if (name != "2" && name != "3")
        return {};
    return name == "2" ? ReactiveClass::two : ReactiveClass::three;
}

std::optional<CtClass> ct_class(std::string_view name) {
    if (name != "0.2S" && name != "0.5S")
        return {};
    return name == "0.2S" ? CtClass::s02 : CtClass::s05;
}

double class_use(const MeterErrors& errors, const ChannelList& channels, int circuit,
                 const AccuracyClass& limits) {
    return LoopTest{errors, channels, circuit, limits}.use();
}

MeterErrors draw_errors(std::span<const AccuracyClass> circuits, const ChannelList& channels,
                        const Random& stream) {
    guard(static_cast<int>(circuits.size()) == channels.circuits);
    MeterErrors errors;
    // Loops share the voltages and the crystal, so the strictest class rules them.
    AccuracyClass shared = circuits.front();
    for (const AccuracyClass& circuit : circuits) {
        shared.u = std::min(shared.u, circuit.u);
        shared.active = std::min(shared.active, circuit.active);
        shared.clock = std::min(shared.clock, circuit.clock);
    }
    Draws unit{stream, 0, 0};
    errors.crystal = unit.within(factory_margin * shared.clock);
    errors.crystal_per_k2 = -unit.even(0.028e-6, 0.040e-6); // a tuning fork's parabola
    const auto phases = static_cast<std::size_t>(channels.phases);
    for (std::size_t phase = 0; phase < phases; ++phase) {
        errors.channel[phase] = converter(unit, shared, shared.u);
        errors.channel[phase].phase_rad = unit.within(0.05 * phase_scale(shared));
    }

    for (std::size_t n = 0; n < circuits.size(); ++n) {
        const AccuracyClass& c = circuits[n];
        constexpr std::uint64_t in_a_row = 64;
        constexpr std::uint64_t patience = 1u << 16;
        for (std::uint64_t attempt = 0; attempt < patience; ++attempt) {
            Draws draw{stream, n + 1, attempt};
            const double common = draw.within(0.55 * phase_scale(c)); // one batch of transformers
            for (int terminal = 0; terminal < channels.per_circuit(); ++terminal) {
                ChannelErrors& e = errors.channel[static_cast<std::size_t>(
                    channels.current(static_cast<int>(n), terminal))];
                e = converter(draw, c, c.i);
                e.phase_rad = common + draw.within(0.2 * phase_scale(c));
                e.level = transformer(draw, c);
                e.level.compression = draw.even(0, 0.05 * c.i);
                // Where a class asks much of its transformers: a better adjustment.
                if (attempt > in_a_row)
                    improve(e, static_cast<double>(in_a_row) / static_cast<double>(attempt));
            }
            if (class_use(errors, channels, static_cast<int>(n), c) <= factory_margin)
                break;
            guard(attempt + 1 < patience);
        }
    }
    return errors;
}

} // namespace kpmsim
