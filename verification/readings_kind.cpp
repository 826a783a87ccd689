// Supply and currents through wires, converter, clock and metering, against the analytic truth.
//
// Quantities, each the worst of the phases and the total:
//   U, I, S              of reading
//   U of Un, I of In     of the rated value
//   P, Q                 of S
//   PF                   absolute
//   f                    Hz
//   angles               degrees
//   harmonics U, I       of the fundamental
//   THD                  absolute, as a fraction
//   u2, u0               absolute, as fractions
// and those that a case's [signal.published] gives, which come from a standard's table or from
// elsewhere and not from our truth: P, Q, Irms, Urms per unit of the whole sines, PF, THD of U and I,
// u2, u0 as fractions; "published" is the worst of them. "NEMA published" and "deviation published" are
// the greatest deviation from the mean, of line and of phase voltages.
#include "quality/unbalance.hpp"
#include "verification/source.hpp"

#include <array>
#include <cmath>
#include <optional>

namespace kpmsim {

namespace {

struct Published {
    std::optional<double> p, q, i, u, pf, thd_u, thd_i;
};

struct Case {
    Source source;
    WiringSpec wiring;
    int windows{1};   ///< averaged
    double offset{0}; ///< DC at the converter, of full scale
    Published published;
    std::vector<double> u2, nema, deviation; ///< by set-up, from a table
};

double off(const Readings& got, const Readings& right, Slot s, int n = 0) {
    return got[slot_at(s, n)] - right[slot_at(s, n)];
}

void relative(std::string_view name, const Readings& got, const Readings& right, Slot s, int count,
              double least, Errors& errors) {
    for (int n = 0; n < count; ++n)
        if (right[slot_at(s, n)] > least)
            errors.add(name, off(got, right, s, n) / right[slot_at(s, n)]);
}

void compare(const Readings& got, const Readings& right, const Drawn& d, Errors& errors) {
    relative("U", got, right, Slot::u_a, 6, 1e-3 * d.un_v, errors);
    relative("I", got, right, Slot::i_a, 3, 1e-6 * d.in_a, errors);
    relative("S", got, right, Slot::s_a, 4, 1e-6 * d.in_a * d.un_v, errors);
    for (int n = 0; n < 6; ++n)
        errors.add("U of Un", off(got, right, Slot::u_a, n) / d.un_v);
    for (int n = 0; n < 4; ++n) {
        if (n < 3)
            errors.add("I of In", off(got, right, Slot::i_a, n) / d.in_a);
        const double s = right[slot_at(Slot::s_a, n)];
        if (s > 0) {
            errors.add("P", off(got, right, Slot::p_a, n) / s);
            errors.add("Q", off(got, right, Slot::q_a, n) / s);
            errors.add("PF", off(got, right, Slot::pf_a, n));
        }
        const double p = std::abs(right[slot_at(Slot::p_a, n)]);
        const double q = std::abs(right[slot_at(Slot::q_a, n)]);
        if (p > 0.01 * s)
            errors.add("P of reading", off(got, right, Slot::p_a, n) / p);
        if (q > 0.01 * s)
            errors.add("Q of reading", off(got, right, Slot::q_a, n) / q);
    }
    errors.add("f", off(got, right, Slot::f));
    for (int n = 0; n < 6; ++n) {
        if (right[harmonic_slot(n, 1)] > 0)
            errors.add("angles", std::remainder(off(got, right, Slot::angle_u_a, n), 360));
        const double fundamental = right[harmonic_slot(n, 1)];
        if (fundamental > 0) {
            for (int h = 1; h <= max_harmonic; ++h)
                errors.add(n < 3 ? "harmonics U" : "harmonics I",
                           off(got, right, harmonic_slot(n, h)) / fundamental);
            errors.add("THD", off(got, right, Slot::thd_u_a, n) / 100);
        }
    }
    errors.add("u2", off(got, right, Slot::unb_u2) / 100);
    errors.add("u0", off(got, right, Slot::unb_u0) / 100);
}

void compare(const Readings& got, const Published& p, const Drawn& d, Errors& errors) {
    const auto check = [&](double value, std::optional<double> right) {
        if (right)
            errors.add("published", value - *right);
    };
    const double s = d.u_v * d.i_a;
    for (int n = 0; n < 3; ++n) {
        check(got[slot_at(Slot::p_a, n)] / s, p.p);
        check(got[slot_at(Slot::q_a, n)] / s, p.q);
        check(got[slot_at(Slot::u_a, n)] / d.u_v, p.u);
        check(got[slot_at(Slot::i_a, n)] / d.i_a, p.i);
        check(got[slot_at(Slot::pf_a, n)], p.pf);
        check(got[slot_at(Slot::thd_u_a, n)] / 100, p.thd_u);
        check(got[slot_at(Slot::thd_i_a, n)] / 100, p.thd_i);
    }
}

/// Mean of the readings of some windows; angles as in the last one.
struct Mean {
    Readings sum;
    int windows{0};

    void add(const Readings& r) {
        for (std::size_t n = 0; n < reading_slots; ++n)
            sum.value[n] += r.value[n];
        ++windows;
    }
    Readings mean(const Readings& last) const {
        Readings r = sum;
        for (double& v : r.value)
            v /= windows;
        for (int n = 0; n < 6; ++n)
            r[slot_at(Slot::angle_u_a, n)] = last[slot_at(Slot::angle_u_a, n)];
        return r;
    }
};

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const int setup = draw.setup();
    const Drawn d = draw_source(c.source, draw);
    MeteringConfig config = converter(c.wiring, d.f_hz, mode, d.full_u_v, d.full_i_a);
    for (AdcChannel& adc : config.adc)
        adc.offset = c.offset;
    Rig rig{d.supply, c.wiring, config, told(c.wiring), draw};
    const auto step = [&] {
        rig.open();
        d.into(rig.window);
        rig.close(d.i);
    };
    for (int n = 0; n < settling_windows; ++n)
        step();
    Mean got, right;
    for (int n = 0; n < c.windows; ++n) {
        step();
        got.add(rig.shown());
        right.add(rig.right());
    }
    const Readings mean = got.mean(rig.shown());
    compare(mean, right.mean(rig.right()), d, errors);
    compare(mean, c.published, d, errors);
    const auto in_table = [&](std::string_view name, const std::vector<double>& table,
                              double shown) {
        if (!table.empty())
            errors.add(name, shown - table[static_cast<std::size_t>(setup) % table.size()]);
    };
    const auto deviation = [&](Slot first) {
        return max_deviation(
            std::array{mean[first], mean[slot_at(first, 1)], mean[slot_at(first, 2)]});
    };
    in_table("u2 published", c.u2, mean[Slot::unb_u2] / 100);
    in_table("NEMA published", c.nema, deviation(Slot::u_ab));
    in_table("deviation published", c.deviation, deviation(Slot::u_a));
    errors.add("clipped", static_cast<double>(rig.metering.clipped()));
}

Published take_published(TomlTable& signal) {
    Published p;
    p.p = signal.number("published_p");
    p.q = signal.number("published_q");
    p.u = signal.number("published_u");
    p.i = signal.number("published_i");
    p.pf = signal.number("published_pf");
    p.thd_u = signal.number("published_thd_u");
    p.thd_i = signal.number("published_thd_i");
    return p;
}

} // namespace

Run readings_kind(TomlTable& signal) {
    Case c;
    take(signal, c.source);
    c.windows = static_cast<int>(signal.integer("windows", 1, 100'000).value_or(1));
    c.offset = signal.number("offset").value_or(0);
    c.published = take_published(signal);
    const auto table = [&](const char* key) {
        Parameter values{0.0};
        take(signal, key, values);
        return signal.node(key) != nullptr ? values.value : std::vector<double>{};
    };
    c.u2 = table("published_u2");
    c.nema = table("published_nema");
    c.deviation = table("published_deviation");
    c.wiring.mode = take_wiring(signal);
    return [c](Draw draw, Mode m, Errors& errors) { run(c, draw, m, errors); };
}

} // namespace kpmsim
