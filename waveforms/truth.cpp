#include "waveforms/terminals.hpp"

#include "waveforms/argument.hpp"
#include "waveforms/leads.hpp"
#include "waveforms/true_samples.hpp"
#include "waveforms/wired_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <optional>
#include <span>
#include <utility>
#include <vector>

// What the readings are of, from the phasors alone: no samples, no window, no code shared with the
// metering, so that the two can be held against each other.
//
//     U^2 = sum |U_h|^2 + tones + noise      P = sum Re{ U_h conj I_h }      Q = Im{ U_1 conj I_1 }
//
// Star: per phase, totals are sums. Delta, with B as reference (two wattmeters):
//     P = sum Re{ Uab_h conj Ia_h + Ucb_h conj Ic_h },  S = sqrt(3) mean(ULL) mean(I);
// the star that has these line voltages and no zero sequence, Ua = (Uab - Uca) / 3, gives the
// angles and the symmetrical components.
//
// In a window that changes, phasors do not say it all. There U^2 and P are the mean products of the
// written rows, less the product of their means, and the phasors are the rows' Fourier series.
//
// A window in the middle of which somebody works on the wiring is such a one, too: its rows are those of
// one wiring up to a row, and those of another from it on.
//
// What phasors leave of each other where they should cancel is rounding, and is taken for nothing: the
// negative sequence over a positive one that is not there would be noise over noise.

namespace kpmsim {
namespace {

using Complex = std::complex<double>;
using Three = std::array<double, 3>;
using ThreePhasors = std::array<Complex, 3>;

/// What has no value: a ratio to nothing, an angle of nothing.
constexpr double none = std::numeric_limits<double>::quiet_NaN();

double magnitude(const Complex& x) { return std::sqrt(std::norm(x)); }

/// Tells a sum from what its terms' rounding leaves: so much of their size.
struct Rounding {
    double part;

    double beyond(double value, double size) const {
        return std::abs(value) > part * size ? value : 0.0;
    }
    Complex beyond(const Complex& value, double size) const {
        return magnitude(value) > part * size ? value : 0.0;
    }
};

double lag_deg(const Complex& of, const Complex& x) {
    return argument(of * std::conj(x)) * (180.0 / std::numbers::pi);
}

double square(const Spectrum& x) {
    double sum = 0.0;
    for (int h = 1; h < Spectrum::orders; ++h)
        sum += std::norm(x[h]);
    return sum;
}

/// Ratios and angles hang on the fundamental, and on no other order.
Spectrum combination(double a, const Spectrum& x, double b, const Spectrum& y,
                     const Rounding& rounding) {
    Spectrum out;
    for (int h = 0; h < Spectrum::orders; ++h)
        out[h] = a * x[h] + b * y[h];
    out[1] = rounding.beyond(out[1], magnitude(a * x[1]) + magnitude(b * y[1]));
    return out;
}

/// A wave by its phasors and, in a window that changes, by its rows.
struct Wave {
    Spectrum x;
    std::vector<double> rows;
};

Wave wave_of(std::vector<double> rows) { return {fourier_series(rows), std::move(rows)}; }

/// Mean product without DC.
double product(const Wave& x, const Wave& y) {
    double xy = 0.0;
    double of_x = 0.0;
    double of_y = 0.0;
    for (std::size_t n = 0; n < x.rows.size(); ++n) {
        xy += x.rows[n] * y.rows[n];
        of_x += x.rows[n];
        of_y += y.rows[n];
    }
    const auto samples = static_cast<double>(x.rows.size());
    return (xy - of_x * of_y / samples) / samples;
}

double square(const Wave& x) { return x.rows.empty() ? square(x.x) : product(x, x); }

Wave combination(double a, const Wave& x, double b, const Wave& y, const Rounding& rounding) {
    Wave out{combination(a, x.x, b, y.x, rounding), x.rows};
    for (std::size_t n = 0; n < out.rows.size(); ++n)
        out.rows[n] = a * x.rows[n] + b * y.rows[n];
    return out;
}

Three combination(double a, const Three& x, double b, const Three& y) {
    Three out{};
    for (std::size_t p = 0; p < 3; ++p)
        out[p] = a * x[p] + b * y[p];
    return out;
}

/// Rows of a window, wired in one way.
struct Part {
    const TerminalSpectra* terminals;
    const SupplyWindow* supply;
    const WiringSpec* wiring;
    int first_row, last_row;
    Leads leads = voltage_leads(*wiring);

    double share() const {
        return static_cast<double>(last_row - first_row) / supply->window.samples();
    }
};
using Parts = std::span<const Part>;

/// What a voltage takes of each phase: that of one channel, or of one less another's.
Three taken(const Leads& leads, std::size_t of, std::optional<std::size_t> less) {
    return less ? combination(1, leads[of], -1, leads[*less]) : leads[of];
}

double rms_v(const Wave& wave, Parts parts, std::size_t of, std::optional<std::size_t> less = {}) {
    double sum = square(wave);
    for (const Part& part : parts) {
        const Three of_phase = taken(part.leads, of, less);
        Complex tone = 0.0;
        for (std::size_t p = 0; p < 3; ++p) {
            tone += of_phase[p] * part.supply->tone_factor[p];
            const double noise_v = of_phase[p] * part.supply->noise_v;
            sum += part.share() * noise_v * noise_v;
        }
        if (wave.rows.empty()) // rows hold them
            for (const Interharmonic& t : part.supply->interharmonics)
                sum += std::norm(tone * t.fraction);
    }
    return std::sqrt(std::max(sum, 0.0));
}

/// The rows of all parts, `of` giving those that one would have through the whole window.
template <class Of>
Wave wave_of_rows(Parts parts, const Of& of) {
    std::vector<double> rows;
    for (const Part& part : parts) {
        const std::vector<double> whole = of(part);
        rows.insert(rows.end(), whole.begin() + part.first_row, whole.begin() + part.last_row);
    }
    return wave_of(std::move(rows));
}

Wave voltage_of(Parts parts, int channel, bool by_rows) {
    if (by_rows)
        return wave_of_rows(parts, [&](const Part& part) {
            return voltage_samples(*part.supply, *part.wiring, channel);
        });
    const Part& whole = parts.front();
    return {
        scaled(whole.wiring->pt_ratio, whole.terminals->channel[static_cast<std::size_t>(channel)]),
        {}};
}

double ratio(double part, double whole) { return whole > 0.0 ? part / whole : none; }

void set(Readings& r, Slot first, int n, double value) { r[slot_at(first, n)] = value; }

/// Percent of (max - min) in the mean.
double spread(const Three& x, const Rounding& rounding) {
    const auto [low, high] = std::minmax_element(x.begin(), x.end());
    return 100.0 * ratio(rounding.beyond(*high - *low, *high), (x[0] + x[1] + x[2]) / 3.0);
}

void components(const ThreePhasors& x, Slot zero, const Rounding& rounding, Readings& r) {
    const Complex a{-0.5, std::numbers::sqrt3 / 2.0};
    const double size = magnitude(x[0]) + magnitude(x[1]) + magnitude(x[2]);
    const auto put = [&](int n, const Complex& sum) {
        set(r, zero, n, magnitude(rounding.beyond(sum, size)) / 3.0);
    };
    put(0, x[0] + x[1] + x[2]);
    put(1, x[0] + a * x[1] + std::conj(a) * x[2]);
    put(2, x[0] + std::conj(a) * x[1] + a * x[2]);
}

void lags(const ThreePhasors& of, const ThreePhasors& x, int phases, Slot first,
          const Rounding& rounding, Readings& r) {
    const auto reference = std::find_if(of.begin(), of.end(), [](Complex u) { return u != 0.0; });
    for (int c = 0; c < phases; ++c) {
        const Complex mine = x[static_cast<std::size_t>(c)];
        set(r, first, c, none);
        if (reference == of.end() || mine == 0.0)
            continue;
        const double lag = rounding.beyond(lag_deg(*reference, mine), 360.0);
        set(r, first, c, lag < 0.0 ? lag + 360.0 : lag);
    }
}

void spectrum(const Spectrum& x, int channel, Readings& r) {
    double distortion = 0.0;
    for (int h = 1; h <= max_harmonic; ++h) {
        r[harmonic_slot(channel, h)] = magnitude(x[h]);
        distortion += h > 1 ? std::norm(x[h]) : 0.0;
    }
    set(r, Slot::thd_u_a, channel, 100.0 * ratio(std::sqrt(distortion), magnitude(x[1])));
}

double active(const Wave& u, const Wave& i) {
    if (!u.rows.empty())
        return product(u, i);
    double sum = 0.0;
    for (int h = 1; h < Spectrum::orders; ++h)
        sum += std::real(u.x[h] * std::conj(i.x[h]));
    return sum;
}

double reactive(const Wave& u, const Wave& i, const Rounding& rounding) {
    const Complex s = u.x[1] * std::conj(i.x[1]);
    return rounding.beyond(std::imag(s), magnitude(s));
}

void star_powers(const std::array<Wave, 3>& u, const std::array<Wave, 3>& i,
                 const Rounding& rounding, Readings& r) {
    for (int c = 0; c < 3; ++c) {
        const auto n = static_cast<std::size_t>(c);
        const double p = active(u[n], i[n]);
        const double q = reactive(u[n], i[n], rounding);
        const double s = r[slot_at(Slot::u_a, c)] * r[slot_at(Slot::i_a, c)];
        set(r, Slot::p_a, c, p);
        set(r, Slot::q_a, c, q);
        set(r, Slot::s_a, c, s);
        set(r, Slot::pf_a, c, ratio(p, s));
        r[Slot::p] += p;
        r[Slot::q] += q;
        r[Slot::s] += s;
    }
}

void delta_powers(const Wave& ab, const Wave& cb, const std::array<Wave, 3>& i,
                  const Rounding& rounding, Readings& r) {
    const double q_ab = reactive(ab, i[0], rounding);
    const double q_cb = reactive(cb, i[2], rounding);
    r[Slot::p] = active(ab, i[0]) + active(cb, i[2]);
    r[Slot::q] = rounding.beyond(q_ab + q_cb, std::abs(q_ab) + std::abs(q_cb));
    r[Slot::s] = std::numbers::sqrt3 * (r[Slot::u_ab] + r[Slot::u_bc] + r[Slot::u_ca]) / 3.0 *
                 (r[Slot::i_a] + r[Slot::i_b] + r[Slot::i_c]) / 3.0;
}

/// What takes a neutral wire to be told.
void without_neutral(Readings& r) {
    for (const Slot first : {Slot::u_a, Slot::p_a, Slot::q_a, Slot::s_a, Slot::pf_a})
        for (int c = 0; c < 3; ++c)
            set(r, first, c, none);
    r[Slot::u_zero] = none;
    r[Slot::unb_u0] = none;
}

/// One terminal's current, at the primary.
Wave current_of(Parts parts, int circuit, int terminal, bool by_rows) {
    if (by_rows)
        return wave_of_rows(parts, [&](const Part& part) {
            return current_samples(*part.terminals, *part.supply, *part.wiring, circuit, terminal);
        });
    const Part& whole = parts.front();
    const int channel = whole.terminals->channels.current(circuit, terminal);
    return {scaled(whole.wiring->ct_ratio[static_cast<std::size_t>(circuit)],
                   whole.terminals->channel[static_cast<std::size_t>(channel)]),
            {}};
}

double rms(const Wave& x) { return std::sqrt(std::max(square(x), 0.0)); }

/// One voltage, one current: nothing else has a value.
Readings one_phase(Parts parts, int circuit, bool by_rows, const Rounding& rounding) {
    Readings r;
    r.value.fill(none);
    const Wave u = voltage_of(parts, 0, by_rows);
    const Wave i = current_of(parts, circuit, 0, by_rows);
    r[Slot::u_a] = rms_v(u, parts, 0);
    r[Slot::i_a] = rms(i);
    r[Slot::p] = r[Slot::p_a] = active(u, i);
    r[Slot::q] = r[Slot::q_a] = reactive(u, i, rounding);
    r[Slot::s] = r[Slot::s_a] = r[Slot::u_a] * r[Slot::i_a];
    r[Slot::pf] = r[Slot::pf_a] = ratio(r[Slot::p], r[Slot::s]);
    const ThreePhasors u1{u.x[1]};
    r[Slot::f] = u1[0] != 0.0 ? parts.front().supply->f_hz : none;
    lags(u1, u1, 1, Slot::angle_u_a, rounding, r);
    lags(u1, {i.x[1]}, 1, Slot::angle_i_a, rounding, r);
    spectrum(u.x, 0, r);
    spectrum(i.x, 3, r);
    if (parts.front().terminals->channels.neutral)
        r[Slot::i_n] = rms(current_of(parts, circuit, 1, by_rows));
    return r;
}

/// A double's step for each of the dozen products behind a written phasor, or each row of a series.
Rounding rounding_of(const SupplyWindow& supply, bool by_rows) {
    return {(by_rows ? supply.window.samples() : 16) * 0x1p-52};
}

/// Three-phase circuits, which share their voltages.
class ThreePhases {
public:
    ThreePhases(Parts parts, bool by_rows)
        : parts_{parts}, star_{parts.front().wiring->mode == Wiring::p4l}, by_rows_{by_rows},
          rounding_{rounding_of(*parts.front().supply, by_rows)},
          slipping_{by_rows ? 2.0 * std::numbers::pi * 0x1p-24 : rounding_.part} {
        for (int c = 0; c < 3; ++c)
            channel_[static_cast<std::size_t>(c)] = voltage_of(parts, c, by_rows);
        const auto& [a, b, c] = channel_; // delta: b is nothing, the reference
        line_ = {combination(1, a, -1, b, rounding_), combination(1, b, -1, c, rounding_),
                 combination(1, c, -1, a, rounding_)};
        star_u_ = {a.x[1], b.x[1], c.x[1]};
        if (!star_)
            for (std::size_t n = 0; n < 3; ++n)
                star_u_[n] = rounding_.beyond((line_[n].x[1] - line_[(n + 2) % 3].x[1]) / 3.0,
                                              magnitude(line_[n].x[1]));
        read_voltages();
    }

    void read(int circuit, Readings& r) const {
        std::array<Wave, 3> i;
        for (int n = 0; n < 3; ++n)
            i[static_cast<std::size_t>(n)] = current_of(parts_, circuit, n, by_rows_);
        if (parts_.front().wiring->mode == Wiring::p3l2)
            i[1] = combination(-1.0, i[0], -1.0, i[2], rounding_);
        r = shared_;
        for (int n = 0; n < 3; ++n) {
            const Wave& mine = i[static_cast<std::size_t>(n)];
            set(r, Slot::i_a, n, rms(mine));
            spectrum(mine.x, 3 + n, r);
        }
        if (star_)
            star_powers(channel_, i, rounding_, r);
        else
            delta_powers(channel_[0], channel_[2], i, rounding_, r);
        r[Slot::pf] = ratio(r[Slot::p], r[Slot::s]);
        const ThreePhasors i1{i[0].x[1], i[1].x[1], i[2].x[1]};
        components(i1, Slot::i_zero, slipping_, r);
        lags(star_u_, i1, 3, Slot::angle_i_a, rounding_, r);
        r[Slot::unb_i] = spread({r[Slot::i_a], r[Slot::i_b], r[Slot::i_c]}, rounding_);
        if (!star_)
            without_neutral(r);
    }

private:
    void read_voltages() {
        Readings& r = shared_;
        for (int n = 0; n < 3; ++n) {
            const auto k = static_cast<std::size_t>(n);
            if (star_)
                set(r, Slot::u_a, n, rms_v(channel_[k], parts_, k));
            set(r, Slot::u_ab, n, rms_v(line_[k], parts_, k, (k + 1) % 3));
            spectrum(star_ ? channel_[k].x : line_[k].x, n, r);
        }
        r[Slot::i_n] = none;
        r[Slot::f] = star_u_ != ThreePhasors{} ? parts_.front().supply->f_hz : none;
        components(star_u_, Slot::u_zero, slipping_, r);
        lags(star_u_, star_u_, 3, Slot::angle_u_a, rounding_, r);
        const Slot u = star_ ? Slot::u_a : Slot::u_ab;
        r[Slot::unb_u] = spread({r[u], r[slot_at(u, 1)], r[slot_at(u, 2)]}, rounding_);
        r[Slot::unb_u2] = 100.0 * ratio(r[Slot::u_neg], r[Slot::u_pos]);
        r[Slot::unb_u0] = 100.0 * ratio(r[Slot::u_zero], r[Slot::u_pos]);
    }

    Parts parts_;
    bool star_;
    bool by_rows_;
    Rounding rounding_;
    /// A series holds what its window slips; up to 2^-24 turn counts as none
    /// (SupplyWindow::coherent).
    Rounding slipping_;
    std::array<Wave, 3> channel_;
    std::array<Wave, 3> line_;
    ThreePhasors star_u_{};
    Readings shared_; ///< what no current decides
};

void read_parts(Parts parts, int first, std::span<Readings* const> circuits) {
    const bool by_rows =
        parts.size() > 1 || parts.front().supply->changes() || parts.front().terminals->changes();
    if (parts.front().wiring->mode == Wiring::one_phase) {
        for (Readings* out : circuits)
            *out = one_phase(parts, first++, by_rows, rounding_of(*parts.front().supply, by_rows));
        return;
    }
    const ThreePhases phases{parts, by_rows};
    for (Readings* out : circuits)
        phases.read(first++, *out);
}

} // namespace

void truth_if_any(const TerminalSpectra& terminals, const SupplyWindow& supply,
                  const WiringSpec& wiring, int first, std::span<Readings* const> circuits) {
    const Part whole{&terminals, &supply, &wiring, 0, supply.window.samples()};
    read_parts({&whole, 1}, first, circuits);
}

void truth_if_any(std::span<const WiredRows> parts, int first,
                  std::span<Readings* const> circuits) {
    std::vector<Part> all;
    for (const WiredRows& part : parts)
        all.push_back({&part.terminals, &part.seen, &part.wiring, part.first_row, part.last_row});
    read_parts(all, first, circuits);
}

Readings truth_if_any(const TerminalSpectra& terminals, const SupplyWindow& supply,
                      const WiringSpec& wiring, int circuit) {
    Readings r;
    const std::array out{&r};
    truth_if_any(terminals, supply, wiring, circuit, out);
    return r;
}

Readings truth(const TerminalSpectra& terminals, const SupplyWindow& supply,
               const WiringSpec& wiring, int circuit) {
    Readings r = truth_if_any(terminals, supply, wiring, circuit);
    for (double& value : r.value)
        if (std::isnan(value))
            value = 0.0;
    return r;
}

} // namespace kpmsim
