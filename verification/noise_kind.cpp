// What a converter's white noise leaves in readings, in windows that are sampled and in those that
// only repeat one.
//
// One steady source, and the formulas of verification/paper_deviations.hpp; f over a whole window.
//
// Quantities, the greatest of all readings:
//   sampled, repeated   deviation over that of the formulas, less 1 (those above)
//   all readings        deviation in repeated windows over that in sampled ones, less 1
//   means               of sampled and of repeated windows, off what stands on paper, in deviations
//                       of such a mean
//   energies            deviation of P, Q and S of a run's energy over that of sampled windows, less 1
//   demands             deviation of the demands of minutes, each of one run, over that of the formulas or,
//                       where these are no bounds, of sampled windows' readings, less 1
//   together            1 where windows may be counted together though noise might turn the sign of a
//                       power or stop the metering between them (within 3 deviations), or may not
//                       though it never does (beyond 20); currents of `start` deviations off the start
//                       current
#include "sim/meter_errors.hpp"
#include "verification/judge.hpp"
#include "verification/paper_deviations.hpp"
#include "verification/source.hpp"
#include "waveforms/terminal_sums.hpp"

#include <cmath>
#include <numbers>
#include <set>
#include <string>

namespace kpmsim {

namespace {

struct Case {
    Source source;
    Wiring wiring{Wiring::p4l};
    int windows{250};
    int run{9};           ///< windows of a run whose energy is counted in one go
    bool dead{false};     ///< no current in phase a; star: no voltage in phase c
    bool dark{false};     ///< phase b: neither
    double unit_noise{0}; ///< a unit's own, over its converters', at most; less in other channels
    bool turning{false};
    bool opposed{
        false}; ///< … the sum of three powers, `start` deviations from 0, that are far from it
    Parameter start{1000.0};
    Parameter reactive{
        0.0}; ///< opposed: 1 when that is the sum of Q, and c turned so that P's is far from 0
};

/// Sums of one reading's values, from `about` on.
struct Moments {
    double sum{0}, square{0};
    int count{0};

    void add(double off) {
        sum += off;
        square += off * off;
        ++count;
    }
    double mean() const { return sum / count; }
    double deviation() const {
        return std::sqrt(std::max(square / count - mean() * mean(), 0.0) * count / (count - 1));
    }
};

using AllMoments = std::vector<Moments>; ///< by reading

void add(AllMoments& to, const Readings& shown, const Values& paper) {
    for (std::size_t n = 0; n < reading_slots; ++n) {
        const QuantityInfo& of = catalogue()[n];
        if (!std::isnan(paper[of.name])) // else this meter has no such reading
            to[n].add(off_by(of, shown.value[n], paper[of.name]));
    }
}

/// Readings whose deviations on paper are no bounds: one phasor, or products of channels with none in
/// common. Of a magnitude of noise alone it is one, too.
bool is_exact(const std::string& name) {
    static const std::set<std::string> exact{
        "u_a",     "u_b",     "u_c",     "u_ab",    "u_bc",    "u_ca",    "i_a",     "i_b",
        "i_c",     "i_n",     "p_a",     "p_b",     "p_c",     "q_a",     "q_b",     "q_c",
        "s_a",     "s_b",     "s_c",     "p",       "q",       "h_u_a_1", "h_u_b_1", "h_u_c_1",
        "h_i_a_1", "h_i_b_1", "h_i_c_1", "h_u_a_5", "h_u_b_5", "h_u_c_5", "f"};
    return exact.count(name) > 0;
}

constexpr std::array demands{"p", "q", "s", "i_a", "i_b", "i_c", "s_a", "s_b", "s_c"};

Quantity demand_of(const std::string& reading) { return *find_quantity("demand_" + reading); }

/// Of a channel, over its converter's: of each of six another one.
double unit_noise(const Case& c, std::size_t channel) {
    constexpr std::array parts{0.4, 1.0, 0.7, 0.9, 0.2, 0.6};
    return c.unit_noise * parts[channel % parts.size()];
}

/// A settled meter whose channels have noise of their own besides their converters'.
Rig noisier(const Case& c, const Drawn& d, const WiringSpec& wiring, Mode mode, const Draw& draw) {
    MeteringConfig config = converter(wiring, d.f_hz, mode, d.full_u_v, d.full_i_a);
    MeterErrors unit;
    for (std::size_t n = 0; n < unit.channel.size(); ++n)
        unit.channel[n].noise_rms = unit_noise(c, n) * noise_of(mode);
    add_errors(unit, reference_c, config);
    MeteringSettings settings = told(wiring);
    settings.demand_minutes = 1;
    Rig rig{d.supply, wiring, config, settings, draw};
    for (int n = 0; n <= settling_windows; ++n) {
        rig.open();
        d.into(rig.window);
        rig.close(d.i);
    }
    return rig;
}

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    Drawn d = draw_source(c.source, draw);
    if (c.dead) {
        d.i[0] = {};
        if (c.wiring == Wiring::p4l)
            d.u[2] = {};
    }
    if (c.dark) {
        d.i[1] = {};
        d.u[1] = {};
    }
    WiringSpec wiring;
    wiring.mode = c.wiring;
    Rig rig = noisier(c, d, wiring, mode, draw);
    Values paper, sigma;
    PaperMeter meter =
        paper_meter(converter(wiring, d.f_hz, mode, d.full_u_v, d.full_i_a), {}, wiring, 0);
    for (std::size_t n = 0; n < 3; ++n) { // independent of each other: squares add up
        meter.noise_u[n] *= std::hypot(1, unit_noise(c, n));
        meter.noise_i[n] *= std::hypot(1, unit_noise(c, 3 + n));
    }
    const PaperWindow window = on_channels(c.wiring, d.u, d.i, d.f_hz, rig.block.window.samples());
    write_readings(meter, window, paper);
    write_deviations(meter, window, paper, sigma);
    sigma["f"] /= 2; // nothing jumps: over a whole window
    paper["i_residual"] = 0;

    AllMoments sampled(reading_slots), repeated(reading_slots);
    SampleBlock block = rig.block;
    for (int n = 0; n < c.windows; ++n) {
        block.window.start = block.window.end();
        rig.metering.push(block, {});
        add(sampled, rig.shown(), paper);
    }

    WindowSums sums;
    terminal_sums(rig.terminals, rig.metering.config(), block.window.samples(), sums);
    rig.metering.hold_steady(block, &sums);
    const double slip = static_cast<double>(rig.window.slip) * 0x1p-64;
    const double run_s = c.run * seconds(block.window.length);
    Moments p_of_runs, q_of_runs, s_of_runs;
    std::array<Moments, demands.size()> demands_of_runs;
    CivilTime rtc{};
    MeterState before = rig.metering.state(0);
    for (int n = 0; n < c.windows; ++n) {
        const Window next{block.window.end(), block.window.length, block.window.cycles};
        const Repeat repeat{next, slip, c.run, c.run};
        MeterState shown;
        rig.metering.show(repeat, {}, {&shown, 1});
        add(repeated, shown.readings, paper);
        rtc += std::chrono::minutes{1};
        rig.metering.repeat(repeat, {rtc, 0});
        for (std::size_t k = 0; n > 0 && k < demands.size(); ++k) // the first minute began earlier
            demands_of_runs[k].add(rig.metering.state(0).get(demand_of(demands[k])) -
                                   paper[demands[k]]);
        block.window.start = repeat.end() - block.window.length;
        const auto gained = [&](Energy import, Energy exported) {
            const auto net = [&](const EnergyRegisters& e) {
                return static_cast<double>(e[import].uj - e[exported].uj) +
                       static_cast<double>(e[import].wh - e[exported].wh) * 3.6e9;
            };
            return (net(shown.energy) - net(before.energy)) * 1e-6 / run_s;
        };
        p_of_runs.add(gained(Energy::p_import, Energy::p_export) - paper["p"]);
        q_of_runs.add(gained(Energy::q_import, Energy::q_export) - paper["q"]);
        const EnergyCount& s_now = shown.energy[Energy::s];
        const EnergyCount& s_then = before.energy[Energy::s];
        s_of_runs.add((static_cast<double>(s_now.uj - s_then.uj) +
                       static_cast<double>(s_now.wh - s_then.wh) * 3.6e9) *
                          1e-6 / run_s -
                      paper["s"]);
        before = shown;
    }

    const double root = std::sqrt(c.windows);
    for (std::size_t n = 0; n < reading_slots; ++n) {
        const QuantityInfo& of = catalogue()[n];
        if (sampled[n].count == 0)
            continue;
        const double deviation = sampled[n].deviation();
        if (deviation < 1e-12 * divisor(of, Scale{d.un_v, d.in_a, 1}))
            continue; // nothing but rounding
        errors.add("all readings", repeated[n].deviation() / deviation - 1);
        const bool of_noise = of.name[0] == 'h' && paper[of.name] < decided * sigma[of.name];
        const bool of_some_voltage = of.name == "f" && c.unit_noise > 0;
        if (!is_exact(of.name) || of_noise || of_some_voltage)
            continue;
        errors.add("sampled", deviation / sigma[of.name] - 1);
        errors.add("repeated", repeated[n].deviation() / sigma[of.name] - 1);
        if (of.name == "f") // the next window takes back what this one had too much
            continue;
        errors.add("means", sampled[n].mean() / sigma[of.name] * root);
        errors.add("means", repeated[n].mean() / sigma[of.name] * root);
    }
    const double runs = std::sqrt(c.run);
    errors.add("energies", p_of_runs.deviation() / sigma["p"] * runs - 1);
    errors.add("energies", q_of_runs.deviation() / sigma["q"] * runs - 1);
    const Moments& s = sampled[static_cast<std::size_t>(Slot::s)];
    errors.add("energies", s_of_runs.deviation() / s.deviation() * runs - 1);
    errors.add("means", s_of_runs.mean() / s.deviation() * runs * root);
    for (std::size_t k = 0; k < demands.size(); ++k) {
        const std::string of = demands[k];
        if (std::isnan(paper[of]) || paper[of] == 0)
            continue; // three-wire: phases have no S
        const bool on_paper = is_exact(of) && std::abs(paper[of]) > decided * sigma[of];
        const double deviation =
            on_paper ? sigma[of] : sampled[info(*find_quantity(of)).slot].deviation();
        errors.add("demands", demands_of_runs[k].deviation() / deviation * runs - 1);
        errors.add("means", demands_of_runs[k].mean() / deviation * runs * root);
    }
    errors.add("means", p_of_runs.mean() / sigma["p"] * runs * root);
    errors.add("means", q_of_runs.mean() / sigma["q"] * runs * root);
}

/// Whether windows may be counted together; the source is as near to a turn as its angle says.
void run_turning(const Case& c, Draw draw, Mode mode, Errors& errors) {
    Drawn d = draw_source(c.source, draw);
    const double noise = noise_of(mode);
    WiringSpec wiring;
    wiring.mode = c.wiring;
    MeteringConfig config = converter(wiring, d.f_hz, mode, d.full_u_v, d.full_i_a);
    const double off_start = c.opposed ? 1000 : draw(c.start);
    const double i_sigma = noise * std::numbers::sqrt2 * d.full_i_a / std::sqrt(1280.0);
    MeteringSettings settings;
    settings.start_current_a[0] = d.i_a - off_start * i_sigma;
    if (c.opposed) // c has next to no noise
        config.adc[2].noise_rms = config.adc[5].noise_rms = 0.02 * noise;
    Values paper, sigma;
    PaperMeter meter = paper_meter(config, settings, wiring, 0);
    meter.start_a = 0; // each power, whether it runs or not
    const auto work_out = [&] {
        const int samples = samples_per_cycle * (d.f_hz < 55 ? 10 : 12);
        const PaperWindow window = on_channels(c.wiring, d.u, d.i, d.f_hz, samples);
        write_readings(meter, window, paper);
        write_deviations(meter, window, paper, sigma);
    };
    work_out();
    if (c.opposed) { // a and c take as much as b gives, but for some deviations
        const std::string of = draw(c.reactive) > 0 ? "q" : "p";
        d.i[1] = turned(d.i[1], 1, 180);
        d.i[2] = turned(d.i[2], 1, 25);
        work_out();
        const double wanted = draw(c.start) * sigma[of];
        d.i[1] =
            turned(d.i[1], (wanted - paper[of + "_a"] - paper[of + "_c"]) / paper[of + "_b"], 0);
        work_out();
    }
    Rig rig{d.supply, wiring, config, settings, draw};
    for (int n = 0; n <= settling_windows; ++n)
        rig.step(d.i);
    double nearest = std::abs(off_start);
    for (const char* power : {"p", "q", "p_a", "q_a", "p_b", "q_b", "p_c", "q_c"})
        if (off_start > 0 && sigma[power] > 0) // what does not run has no power
            nearest = std::min(nearest, std::abs(paper[power]) / sigma[power]);
    WindowSums sums;
    terminal_sums(rig.terminals, rig.metering.config(), rig.block.window.samples(), sums);
    rig.metering.hold_steady(rig.block, &sums);
    const bool together = rig.metering.may_repeat_many();
    if (nearest < 3 || nearest > 20)
        errors.add("together", together == (nearest > 20) ? 0 : 1);
}

} // namespace

Run noise_kind(TomlTable& signal) {
    Case c;
    take(signal, c.source);
    c.wiring = take_wiring(signal);
    c.windows = static_cast<int>(signal.integer("windows", 2, 10'000).value_or(c.windows));
    c.run = static_cast<int>(signal.integer("run", 1, 1000).value_or(c.run));
    c.dead = signal.boolean("dead").value_or(false);
    c.dark = signal.boolean("dark").value_or(false);
    c.unit_noise = signal.number("unit_noise").value_or(c.unit_noise);
    c.opposed = signal.boolean("opposed").value_or(false);
    c.turning = signal.boolean("turning").value_or(false);
    take(signal, "start", c.start);
    take(signal, "reactive", c.reactive);
    return [c](Draw draw, Mode mode, Errors& errors) {
        c.turning ? run_turning(c, draw, mode, errors) : run(c, draw, mode, errors);
    };
}

} // namespace kpmsim
