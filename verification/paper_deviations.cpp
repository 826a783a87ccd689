// A window holds N samples of each channel, each off by e of deviation s, unlike all others. To
// first order in e:
//
//     a phasor, rms: m = s / sqrt N along, and as much across
//     U: mean(u e) / U, m              with U^2 = U0^2 + s^2: m sqrt(1 - s^2 / 2 U^2)
//     P: mean(u e_i + i e_u + e_u e_i), sqrt(U0^2 m_i^2 + I0^2 m_u^2 + s_u^2 m_i^2)
//     Q: sqrt(U_1^2 m_i^2 + I_1^2 m_u^2)
//     an angle: what is across, m / |X_1|;  a quotient x / y: m_x / y + x / y^2 m_y
//     D of THD: 30 orders, m along D, and across it 59 parts that make it greater:
//               sqrt(D^2 + 60 m^2) - D
//     f: phases of a window's halves with Hann's weights (1.5 times the variance), half a window T
//        apart: sqrt(2) sqrt(3) m / U_1 / (2 pi T / 2)
//
// With noise s is that and N the samples of the window. Without, s is that of rounding, step /
// sqrt 12, and the window's cycles are all rounded alike, half cycles maybe too (without even
// orders one is the other's mirror): N is 64.
#include "verification/paper_deviations.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace kpmsim {

namespace {

using Phasor = std::complex<double>;

constexpr int roundings = 64;
constexpr int samples_a_cycle = 128;
constexpr int shown_orders = 31;
constexpr const char* phases[] = {"a", "b", "c"};
constexpr const char* lines[] = {"ab", "bc", "ca"};

std::string name(const char* first, const char* second) { return std::string{first} + second; }

/// What a channel's converter leaves.
struct Doubt {
    double mean{0};  ///< of a phasor, along or across
    double noise{0}; ///< of a sample, as far as it counts in rms values

    double of_rms(double rms) const {
        if (rms == 0) // all codes are 0
            return 0;
        return mean * std::sqrt(std::max(1 - noise * noise / (2 * rms * rms), 0.0));
    }
};

using Doubts = std::array<Doubt, 3>;

Doubt doubt(double noise, double step, int samples) {
    const double rounding = step / std::sqrt(12.0);
    if (noise == 0)
        return {rounding / std::sqrt(roundings), 0};
    return {std::hypot(noise, rounding) / std::sqrt(samples), noise};
}

/// Of the sum or the difference of two channels.
Doubt both(const Doubt& x, const Doubt& y) {
    return {std::hypot(x.mean, y.mean), std::hypot(x.noise, y.noise)};
}

double root_of_squares(double a, double b, double c) { return std::hypot(std::hypot(a, b), c); }

/// 0, unless a value of this deviation may be on either side of a level.
double doubt_of(double value, double level, double deviation) {
    return std::abs(value - level) < decided * deviation ? undecided : 0;
}

/// Of x / y.
double of_quotient(double x, double x_doubt, double y, double y_doubt) {
    return x_doubt / y + std::abs(x) / (y * y) * y_doubt;
}

/// Of a percentage that is 0 where the whole is below a level.
double of_percent(double percent, double part_doubt, double whole, double whole_doubt,
                  double least) {
    if (const double open = doubt_of(whole, least, whole_doubt); open > 0)
        return open;
    return whole > least ? 100 * of_quotient(percent / 100 * whole, part_doubt, whole, whole_doubt)
                         : 0;
}

void write_channel(const std::string& channel, const Doubt& of, double dead, const Values& readings,
                   Values& out) {
    const double first = readings["h_" + channel + "_1"];
    const auto percent = [&](const std::string& quantity, double part_doubt) {
        out[quantity] = of_percent(readings[quantity], part_doubt, first, of.mean, dead);
    };
    for (int h = 1; h <= shown_orders; ++h) {
        const std::string order = channel + "_" + std::to_string(h);
        out["h_" + order] = of.mean;
        if (h > 1)
            percent("hr_" + order, of.mean);
    }
    const double distortion = readings["thd_" + channel] / 100 * first;
    const double greater =
        std::sqrt(distortion * distortion + 2 * (shown_orders - 1) * of.mean * of.mean) -
        distortion;
    percent("thd_" + channel, of.mean + greater);
}

/// Three phasors, what is left in each, and below what each is dead.
struct Three {
    std::array<Phasor, 3> x;
    std::array<double, 3> mean;
    std::array<double, 3> dead;

    bool alive(std::size_t n) const { return std::abs(x[n]) > dead[n]; }
    double open(std::size_t n) const { return doubt_of(std::abs(x[n]), dead[n], mean[n]); }
    double angle(std::size_t n) const { return mean[n] / std::abs(x[n]) * 180 / std::numbers::pi; }
};

void write_angles(const char* of, const Three& u, const Three& x, Values& out) {
    std::size_t reference = 0;
    double open = 0;
    while (reference < 3 && !u.alive(reference))
        open += u.open(reference++);
    if (reference < 3)
        open += u.open(reference);
    for (std::size_t n = 0; n < 3; ++n) {
        double& deviation = out[name(of, phases[n])] = open + x.open(n);
        if (reference < 3 && x.alive(n) && !(&x == &u && n == reference))
            deviation += u.angle(reference) + x.angle(n);
    }
}

/// One window's deviations, kind after kind; the later ones read the earlier. One phase is a star whose
/// other terminals hold nothing: what is written of these belongs to no reading.
class Deviations {
public:
    Deviations(const PaperMeter& meter, const PaperWindow& window, const Values& readings,
               Values& out);

    void channels();
    void powers();
    void frequency();
    void components();
    void angles();

private:
    /// Of a product of two channels' means.
    double power(const std::string& voltage, const Doubt& of_u, const std::string& current,
                 const Doubt& of_i) const {
        return std::hypot(readings_[voltage] * of_i.mean, readings_[current] * of_u.mean);
    }
    /// Rms values hold their noise; that of both together counts once.
    double active(const std::string& voltage, const Doubt& of_u, const std::string& current,
                  const Doubt& of_i) const {
        const double each = power(voltage, of_u, current, of_i);
        const double common = of_u.noise * of_i.mean;
        return std::sqrt(std::max(each * each - common * common, 0.0));
    }
    double apparent(const std::string& voltage, const std::string& current) const {
        return std::hypot(readings_[voltage] * out_[current], readings_[current] * out_[voltage]);
    }
    double factor(const std::string& after) const {
        const double s = readings_["s" + after];
        const double of_s = out_["s" + after];
        if (of_s == undecided)
            return undecided;
        return s > 0 ? of_quotient(readings_["p" + after], out_["p" + after], s, of_s) : 0;
    }
    void unbalance(const char* quantity, const std::array<std::string, 3>& of, double dead);

    const PaperMeter& meter_;
    const PaperWindow& w_;
    const Values& readings_;
    Values& out_;
    bool star_, two_;
    Doubts u_, i_, line_;
};

Deviations::Deviations(const PaperMeter& meter, const PaperWindow& window, const Values& readings,
                       Values& out)
    : meter_{meter}, w_{window}, readings_{readings}, out_{out},
      star_{meter.wiring == Wiring::p4l || meter.wiring == Wiring::one_phase}, two_{meter.wiring ==
                                                                                    Wiring::p3l2} {
    for (std::size_t n = 0; n < 3; ++n) {
        u_[n] = doubt(meter.noise_u[n], meter.step_u[n], window.samples);
        i_[n] = doubt(meter.noise_i[n], meter.step_i[n], window.samples);
    }
    if (!star_) // the reference
        u_[1] = {};
    if (two_)
        i_[1] = both(i_[0], i_[2]);
    line_ = {both(u_[0], u_[1]), both(u_[1], u_[2]), both(u_[2], u_[0])};
}

void Deviations::channels() {
    for (std::size_t n = 0; n < 3; ++n) {
        const std::string u = name("u_", phases[n]);
        const std::string i = name("i_", phases[n]);
        const std::string line = name("u_", lines[n]);
        out_[u] = star_ ? u_[n].of_rms(readings_[u]) : 0;
        out_[i] = i_[n].of_rms(readings_[i]);
        out_[line] = line_[n].of_rms(readings_[line]);
        const double dead_u = !star_ && n == 1 ? meter_.dead_u[2] : meter_.dead_u[n];
        write_channel(u, star_ ? u_[n] : line_[n], dead_u, readings_, out_);
        write_channel(i, i_[n], meter_.dead_i[n], readings_, out_);
    }
    if (meter_.neutral)
        out_["i_n"] = i_[1].of_rms(readings_["i_n"]);
}

void Deviations::powers() {
    // Nothing where no current starts the meter, unless one might.
    std::array<bool, 3> runs{};
    std::array<double, 3> open{};
    for (std::size_t n = 0; n < 3; ++n) {
        const std::string i = name("i_", phases[n]);
        runs[n] = readings_[i] >= meter_.start_a;
        open[n] = doubt_of(readings_[i], meter_.start_a, out_[i]);
    }
    double p = 0, q = 0, s = 0;
    for (std::size_t n = 0; n < 3; ++n) {
        const std::string phase = phases[n];
        double& of_p = out_["p_" + phase] = star_ ? open[n] : 0;
        double& of_q = out_["q_" + phase] = of_p;
        double& of_s = out_["s_" + phase] = of_p;
        if (star_ && runs[n]) {
            of_p += active("u_" + phase, u_[n], "i_" + phase, i_[n]);
            of_q += power("h_u_" + phase + "_1", u_[n], "h_i_" + phase + "_1", i_[n]);
            of_s += apparent("u_" + phase, "i_" + phase);
        }
        p = std::hypot(p, of_p);
        q = std::hypot(q, of_q);
        s = std::hypot(s, of_s);
    }
    const bool surely =
        (runs[0] && open[0] == 0) || (runs[1] && open[1] == 0) || (runs[2] && open[2] == 0);
    if (!star_ && surely) { // Uab with Ia, Ucb with Ic
        p = std::hypot(active("u_ab", u_[0], "i_a", i_[0]), active("u_bc", u_[2], "i_c", i_[2]));
        q = std::hypot(power("h_u_a_1", u_[0], "h_i_a_1", i_[0]),
                       power("h_u_b_1", u_[2], "h_i_c_1", i_[2]));
        const auto sum = [](const Values& of, const char* a, const char* b, const char* c) {
            return of[a] + of[b] + of[c];
        };
        s = std::hypot(sum(readings_, "u_ab", "u_bc", "u_ca") * sum(out_, "i_a", "i_b", "i_c"),
                       sum(out_, "u_ab", "u_bc", "u_ca") * sum(readings_, "i_a", "i_b", "i_c")) *
            std::numbers::sqrt3 / 9;
    } else if (!star_) {
        p = q = s = open[0] + open[1] + open[2];
    }
    out_["p"] = p;
    out_["q"] = q;
    out_["s"] = s;
    for (const char* after : {"", "_a", "_b", "_c"})
        out_[name("pf", after)] = factor(after);
}

void Deviations::frequency() {
    out_["f"] = 0;
    if (w_.f_hz == 0)
        return;
    // Any channel that has half of the strongest may be the one that f is read off.
    double strongest = 0;
    for (const Spectrum& x : w_.u)
        strongest = std::max(strongest, std::abs(x[1]));
    double of_phase = 0;
    for (std::size_t n = 0; n < 3; ++n)
        if (const double first = std::abs(w_.u[n][1]); first > 0.4 * strongest)
            of_phase = std::max(of_phase, u_[n].mean / first);
    const double length_s = w_.samples / (samples_a_cycle * w_.f_hz);
    out_["f"] = std::sqrt(6.0) * of_phase / (std::numbers::pi * length_s);
}

void Deviations::unbalance(const char* quantity, const std::array<std::string, 3>& of,
                           double dead) {
    const double greatest = std::max({out_[of[0]], out_[of[1]], out_[of[2]]});
    const double mean = (readings_[of[0]] + readings_[of[1]] + readings_[of[2]]) / 3;
    out_[quantity] = of_percent(readings_[quantity], 2 * greatest, mean, greatest, dead);
}

void Deviations::components() {
    // A three-wire meter's U+ is (Uab + a^2 Ucb) / 3; two CTs' I+ is (Ia (1 - a) + Ic (a^2 - a)) / 3.
    const double of_u = root_of_squares(u_[0].mean, u_[1].mean, u_[2].mean) / 3;
    const double of_i = two_ ? std::hypot(i_[0].mean, i_[2].mean) / std::numbers::sqrt3
                             : root_of_squares(i_[0].mean, i_[1].mean, i_[2].mean) / 3;
    for (const char* which : {"_zero", "_pos", "_neg"}) {
        out_[name("u", which)] = of_u;
        out_[name("i", which)] = of_i;
    }
    if (!star_)
        out_["u_zero"] = 0;
    for (const auto& [quantity, part] :
         {std::pair{"unb_u2", "u_neg"}, std::pair{"unb_u0", "u_zero"}})
        out_[quantity] =
            of_percent(readings_[quantity], out_[part], readings_["u_pos"], of_u, meter_.dead_u[0]);
    if (star_)
        unbalance("unb_u", {"u_a", "u_b", "u_c"}, meter_.dead_u[0]);
    else
        unbalance("unb_u", {"u_ab", "u_bc", "u_ca"}, meter_.dead_u[0]);
    unbalance("unb_i", {"i_a", "i_b", "i_c"}, meter_.dead_i[0]);
}

void Deviations::angles() {
    const auto means = [](const Doubts& of) {
        return std::array{of[0].mean, of[1].mean, of[2].mean};
    };
    Three u{{w_.u[0][1], w_.u[1][1], w_.u[2][1]}, means(u_), meter_.dead_u};
    if (!star_) { // Uab, 0 and Ucb, less their mean
        const Phasor mean = (u.x[0] + u.x[2]) / 3.0;
        u.x = {u.x[0] - mean, -mean, u.x[2] - mean};
        u.mean = {std::hypot(2 * u.mean[0], u.mean[2]) / 3, std::hypot(u.mean[0], u.mean[2]) / 3,
                  std::hypot(u.mean[0], 2 * u.mean[2]) / 3};
        u.dead[1] = u.dead[2];
    }
    const Phasor i_b = two_ ? -w_.i[0][1] - w_.i[2][1] : w_.i[1][1];
    const Three i{{w_.i[0][1], i_b, w_.i[2][1]}, means(i_), meter_.dead_i};
    write_angles("angle_u_", u, u, out_);
    write_angles("angle_i_", u, i, out_);
}

} // namespace

void write_deviations(const PaperMeter& meter, const PaperWindow& window, const Values& readings,
                      Values& out) {
    Deviations deviations{meter, window, readings, out};
    deviations.channels();
    deviations.powers();
    deviations.frequency();
    deviations.components();
    deviations.angles();
}

double deviations_of(double off, double deviation) {
    if (std::isnan(off))
        return off;
    return off == 0 || deviation == undecided ? 0 : std::abs(off) / deviation;
}

} // namespace kpmsim
