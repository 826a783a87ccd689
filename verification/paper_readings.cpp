// The definitions, once more:
//
//     U^2 = sum |U_h|^2,  P = sum Re U_h conj I_h,  Q = Im U_1 conj I_1,  S = U I,  PF = P / S
//     THD^2 = sum over 2 to 31 of |X_h|^2 / |X_1|^2
//     X+ = (Xa + a Xb + a^2 Xc) / 3,  a = e^(j 120 deg);  X-, X0 likewise
//     unbalance = (max - min) / mean
//
// A three-wire meter has b for its reference: against it a stands at Uab, c at Ucb and b at 0. Its
// P is the power of these against the three currents (that of b against itself is none), its S is
// sqrt3 mean(ULL) mean(I), and its phases are what is left of these three without their mean.
//
// With one phase there is one of each, and nothing to compare it with.
#include "verification/paper_readings.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <string>

namespace kpmsim {

namespace {

using Phasor = std::complex<double>;
using Three = std::array<double, 3>;
using ThreePhasors = std::array<Phasor, 3>;

constexpr int counted_orders = 50;
constexpr int shown_orders = 31;
constexpr const char* phases[] = {"a", "b", "c"};
constexpr const char* lines[] = {"ab", "bc", "ca"};

std::string name(const char* first, const char* second) { return std::string{first} + second; }

Spectrum less(const Spectrum& x, const Spectrum& y) {
    Spectrum out;
    for (int h = 0; h <= counted_orders; ++h)
        out[h] = x[h] - y[h];
    return out;
}

/// `noise`: rms of what comes on top and has to do with nothing.
double rms(const Spectrum& x, double noise) {
    double square = noise * noise;
    for (int h = 1; h <= counted_orders; ++h)
        square += std::norm(x[h]);
    return std::sqrt(square);
}

double active(const Spectrum& u, const Spectrum& i) {
    double sum = 0;
    for (int h = 1; h <= counted_orders; ++h)
        sum += std::abs(u[h]) * std::abs(i[h]) * std::cos(std::arg(u[h]) - std::arg(i[h]));
    return sum;
}

double reactive(const Spectrum& u, const Spectrum& i) {
    return std::abs(u[1]) * std::abs(i[1]) * std::sin(std::arg(u[1]) - std::arg(i[1]));
}

double over(double part, double whole, double least) { return whole > least ? part / whole : 0; }

void write_channel(const std::string& channel, const Spectrum& x, double dead, Values& out) {
    const double first = std::abs(x[1]);
    double distortion = 0;
    for (int h = 1; h <= shown_orders; ++h) {
        const std::string order = channel + "_" + std::to_string(h);
        out["h_" + order] = std::abs(x[h]);
        if (h == 1)
            continue;
        out["hr_" + order] = 100 * over(std::abs(x[h]), first, dead);
        distortion = std::hypot(distortion, std::abs(x[h]));
    }
    out["thd_" + channel] = 100 * over(distortion, first, dead);
}

void write_components(const char* of, const ThreePhasors& x, Values& out) {
    const Phasor a = std::polar(1.0, 2 * std::numbers::pi / 3);
    const auto write = [&](const char* which, const Phasor& of_b) {
        out[name(of, which)] = std::abs(x[0] + of_b * x[1] + std::conj(of_b) * x[2]) / 3;
    };
    write("_zero", 1.0);
    write("_pos", a);
    write("_neg", std::conj(a));
}

double unbalance_percent(const Three& x, double dead) {
    const double mean = (x[0] + x[1] + x[2]) / 3;
    return 100 * over(*std::max_element(x.begin(), x.end()) - *std::min_element(x.begin(), x.end()),
                      mean, dead);
}

/// Lags against the first voltage that is alive.
void write_angles(const char* of, const ThreePhasors& u, const Three& dead_u, const ThreePhasors& x,
                  const Three& dead, Values& out) {
    std::size_t reference = 0;
    while (reference < 3 && std::abs(u[reference]) <= dead_u[reference])
        ++reference;
    for (std::size_t n = 0; n < 3; ++n) {
        double lag = 0;
        if (reference < 3 && std::abs(x[n]) > dead[n])
            lag = (std::arg(u[reference]) - std::arg(x[n])) * 180 / std::numbers::pi;
        out[name(of, phases[n])] = lag - 360 * std::floor(lag / 360);
    }
}

/// A fundamental below this part of a full-scale sine counts as none (docs/explanation/metering.md).
constexpr double dead_part = 1e-5;

} // namespace

PaperMeter paper_meter(const MeteringConfig& config, const MeteringSettings& settings,
                       const WiringSpec& leads, int circuit) {
    const auto n = static_cast<std::size_t>(circuit);
    PaperMeter meter;
    meter.wiring = config.wiring;
    meter.start_a = settings.start_current_a[n] * leads.ct_ratio[n];
    meter.temperature_c = config.temperature_c[n];
    meter.neutral = config.neutral;
    for (std::size_t c = 0; c < paper_u_terminals(config); ++c) {
        const AdcChannel& u = config.adc[paper_u_channel(config, c)];
        const double full_u = u.full_scale * leads.pt_ratio;
        meter.dead_u[c] = dead_part * full_u / std::numbers::sqrt2;
        meter.noise_u[c] = u.noise_rms * full_u;
        meter.step_u[c] = std::ldexp(full_u, 1 - u.bits);
    }
    for (std::size_t c = 0; c < paper_i_terminals(config); ++c) {
        const AdcChannel& i = config.adc[paper_i_channel(config, n, c)];
        const double full_i = i.full_scale * leads.ct_ratio[n];
        meter.dead_i[c] = dead_part * full_i / std::numbers::sqrt2;
        meter.noise_i[c] = i.noise_rms * full_i;
        meter.step_i[c] = std::ldexp(full_i, 1 - i.bits);
    }
    const double full_i = config.adc[paper_i_channel(config, n, 0)].full_scale * leads.ct_ratio[n];
    meter.power_code = meter.step_u[0] * full_i;
    return meter;
}

std::size_t paper_u_terminals(const MeteringConfig& config) {
    return config.wiring == Wiring::one_phase ? 1 : 3;
}
std::size_t paper_i_terminals(const MeteringConfig& config) {
    if (config.wiring != Wiring::one_phase)
        return 3;
    return config.neutral ? 2 : 1;
}
std::size_t paper_u_channel(const MeteringConfig&, std::size_t terminal) { return terminal; }
std::size_t paper_i_channel(const MeteringConfig& config, std::size_t circuit,
                            std::size_t terminal) {
    return paper_u_terminals(config) + paper_i_terminals(config) * circuit + terminal;
}

PaperWindow on_channels(Wiring wiring, const PhaseSpectra& u, const PhaseSpectra& i, double f_hz,
                        int samples) {
    if (wiring == Wiring::p4l)
        return {u, i, f_hz, samples};
    if (wiring == Wiring::one_phase)
        return {{u[0], {}, {}}, i, f_hz, samples};
    return {{less(u[0], u[1]), {}, less(u[2], u[1])}, i, f_hz, samples};
}

PaperWindow taken_for(Wiring menu, Wiring leads, PaperWindow held) {
    if (menu == leads)
        return held;
    if (menu != Wiring::p4l)
        held.u[1] = {};
    if (leads == Wiring::p3l2)
        held.i[1] = {};
    return held;
}

namespace {

void write_one_phase(const PaperMeter& meter, const PaperWindow& w, Values& out) {
    const Spectrum& u = w.u[0];
    const Spectrum& i = w.i[0];
    const double u_rms = rms(u, meter.noise_u[0]);
    const double i_rms = rms(i, meter.noise_i[0]);
    const bool started = i_rms >= meter.start_a;
    const double p = started ? active(u, i) : 0;
    const double s = started ? u_rms * i_rms : 0;
    out["u_a"] = u_rms;
    out["i_a"] = i_rms;
    out["p"] = out["p_a"] = p;
    out["q"] = out["q_a"] = started ? reactive(u, i) : 0;
    out["s"] = out["s_a"] = s;
    out["pf"] = out["pf_a"] = over(p, s, 0);
    out["f"] = w.f_hz;
    out["temp"] = meter.temperature_c;
    write_channel("u_a", u, meter.dead_u[0], out);
    write_channel("i_a", i, meter.dead_i[0], out);
    Values angles;
    const ThreePhasors u1{u[1]};
    write_angles("angle_u_", u1, meter.dead_u, u1, meter.dead_u, angles);
    write_angles("angle_i_", u1, meter.dead_u, {i[1]}, meter.dead_i, angles);
    out["angle_u_a"] = angles["angle_u_a"];
    out["angle_i_a"] = angles["angle_i_a"];
    if (meter.neutral)
        out["i_n"] = rms(w.i[1], meter.noise_i[1]);
}

} // namespace

void write_readings(const PaperMeter& meter, const PaperWindow& w, Values& out) {
    if (meter.wiring == Wiring::one_phase)
        return write_one_phase(meter, w, out);
    const bool star = meter.wiring == Wiring::p4l;
    PhaseSpectra i = w.i;
    if (meter.wiring == Wiring::p3l2)
        i[1] = less(less({}, i[0]), i[2]);
    const PhaseSpectra line{less(w.u[0], w.u[1]), less(w.u[1], w.u[2]), less(w.u[2], w.u[0])};
    Three noise_u = meter.noise_u;
    Three noise_i = meter.noise_i;
    if (!star) // b is the reference
        noise_u[1] = 0;
    if (meter.wiring == Wiring::p3l2)
        noise_i[1] = std::hypot(noise_i[0], noise_i[2]);

    Three u_rms{}, line_rms{}, i_rms{};
    std::array<bool, 3> started{};
    for (std::size_t n = 0; n < 3; ++n) {
        u_rms[n] = star ? rms(w.u[n], noise_u[n]) : 0;
        line_rms[n] = rms(line[n], std::hypot(noise_u[n], noise_u[(n + 1) % 3]));
        i_rms[n] = rms(i[n], noise_i[n]);
        started[n] = i_rms[n] >= meter.start_a;
        out[name("u_", phases[n])] = u_rms[n];
        out[name("u_", lines[n])] = line_rms[n];
        out[name("i_", phases[n])] = i_rms[n];
        // A three-wire meter's "voltage a" is the line's: Uab, Ubc, Uca.
        const double dead_u = !star && n == 1 ? meter.dead_u[2] : meter.dead_u[n];
        write_channel(name("u_", phases[n]), star ? w.u[n] : line[n], dead_u, out);
        write_channel(name("i_", phases[n]), i[n], meter.dead_i[n], out);
    }
    const bool any = started[0] || started[1] || started[2];
    if (!star)
        started = {any, any, any};

    double p = 0, q = 0, s = 0;
    for (std::size_t n = 0; n < 3; ++n) {
        const double p_phase = started[n] ? active(w.u[n], i[n]) : 0;
        const double q_phase = started[n] ? reactive(w.u[n], i[n]) : 0;
        const double s_phase = started[n] ? u_rms[n] * i_rms[n] : 0;
        p += p_phase;
        q += q_phase;
        s += s_phase;
        out[name("p_", phases[n])] = star ? p_phase : 0;
        out[name("q_", phases[n])] = star ? q_phase : 0;
        out[name("s_", phases[n])] = s_phase;
        out[name("pf_", phases[n])] = over(p_phase, s_phase, 0);
    }
    if (!star && any)
        s = std::numbers::sqrt3 * (line_rms[0] + line_rms[1] + line_rms[2]) / 3 *
            (i_rms[0] + i_rms[1] + i_rms[2]) / 3;
    out["p"] = p;
    out["q"] = q;
    out["s"] = s;
    out["pf"] = over(p, s, 0);
    out["f"] = w.f_hz;
    out["temp"] = meter.temperature_c;

    ThreePhasors u1{w.u[0][1], w.u[1][1], w.u[2][1]};
    Three dead_u = meter.dead_u;
    if (!star) {
        const Phasor mean = (u1[0] + u1[1] + u1[2]) / 3.0;
        for (Phasor& x : u1)
            x -= mean;
        dead_u[1] = dead_u[2];
    }
    const ThreePhasors i1{i[0][1], i[1][1], i[2][1]};
    write_components("u", u1, out);
    write_components("i", i1, out);
    if (!star)
        out["u_zero"] = 0;
    out["unb_u2"] = 100 * over(out["u_neg"], out["u_pos"], meter.dead_u[0]);
    out["unb_u0"] = 100 * over(out["u_zero"], out["u_pos"], meter.dead_u[0]);
    out["unb_u"] = unbalance_percent(star ? u_rms : line_rms, meter.dead_u[0]);
    out["unb_i"] = unbalance_percent(i_rms, meter.dead_i[0]);
    write_angles("angle_u_", u1, dead_u, u1, dead_u, out);
    write_angles("angle_i_", u1, dead_u, i1, meter.dead_i, out);
}

} // namespace kpmsim
