#include "fixture.hpp"
#include "sim/accuracy.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

using namespace kpmsim;

namespace {

constexpr double imax = 1e9;
constexpr double window_s = 0.2;

/// A row of a table of limits, written once more and by hand from the standards: what the factory
/// tests by must not be what it is tested by. Currents in In, or Ib.
struct Row {
    double from, to;
    char side; ///< L inductive, C capacitive
    double factor;
    bool one_phase;
    double limit; ///< %
};

// IEC 62053-22, class 0.5S.
const std::vector<Row> class_05s{
    {0.01, 0.05, 'L', 1.0, false, 1.0}, {0.05, imax, 'L', 1.0, false, 0.5},
    {0.02, 0.1, 'L', 0.5, false, 1.0},  {0.02, 0.1, 'C', 0.8, false, 1.0},
    {0.1, imax, 'L', 0.5, false, 0.6},  {0.1, imax, 'C', 0.8, false, 0.6},
    {0.1, imax, 'L', 0.25, false, 1.0}, {0.1, imax, 'C', 0.5, false, 1.0},
    {0.05, imax, 'L', 1.0, true, 0.6},  {0.1, imax, 'L', 0.5, true, 1.0},
};
// IEC 62053-21, class 1: for transformers; for direct connection every current is twice that, but
// the first row's.
const std::vector<Row> class_1{
    {0.02, 0.05, 'L', 1.0, false, 1.5}, {0.05, imax, 'L', 1.0, false, 1.0},
    {0.05, 0.1, 'L', 0.5, false, 1.5},  {0.05, 0.1, 'C', 0.8, false, 1.5},
    {0.1, imax, 'L', 0.5, false, 1.0},  {0.1, imax, 'C', 0.8, false, 1.0},
    {0.1, imax, 'L', 0.25, false, 3.5}, {0.1, imax, 'C', 0.5, false, 2.5},
    {0.05, imax, 'L', 1.0, true, 2.0},  {0.1, imax, 'L', 0.5, true, 2.0},
};
// IEC 62053-23, class 2, of either side.
const std::vector<Row> reactive_2{
    {0.02, 0.05, 'L', 1.0, false, 2.5}, {0.05, imax, 'L', 1.0, false, 2.0},
    {0.05, 0.1, 'L', 0.5, false, 2.5},  {0.1, imax, 'L', 0.5, false, 2.0},
    {0.1, imax, 'L', 0.25, false, 2.5},
};

struct Promise {
    std::string model, rating;
    double reference_a, most_a;
    bool s_class, direct;
    double u, i;            ///< %
    double balanced_to_one; ///< %
};
const std::vector<Promise> promises{
    {"kpm312", "A", 5, 6, false, false, 0.5, 0.5, 1.5},
    {"kpm312", "D", 800, 960, false, false, 0.5, 0.5, 1.5},
    {"kpm37", "5", 5, 6, true, false, 0.2, 0.2, 1.0},
    {"kpm37", "100", 100, 120, false, false, 0.2, 0.5, 1.5},
    {"kpm53", "5", 5, 6, true, false, 0.2, 0.2, 1.0},
    {"kpm33b", "100", 20, 100, true, false, 0.2, 0.2, 1.0}, // 0.2 A and 1 A: 0.01 and 0.05 of 20 A
    {"kpm33b", "5", 5, 6, true, false, 0.2, 0.2, 1.0},
    {"direct", "100", 20, 100, false, true, 0.5, 0.5, 1.5},
};

/// A KPM33B of class 1 for direct connection; no built-in meter is one.
const MeterType& direct_type() {
    static const MeterType type = [] {
        MeterType t = *test::library().find("kpm33b");
        AccuracyClass limits;
        limits.direct = true;
        limits.reference = 0.2;
        limits.most = 1;
        t.accuracy = {{{}, limits, 0, false, ""}};
        return t;
    }();
    return type;
}

MeterSpec spec_of(const Promise& p) {
    MeterSpec spec;
    spec.type = p.direct ? &direct_type() : test::library().find(p.model);
    spec.serial = "3121225AC0001";
    spec.ratings.assign(static_cast<std::size_t>(spec.type->circuits), p.rating);
    return spec;
}

/// The greatest |error| / limit met, and where.
struct Worst {
    double use{0};
    std::string where;
    void meet(double error, double limit_percent, const std::string& at) {
        const double now = std::abs(error) / (limit_percent * 0.01);
        if (now > use) {
            use = now;
            where = at;
        }
    }
};

/// A bench that puts sines of 50 Hz on one unit and reads its registers.
class Bench {
public:
    Bench(const Promise& p, const MeterErrors& errors, double ambient_c = reference_c)
        : p_{p}, served_{spec_of(p)}, config_{with_errors(served_, errors, ambient_c)},
          meter_{config_, metering_settings(spec_of(p), first_memory(spec_of(p))),
                 Random{1, "bench"}} {
        data_.resize(static_cast<std::size_t>(config_.channels().size()) * max_samples_per_window);
        block_.channels = config_.channels().size();
        block_.rows = samples_per_cycle; // every cycle is the same
        block_.data = data_;
        block_.window = {SimTime{}, std::chrono::milliseconds{200}, 10};
    }

    /// All circuits carry `amps` in the phases told, lagging their voltages by `lag_rad`.
    void put(double amps, double lag_rad, int only_phase = -1) {
        for (int c = 0; c < config_.channels().size(); ++c) {
            const AdcChannel& adc = config_.adc[static_cast<std::size_t>(c)];
            const bool current = c >= 3;
            const double rms = !current ? 220 : only_phase < 0 || only_phase == c % 3 ? amps : 0;
            const double angle =
                -2 * std::numbers::pi / 3 * (c % 3) - (current ? lag_rad : 0) - adc.phase_error_rad;
            const double scale = std::numbers::sqrt2 * rms / adc.full_scale;
            for (int n = 0; n < samples_per_cycle; ++n)
                block_.channel(c)[static_cast<std::size_t>(n)] =
                    scale * (sine(n) * std::cos(angle) + sine(n + 32) * std::sin(angle));
        }
        meter_.clear_energy();
        meter_.push(block_, {});
        block_.window.start = block_.window.end();
    }

    double reading(int circuit, Slot slot) const { return meter_.state(circuit).readings[slot]; }
    /// J
    double energy(int circuit, Energy in, Energy out) const {
        const auto of = [&](Energy e) {
            const EnergyCount& count = meter_.state(circuit).energy[e];
            return static_cast<double>(count.wh) * 3600 + static_cast<double>(count.uj) * 1e-6;
        };
        return of(in) - of(out);
    }
    int circuits() const { return config_.circuits; }

    /// Every promise of the model, at the ends of each row's range and at the points of a
    /// transformer's curve in it.
    Worst run() {
        for (const Row& row : p_.s_class ? class_05s : class_1)
            each_level(row, [&](double amps) { active(row, amps); });
        for (const Row& row : reactive_2)
            for (const double side : {1.0, -1.0})
                each_level(row, [&](double amps) { reactive(row, side, amps); });
        apart();
        return worst;
    }

    Worst worst;

private:
    static MeteringConfig with_errors(const Meter& meter, const MeterErrors& errors,
                                      double ambient_c) {
        MeteringConfig config = metering_config(meter.spec());
        add_errors(errors, ambient_c, config);
        return config;
    }
    static double sine(int n) {
        static const std::array<double, samples_per_cycle> table = [] {
            std::array<double, samples_per_cycle> t{};
            for (std::size_t k = 0; k < t.size(); ++k)
                t[k] = std::sin(2 * std::numbers::pi * static_cast<double>(k) / samples_per_cycle);
            return t;
        }();
        return table[static_cast<std::size_t>(n % samples_per_cycle)];
    }

    template <class Visit>
    void each_level(const Row& row, Visit&& visit) {
        const double unit = p_.reference_a * (p_.direct ? 2 : 1);
        // 0.02 In has 0.05 Ib beside it.
        const double first =
            p_.direct && row.from == 0.02 ? 0.05 * p_.reference_a : row.from * unit;
        const double last = row.to == imax ? p_.most_a : row.to * unit * 0.99999;
        visit(first);
        visit(last);
        const double rated = config_.rated_a[0];
        for (const double level : {0.01, 0.05, 0.2, 1.0, 1.2})
            if (level * rated > first && level * rated < last)
                visit(level * rated);
    }

    void active(const Row& row, double amps) {
        const double lag = std::acos(row.factor) * (row.side == 'L' ? 1 : -1);
        for (int phase = row.one_phase ? 0 : -1; phase < (row.one_phase ? 3 : 0); ++phase) {
            put(amps, lag, phase);
            const double right = (row.one_phase ? 1 : 3) * 220 * amps * row.factor * window_s;
            const std::string at =
                fmt::format("P at {} A, PF {}{}, phase {}", amps, row.factor, row.side, phase);
            for (int circuit = 0; circuit < circuits(); ++circuit) {
                worst.meet(energy(circuit, Energy::p_import, Energy::p_export) / right - 1,
                           row.limit, at);
                if (row.one_phase || row.factor != 1)
                    continue;
                for (int c = 0; c < 3; ++c) {
                    worst.meet(reading(circuit, slot_at(Slot::u_a, c)) / 220 - 1, p_.u, "U");
                    if (amps >= 0.05 * p_.reference_a)
                        worst.meet(reading(circuit, slot_at(Slot::i_a, c)) / amps - 1, p_.i,
                                   fmt::format("I at {} A", amps));
                }
                worst.meet(reading(circuit, Slot::f) - 50, 2.0, "f"); // 0.02 Hz
            }
        }
    }

    void reactive(const Row& row, double side, double amps) {
        put(amps, side * std::asin(row.factor));
        const double right = 3 * 220 * amps * side * row.factor * window_s;
        for (int circuit = 0; circuit < circuits(); ++circuit)
            worst.meet(energy(circuit, Energy::q_import, Energy::q_export) / right - 1, row.limit,
                       fmt::format("Q at {} A, sin {}", amps, side * row.factor));
    }

    void apart() {
        const double one = 220 * p_.reference_a;
        put(p_.reference_a, 0);
        std::array<double, max_circuits> balanced{};
        for (int circuit = 0; circuit < circuits(); ++circuit)
            balanced[static_cast<std::size_t>(circuit)] = reading(circuit, Slot::p) / (3 * one);
        for (int phase = 0; phase < 3; ++phase) {
            put(p_.reference_a, 0, phase);
            for (int circuit = 0; circuit < circuits(); ++circuit)
                worst.meet(reading(circuit, Slot::p) / one -
                               balanced[static_cast<std::size_t>(circuit)],
                           p_.balanced_to_one, "balanced against one phase");
        }
    }

    const Promise& p_;
    Meter served_;
    MeteringConfig config_;
    Metering meter_;
    std::vector<double> data_;
    SampleBlock block_;
};

MeterErrors unit(const Promise& p, int number) {
    return draw_errors(accuracy_of(spec_of(p)), metering_config(spec_of(p)).channels(),
                       Random{42, fmt::format("meter/{}-{}/errors", p.model, number)});
}

} // namespace

TEST_SUITE("validation") {

    TEST_CASE("a hundred drawn units of each model keep every row of their class tables") {
        for (const Promise& p : promises) {
            double mean = 0, most = 0;
            std::string where;
            for (int n = 0; n < 100; ++n) {
                const Worst worst = Bench{p, unit(p, n)}.run();
                mean += worst.use / 100;
                if (worst.use > most) {
                    most = worst.use;
                    where = worst.where;
                }
            }
            MESSAGE(p.model, " ", p.rating, ": use of the class, mean ", mean, ", most ", most,
                    " (", where, ")");
            // The factory's margin, and four sigma of a converter's noise, 101 dB below full scale, in a
            // window's 1280 samples where the least current stands that has limits.
            const double full_scale = metering_config(spec_of(p)).adc[3].full_scale;
            const double noise_a = full_scale / std::sqrt(2.0) * std::pow(10, -101.0 / 20);
            const double sigma = noise_a / std::sqrt(1280) / (0.05 * p.reference_a * p.i / 100);
            CHECK(most < 0.8 + 4 * sigma);
            CHECK(mean > 0.6); // they do spread
        }
    }

    TEST_CASE("what the factory works out is what a bench measures, when there is no noise") {
        for (const Promise& p : promises) {
            const auto classes = accuracy_of(spec_of(p));
            double apart = 0;
            for (int n = 0; n < 20; ++n) {
                MeterErrors errors = unit(p, n);
                for (ChannelErrors& channel : errors.channel)
                    channel.noise_rms = 0;
                double expected = 0;
                for (std::size_t circuit = 0; circuit < classes.size(); ++circuit)
                    expected =
                        std::max(expected, class_use(errors, metering_config(spec_of(p)).channels(),
                                                     static_cast<int>(circuit), classes[circuit]));
                apart = std::max(apart, std::abs(Bench{p, errors}.run().use - expected));
            }
            MESSAGE(p.model, " ", p.rating, ": apart by ", apart, " of the limit");
            CHECK(apart < 0.005); // the crystal, and the level read with the gain's error
        }
    }

    TEST_CASE("units with three times the errors fail their promises") {
        for (const Promise& p : promises) {
            int fail = 0, fail_tables = 0;
            for (int n = 0; n < 100; ++n) {
                const Worst worst = Bench{p, scaled(unit(p, n), 3)}.run();
                fail += worst.use > 1;
                Promise tables = p;
                tables.u = tables.i = 100;
                fail_tables += Bench{tables, scaled(unit(p, n), 3)}.run().use > 1;
            }
            MESSAGE(p.model, " ", p.rating, ": of 100 units ", fail, " fail, ", fail_tables,
                    " of them at a row of the energy tables");
            CHECK(fail == 100);
            CHECK(fail_tables >= 50);
        }
    }

    TEST_CASE("the errors of a model are spread evenly over what its class allows") {
        const Promise& p = promises[4]; // KPM53, 0.2 %
        constexpr int units = 400;
        double sum = 0, square = 0, most = 0, crystal = 0;
        for (int n = 0; n < units; ++n) {
            const MeterErrors errors = unit(p, n);
            const double gain = errors.channel[0].gain;
            sum += gain;
            square += gain * gain;
            most = std::max(most, std::abs(gain));
            crystal = std::max(crystal, std::abs(errors.crystal));
            for (std::size_t c = 6; c < max_channels; ++c) // it has no second circuit
                CHECK(errors.channel[c].gain == 0);
        }
        const double deviation = std::sqrt(square / units);
        const double even = 0.8 * 0.002 / std::numbers::sqrt3; // of an even spread of ±0.16 %
        CHECK(std::abs(sum / units) < 3 * even / std::sqrt(units));
        CHECK(deviation == doctest::Approx(even).epsilon(0.1));
        CHECK(most <= 0.8 * 0.002);
        CHECK(most > 0.78 * 0.002);
        CHECK(crystal <= 0.8 * 0.5 / 86400);
    }

    TEST_CASE("a unit is drawn from its name and the seed, and from nothing else") {
        const Promise& p = promises[0];
        const auto classes = accuracy_of(spec_of(p));
        const auto gain = [&](std::uint64_t seed, const char* name, std::size_t channel) {
            return draw_errors(classes,
                               channel_list(Wiring::p4l, static_cast<int>(classes.size()), false),
                               Random{seed, name})
                .channel[channel]
                .gain;
        };
        CHECK(gain(1, "a", 14) == gain(1, "a", 14));
        CHECK(gain(1, "a", 14) != gain(2, "a", 14));
        CHECK(gain(1, "a", 14) != gain(1, "b", 14));
        // A circuit's errors do not hang on how many others there are.
        const MeterErrors two = draw_errors(std::span{classes}.first(2),
                                            channel_list(Wiring::p4l, 2, false), Random{1, "a"});
        CHECK(two.channel[8].gain == gain(1, "a", 8));
        CHECK(two.channel[9].gain == 0);
    }

    TEST_CASE("40 K above reference a reading moves by no more than the temperature coefficient") {
        for (const Promise& p : promises) {
            const double per_k = p.s_class ? 0.0003 : 0.0005; // IEC 62053-22 and -21, PF 1
            double most = 0;
            for (int n = 0; n < 30; ++n) {
                MeterErrors errors = unit(p, n);
                for (ChannelErrors& channel : errors.channel)
                    channel.noise_rms = 0;
                Bench cool{p, errors};
                Bench warm{p, errors, reference_c + 40};
                cool.put(p.reference_a, 0);
                warm.put(p.reference_a, 0);
                const double change = warm.reading(0, Slot::p) / cool.reading(0, Slot::p) - 1;
                most = std::max(most, std::abs(change) / 40);
            }
            CHECK(most < 0.8 * per_k);
            CHECK(most > 0.2 * per_k);
        }
    }
}
