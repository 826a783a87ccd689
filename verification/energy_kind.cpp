// Registers after minutes and hours.
//
// what = "steady": constant power, any quadrant.
//   active, reactive   total import or export against P t and Q t, of S t
//   quadrant           the quadrant's register against Q t, of S t
//   other registers    what the registers of other directions and quadrants counted, µJ
//   phases             sum of the phases' registers less the total's, µJ
// what = "ramp": the currents grow in a straight line over the whole time.
//   active             against the integral, of reading
// what = "flips": the powers change sign every 37.3 cycles.
//   net                |import - export - integral of the powers that were counted|, µJ; of P and Q,
//                      the total and the phases
//   apparent           the same of S
//   axes               registers that an energy on an axis of the quadrants went into wrongly: without
//                      P, Q counts in 1 and 4
//   import             against the sum of the truth's positive windows, of reading
//   clean: EnergyMeter alone, the windows' powers are the truth's. adc: the currents' samples change
//   sign on the way to the converter, for `sampled_minutes`.
// what = "ratio": a meter that is told PT and CT ratios against one that is told none.
//   ratio              primary energy over PT times CT less the secondary's, µJ
#include "sim/energy.hpp"
#include "verification/source.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kpmsim {

namespace {

double uj(const EnergyCount& e) {
    return static_cast<double>(e.wh) * static_cast<double>(EnergyCount::uj_per_wh) +
           static_cast<double>(e.uj);
}

std::int64_t exact_uj(const EnergyCount& e) { return e.wh * EnergyCount::uj_per_wh + e.uj; }

/// What the registers of the other directions hold.
double others(const EnergyRegisters& e, bool import, bool inductive) {
    const Energy p = import ? Energy::p_export : Energy::p_import;
    const Energy q = inductive ? Energy::q_export : Energy::q_import;
    const int quadrant = import ? (inductive ? 0 : 3) : (inductive ? 1 : 2);
    double sum = 0;
    for (int n = 0; n < 4; ++n) { // the total and the phases
        sum += uj(e[static_cast<Energy>(static_cast<int>(p) + n)]);
        sum += uj(e[static_cast<Energy>(static_cast<int>(q) + n)]);
        if (n != quadrant)
            sum += uj(e[static_cast<Energy>(static_cast<int>(Energy::q_q1) + n)]);
    }
    return sum;
}

/// Sum of the phases' signed counts less the total's.
std::int64_t phases_less_total(const EnergyRegisters& e, Energy import, Energy out) {
    const auto net = [&](int n) {
        return exact_uj(e[static_cast<Energy>(static_cast<int>(import) + n)]) -
               exact_uj(e[static_cast<Energy>(static_cast<int>(out) + n)]);
    };
    return net(1) + net(2) + net(3) - net(0);
}

struct Case {
    Source source;
    std::string what;
    Parameter minutes{1.0};
    double sampled_minutes{1};
    double pt{1}, ct{1};
};

PhaseSpectra scaled(const PhaseSpectra& i, double factor) {
    PhaseSpectra out = i;
    for (Spectrum& phase : out)
        for (std::complex<double>& x : phase.rms)
            x *= factor;
    return out;
}

SimDuration length_of(double minutes) { return SimDuration{std::llround(minutes * 60e9)}; }

void run_samples(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const SimDuration length = length_of(draw(c.minutes));
    const Drawn d = draw_source(c.source, draw);
    const WiringSpec wiring;
    Rig rig{d.supply, wiring, converter(wiring, d.f_hz, mode, d.full_u_v, d.full_i_a), told(wiring),
            draw};
    const auto step = [&](double factor) {
        rig.open();
        d.into(rig.window);
        rig.close(scaled(d.i, factor));
    };
    for (int n = 0; n < settling_windows; ++n)
        step(1);
    const Readings right = rig.right();
    rig.metering.clear_energy();
    const SimTime start = rig.lock.next().start;
    const bool ramp = c.what == "ramp";
    // Over the whole time the currents go from a fifth to all; each window has those of its middle.
    const auto factor_at = [&](SimTime t) {
        return ramp ? 0.2 + 0.8 * seconds(t - start) / seconds(length) : 1.0;
    };
    while (rig.lock.next().start < start + length) {
        const Window next = rig.lock.next();
        step(factor_at(next.start + next.length / 2));
    }
    const SimTime end = rig.lock.next().start;
    const double time_s = seconds(end - start);
    const double mean_factor = (factor_at(start) + factor_at(end)) / 2;
    const EnergyRegisters& e = rig.metering.state(0).energy;
    const bool import = right[Slot::p] >= 0;
    const bool inductive = right[Slot::q] >= 0;
    const double st = right[Slot::s] * mean_factor * time_s * 1e6;
    const double pt = std::abs(right[Slot::p]) * mean_factor * time_s * 1e6;
    const double qt = std::abs(right[Slot::q]) * mean_factor * time_s * 1e6;
    const double p = uj(e[import ? Energy::p_import : Energy::p_export]);
    const double q = uj(e[inductive ? Energy::q_import : Energy::q_export]);
    if (ramp) {
        errors.add("active", p / pt - 1);
        return;
    }
    const int quadrant = import ? (inductive ? 0 : 3) : (inductive ? 1 : 2);
    errors.add("active", (p - pt) / st);
    errors.add("reactive", (q - qt) / st);
    errors.add("quadrant",
               (uj(e[static_cast<Energy>(static_cast<int>(Energy::q_q1) + quadrant)]) - qt) / st);
    errors.add("other registers", others(e, import, inductive));
    errors.add("phases",
               static_cast<double>(phases_less_total(e, Energy::p_import, Energy::p_export)));
    errors.add("phases",
               static_cast<double>(phases_less_total(e, Energy::q_import, Energy::q_export)));
}

void check_axes(SimDuration window, Errors& errors) {
    const auto goes_into = [&](double p, double q, Energy quadrant) {
        EnergyMeter meter;
        EnergyRegisters registers;
        meter.count({{p, 0, 0}, {q, 0, 0}, 0}, window, 0, registers);
        for (const Energy e : {Energy::q_q1, Energy::q_q2, Energy::q_q3, Energy::q_q4})
            errors.add("axes", (exact_uj(registers[e]) != 0) == (e == quadrant) ? 0 : 1);
    };
    goes_into(0, 1, Energy::q_q1);
    goes_into(0, -1, Energy::q_q4);
    goes_into(1, 1, Energy::q_q1);
    goes_into(-1, 1, Energy::q_q2);
    goes_into(-1, -1, Energy::q_q3);
    goes_into(1, -1, Energy::q_q4);
}

void run_flips(const Case& c, Draw draw, Errors& errors) {
    const double hours = draw(c.minutes) / 60;
    const double f_hz = draw(c.source.f);
    const SimDuration window{std::llround(10e9 / f_hz)};
    const long double turn_s = 37.3L / static_cast<long double>(f_hz);
    const long double window_s = static_cast<long double>(window.count()) * 1e-9L;
    std::array<double, 3> size{};
    for (double& p : size)
        p = draw.between(0.01, 2e4);
    // Integral of the sign from 0: a triangle.
    const auto integral = [&](long double t) {
        const long double within = std::fmod(t, 2 * turn_s);
        return within < turn_s ? within : 2 * turn_s - within;
    };
    EnergyMeter meter;
    EnergyRegisters registers;
    constexpr double q_of_p = -0.7;
    constexpr double s_of_p = 1.3;
    std::array<long double, 4> net{}; // a, b, c, total
    long double positive = 0;
    long double apparent = 0;
    for (std::int64_t n = 0; static_cast<double>(n) * seconds(window) < hours * 3600; ++n) {
        const long double at = static_cast<long double>(n) * window_s;
        const long double mean = (integral(at + window_s) - integral(at)) / window_s;
        WindowPowers powers;
        long double sum = 0;
        for (std::size_t p = 0; p < 3; ++p) {
            powers.p_w[p] = static_cast<double>(mean * size[p]);
            powers.q_var[p] = q_of_p * powers.p_w[p];
            powers.s_va += s_of_p * std::abs(powers.p_w[p]);
            net[p] += powers.p_w[p] * window_s;
            sum += powers.p_w[p] * window_s;
        }
        net[3] += sum;
        positive += std::max(sum, 0.0L);
        apparent += powers.s_va * window_s;
        meter.count(powers, window, 0, registers);
    }
    const auto counted = [&](Energy e) { return static_cast<long double>(exact_uj(registers[e])); };
    const auto check_net = [&](Energy import, Energy exported, double of_p) {
        for (int n = 0; n < 4; ++n) { // the total stands first
            const auto moved = [&](Energy e) {
                return counted(static_cast<Energy>(static_cast<int>(e) + n));
            };
            const long double right = net[static_cast<std::size_t>((n + 3) % 4)] * of_p * 1e6L;
            errors.add("net", static_cast<double>(moved(import) - moved(exported) - right));
        }
    };
    check_net(Energy::p_import, Energy::p_export, 1);
    check_net(Energy::q_import, Energy::q_export, q_of_p);
    errors.add("apparent", static_cast<double>(counted(Energy::s) - apparent * 1e6L));
    errors.add("import", static_cast<double>(counted(Energy::p_import) / (positive * 1e6L) - 1));
    check_axes(window, errors);
}

/// Balanced sines: their power is the same at every row, so that the mean over a window hangs on no
/// more than the rows of each sign.
void run_sampled_flips(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const Drawn d = draw_source(c.source, draw);
    Rig rig = settled(d, {}, mode, draw);
    const auto right_w = static_cast<long double>(rig.right()[Slot::p]);
    rig.metering.clear_energy();
    std::vector<double> steady;
    std::vector<double> turned;
    const SampleBlock as_it_was = unfolded(rig.block, steady);
    SampleBlock block = unfolded(rig.block, turned);
    const auto rows = static_cast<std::int64_t>(block.rows);
    const auto is_negative = [](std::int64_t row) {
        return 10 * row / (373 * samples_per_cycle) % 2 != 0; // 37.3 cycles each
    };
    const long double window_s = static_cast<long double>(block.window.length.count()) * 1e-9L;
    long double counted = 0;
    long double positive = 0;
    const std::int64_t windows = length_of(c.sampled_minutes) / block.window.length;
    for (std::int64_t n = 0; n < windows; ++n) {
        std::int64_t sum = 0;
        for (std::int64_t row = 0; row < rows; ++row) {
            const int sign = is_negative(n * rows + row) ? -1 : 1;
            sum += sign;
            const auto k = static_cast<std::size_t>(row);
            for (int ch = 3; ch < 6; ++ch)
                block.channel(ch)[k] = sign * as_it_was.channel(ch)[k];
        }
        block.window.start = block.window.end();
        rig.metering.push(block, {});
        for (int phase = 0; phase < 3; ++phase)
            counted += static_cast<long double>(rig.shown()[slot_at(Slot::p_a, phase)]) * window_s;
        const auto mean = static_cast<long double>(sum) / static_cast<long double>(rows);
        positive += std::max(right_w * mean * window_s, 0.0L);
    }
    const EnergyRegisters& e = rig.metering.state(0).energy;
    const auto import = static_cast<long double>(exact_uj(e[Energy::p_import]));
    const auto exported = static_cast<long double>(exact_uj(e[Energy::p_export]));
    errors.add("net", static_cast<double>(import - exported - counted * 1e6L));
    errors.add("import", static_cast<double>(import / (positive * 1e6L) - 1));
}

/// What a meter that is told these ratios counts.
double counted_uj(const Drawn& d, SimDuration length, const MeteringSettings& told, Mode mode,
                  const Draw& draw) {
    const WiringSpec wiring;
    Rig rig{d.supply, wiring, converter(wiring, d.f_hz, mode, d.full_u_v, d.full_i_a), told, draw};
    while (rig.lock.next().start < SimTime{} + length) {
        rig.open();
        d.into(rig.window);
        rig.close(d.i);
    }
    return uj(rig.metering.state(0).energy[Energy::p_import]);
}

void run_ratio(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const SimDuration length = length_of(draw(c.minutes));
    const Drawn d = draw_source(c.source, draw);
    MeteringSettings plain;
    MeteringSettings told;
    told.pt = c.pt;
    told.ct[0] = c.ct;
    const double secondary = counted_uj(d, length, plain, mode, draw);
    const double primary = counted_uj(d, length, told, mode, draw);
    errors.add("ratio", primary / (c.pt * c.ct) - secondary);
}

} // namespace

Run energy_kind(TomlTable& signal) {
    Case c;
    take(signal, c.source);
    c.what = signal.choice("what", {"steady", "ramp", "flips", "ratio"}).value_or("steady");
    take(signal, "minutes", c.minutes);
    c.sampled_minutes = signal.number("sampled_minutes").value_or(c.sampled_minutes);
    c.pt = signal.number("pt").value_or(1);
    c.ct = signal.number("ct").value_or(1);
    return [c](Draw draw, Mode mode, Errors& errors) {
        if (c.what == "flips" && mode == Mode::clean)
            run_flips(c, draw, errors);
        else if (c.what == "flips")
            run_sampled_flips(c, draw, mode, errors);
        else if (c.what == "ratio")
            run_ratio(c, draw, mode, errors);
        else
            run_samples(c, draw, mode, errors);
    };
}

} // namespace kpmsim
