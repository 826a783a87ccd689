// What a window's noise does to its sums, without the samples.
//
// A channel's N codes are x[n] + e[n], e white with deviation s, independent of all else. The DFT is
// a rotation (but for a factor) of the N samples, so e is white in its bins, too:
//
//   X_h = j sqrt2 / N  sum e[n] e^(-j 2 pi h n / 128)   has two parts of variance  s^2 / N each,
//
// independent for each order and channel. 31 orders and the mean take 63 of the N directions; what
// is left of a mean square is
//
//   1/N sum (y + e)^2 = y^2 + 2/N sum y e + 1/N sum e^2,
//
// y the orders above 31 and the sums over N - 63 directions: mean y^2 + s^2 (N - 63) / N, variance
// 4 y^2 s^2 / N + 2 s^4 (N - 63) / N^2. A mean product of two channels has likewise the mean of the
// products and the variance (s_x^2 y_y^2 + s_y^2 y_x^2 + s_x^2 s_y^2 (N - 63) / N) / N. With those
// drawn, every reading follows as it does from samples, and readings of one window go together as
// they do there.
//
// Energies and demand need only powers, and their mean over W windows, whose deviation is that of
// one window over sqrt W. With U and I without noise, P and Q the mean powers, N samples, to the
// first order:
//
//   U^2 = mean + 2 U s_u / sqrt N * z1 + s_u^2 sqrt(2 / N) * z2        (I^2 likewise)
//   P   = mean + P s_u / (U sqrt N) * z1 + P s_i / (I sqrt N) * z1' + rest,
//         N var rest = s_i^2 (U^2 - P^2 / I^2) + s_u^2 (I^2 - P^2 / U^2) + s_u^2 s_i^2
//   Q   : N var = |U_1|^2 s_i^2 + |I_1|^2 s_u^2 + 2 s_u^2 s_i^2 / N
//
// for sum u e_i is I * (P / I^2) times what moves I^2, and a part that does not. S = U I then keeps
// above P as it must. A three-wire meter's P and Q are sums of two such terms and are drawn by
// themselves. Its third line, and the third current where that is worked out, is d = -(x + y): its
// level moves by <d, e> / d, e = -(e_x + e_y), of which <x, e_x> / x gives the share
// -s_x / s_d * <x, d> / (x d), and <x, d> = (y^2 - x^2 - d^2) / 2.
#include "sim/window_noise.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

namespace {

/// The mean, and two for each order.
constexpr double drawn_directions = 1 + 2 * max_harmonic;
/// Deviations that a sum of drawn numbers never reaches, each of which ends at 6.
constexpr double never = 11;

constexpr std::size_t place(int n) { return static_cast<std::size_t>(n); }

/// The stream's next numbers.
class Numbers {
public:
    Numbers(const Random& stream, std::uint64_t first) : stream_{stream}, next_{first} {}
    double normal() { return stream_.normal(next_++); }

private:
    const Random& stream_;
    std::uint64_t next_;
};

double product(const Phasors& x, const Phasors& y) {
    double sum = 0;
    for (std::size_t h = 1; h < x.size(); ++h)
        sum += x[h].real() * y[h].real() + x[h].imag() * y[h].imag();
    return sum;
}

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

NoisyPowers::Derived derived(const std::array<NoisyPowers::Level, 3>& of,
                             const std::array<double, 3>& noise, std::size_t at) {
    NoisyPowers::Derived out;
    out.at = static_cast<int>(at);
    double rest = 1;
    for (const std::size_t k : {(at + 1) % 3, (at + 2) % 3}) {
        const std::size_t other = 3 - at - k;
        const double inner = (of[other].square - of[k].square - of[at].square) / 2;
        out.from[k] =
            -ratio(noise[k], noise[at]) * ratio(inner, std::sqrt(of[k].square * of[at].square));
        rest -= out.from[k] * out.from[k];
    }
    out.alone = std::sqrt(std::max(rest, 0.0));
    return out;
}

/// Deviations of three levels, the derived one's among them.
std::array<double, 3> spread(const NoisyPowers::Derived& derived, std::array<double, 3> z) {
    if (derived.at >= 0) {
        double& own = z[static_cast<std::size_t>(derived.at)];
        const std::array<double, 3> of = z;
        own *= derived.alone;
        for (std::size_t k = 0; k < 3; ++k)
            own += derived.from[k] * of[k];
    }
    return z;
}

} // namespace

void add_noise(const ChannelNoise& noise, const MeteringConfig& config, const Random& stream,
               std::uint64_t first_sample, WindowSums& sums) {
    const double n = sums.samples;
    const double others = (n - drawn_directions) / n;
    Numbers z{stream, first_sample};
    std::array<double, max_channels> above{}; // mean square of the orders above 31, without noise
    const ChannelList list = config.channels();
    const auto channels = static_cast<std::size_t>(list.size());

    // Products without their 31 orders; these come back with the noise in them.
    const auto each_product = [&](auto change) {
        const bool three = list.phases == 3;
        for (std::size_t k = 0; k < 3 && three; ++k)
            change(sums.uu[k], k, (k + 1) % 3);
        for (int c = list.phases; c < list.size(); ++c)
            if (const MeteredChannel of = list[c]; of.of == MeteredChannel::Of::current)
                change(sums.ui[place(c)], place(of.phase), place(c));
        for (int circuit = 0; circuit < list.circuits && three; ++circuit)
            change(sums.ac[place(circuit)], place(list.current(circuit, 0)),
                   place(list.current(circuit, 2)));
    };
    each_product(
        [&](double& xy, std::size_t x, std::size_t y) { xy -= product(sums.x[x], sums.x[y]); });
    for (std::size_t c = 0; c < channels; ++c) {
        above[c] = std::max(sums.square[c] - product(sums.x[c], sums.x[c]), 0.0);
        const double s = noise[c];
        if (s > 0) {
            const double of_part = s / std::sqrt(n);
            for (std::size_t h = 1; h < sums.x[c].size(); ++h) {
                const double re = of_part * z.normal();
                const double im = of_part * z.normal();
                sums.x[c][h] += std::complex<double>{re, im};
            }
        }
        const double variance = (4 * above[c] * s * s + 2 * s * s * s * s * others) / n;
        sums.square[c] = std::max(product(sums.x[c], sums.x[c]) + above[c] + s * s * others +
                                      std::sqrt(variance) * z.normal(),
                                  0.0);
    }
    each_product([&](double& xy, std::size_t x, std::size_t y) {
        const double xx = noise[x] * noise[x];
        const double yy = noise[y] * noise[y];
        const double variance = (xx * above[y] + yy * above[x] + xx * yy * others) / n;
        xy += product(sums.x[x], sums.x[y]) + std::sqrt(variance) * z.normal();
    });
}

NoisyPowers::NoisyPowers(const VoltageWindow& of_u, const CurrentWindow& of_i, double start,
                         const std::array<double, 3>& u_noise, const std::array<double, 3>& i_noise,
                         bool b_is_worked_out, int samples)
    : star{of_u.star}, start_a{start}, p_w{of_i.p_w}, q_var{of_i.q_var} {
    const double n = samples;
    const double root_n = std::sqrt(n);
    const auto level = [&](double rms, double s) {
        const double clean = std::sqrt(std::max(rms * rms - s * s * (n - 1) / n, 0.0));
        return Level{rms * rms, 2 * clean * s / root_n, s * s * std::sqrt(2 / n)};
    };
    const auto both = [](double x, double y) { return std::sqrt(x * x + y * y); };
    // Three-wire: the lines are the channels a and c, and their difference; Ib may be one, too.
    const std::array<double, 3> u_s =
        star ? u_noise : std::array{u_noise[0], u_noise[2], both(u_noise[0], u_noise[2])};
    for (std::size_t k = 0; k < 3; ++k) {
        u[k] = level(star ? of_u.phase_rms[k] : of_u.line_rms[k], u_s[k]);
        i[k] = level(of_i.rms[k], i_noise[k]);
    }
    if (!star)
        line = derived(u, u_s, 2);
    if (b_is_worked_out)
        current = derived(i, i_noise, 1);
    /// N times the variance of P and Q of one pair.
    const auto p_variance = [&](const Level& of_voltage, double su, const Level& of_current,
                                double si) {
        return si * si * std::max(of_voltage.square - su * su, 0.0) +
               su * su * std::max(of_current.square - si * si, 0.0) + su * su * si * si;
    };
    const auto q_variance = [&](const std::complex<double>& u1, double su,
                                const std::complex<double>& i1, double si) {
        return std::norm(u1) * si * si + std::norm(i1) * su * su + 2 * su * su * si * si / n;
    };
    if (!star) { // Uab with Ia, Ucb with Ic
        p_alone[0] = std::sqrt(p_variance(u[0], u_s[0], i[0], i_noise[0]) +
                               p_variance(u[1], u_s[1], i[2], i_noise[2])) /
                     root_n;
        q_alone[0] = std::sqrt(q_variance(of_u.x[0][1], u_s[0], of_i.x[0][1], i_noise[0]) +
                               q_variance(of_u.x[1][1], u_s[1], of_i.x[2][1], i_noise[2])) /
                     root_n;
        return;
    }
    for (std::size_t k = 0; k < 3; ++k) {
        const double su = u_s[k];
        const double si = i_noise[k];
        p_with_u[k] = ratio(p_w[k] * su, std::sqrt(std::max(u[k].square - su * su, 0.0)) * root_n);
        p_with_i[k] = ratio(p_w[k] * si, std::sqrt(std::max(i[k].square - si * si, 0.0)) * root_n);
        const double whole = p_variance(u[k], su, i[k], si) / n;
        p_alone[k] =
            std::sqrt(std::max(whole - p_with_u[k] * p_with_u[k] - p_with_i[k] * p_with_i[k], 0.0));
        q_alone[k] = std::sqrt(q_variance(of_u.x[k][1], su, of_i.x[k][1], si)) / root_n;
    }
}

NoisyPowers::Mean NoisyPowers::draw(const Random& stream, std::uint64_t first_sample, int circuit,
                                    std::int64_t windows) const {
    const double share = 1 / std::sqrt(static_cast<double>(windows));
    // The voltages' numbers are the same for every circuit.
    constexpr std::uint64_t of_voltages = 6;
    constexpr std::uint64_t of_circuit = 12;
    Numbers z_u{stream, first_sample};
    Numbers z{stream,
              first_sample + of_voltages + of_circuit * static_cast<std::uint64_t>(circuit)};
    const auto rms = [&](const Level& level, double linear, double quadratic) {
        return std::sqrt(std::max(
            level.square + share * (level.linear * linear + level.quadratic * quadratic), 0.0));
    };
    Mean out;
    out.powers.phases = star;
    std::array<double, 3> zu{}, zi{}, u_rms{}, p{}, q{};
    std::array<bool, 3> runs{};
    for (double& of_level : zu)
        of_level = z_u.normal();
    for (double& of_level : zi)
        of_level = z.normal();
    zu = spread(line, zu);
    zi = spread(current, zi);
    for (std::size_t k = 0; k < 3; ++k) {
        u_rms[k] = rms(u[k], zu[k], z_u.normal());
        out.i_rms[k] = rms(i[k], zi[k], z.normal());
        runs[k] = out.i_rms[k] >= start_a;
        p[k] =
            p_w[k] + share * (p_with_u[k] * zu[k] + p_with_i[k] * zi[k] + p_alone[k] * z.normal());
        q[k] = q_var[k] + share * q_alone[k] * z.normal();
    }
    if (!star)
        runs.fill(runs[0] || runs[1] || runs[2]);
    for (std::size_t k = 0; k < 3; ++k) {
        if (!runs[k])
            continue;
        out.powers.p_w[k] = p[k];
        out.powers.q_var[k] = q[k];
        if (star) {
            out.s_va[k] = u_rms[k] * out.i_rms[k];
            out.powers.s_va += out.s_va[k];
        }
    }
    if (!star && runs[0])
        out.powers.s_va = std::numbers::sqrt3 * (u_rms[0] + u_rms[1] + u_rms[2]) / 3 *
                          (out.i_rms[0] + out.i_rms[1] + out.i_rms[2]) / 3;
    return out;
}

bool NoisyPowers::may_turn() const {
    double p = 0;
    double q = 0;
    double p_deviation = 0;
    double q_deviation = 0;
    const auto turns = [](double mean, double deviation) {
        return deviation > 0 && std::abs(mean) < never * deviation;
    };
    const double start = start_a * start_a;
    std::array<bool, 3> runs{};
    for (std::size_t k = 0; k < 3; ++k) {
        if (start > 0 && turns(i[k].square - start, i[k].linear + i[k].quadratic))
            return true;
        runs[k] = i[k].square >= start;
    }
    if (!star)
        runs = {runs[0] || runs[1] || runs[2], false, false};
    for (std::size_t k = 0; k < 3; ++k) {
        if (!runs[k])
            continue;
        const double of_p = std::abs(p_with_u[k]) + std::abs(p_with_i[k]) + p_alone[k];
        if (turns(p_w[k], of_p) || turns(q_var[k], q_alone[k]))
            return true;
        p += p_w[k];
        q += q_var[k];
        p_deviation += of_p;
        q_deviation += q_alone[k];
    }
    return turns(p, p_deviation) || turns(q, q_deviation);
}

} // namespace kpmsim
