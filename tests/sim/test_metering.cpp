#include "samples.hpp"
#include "sim/metering.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <thread>

using namespace kpmsim;
using test::Block;
using test::Tone;
using test::Tones;

namespace {

using Complex = std::complex<double>;
constexpr double degree = std::numbers::pi / 180;

/// The bits of everything that a loop shows.
bool same_bits(const MeterState& a, const MeterState& b) {
    return std::memcmp(&a.readings, &b.readings, sizeof a.readings) == 0 &&
           a.energy.count == b.energy.count &&
           std::memcmp(&a.demand, &b.demand, sizeof a.demand) == 0 && a.at == b.at &&
           a.window == b.window;
}

MeteringConfig star(int loops = 1) {
    MeteringConfig config;
    config.loops = loops;
    for (int c = 0; c < max_channels; ++c)
        config.adc[static_cast<std::size_t>(c)].full_scale = c < 3 ? 600 : 10;
    return config;
}

/// Tones in V or A for a channel with that full scale.
Tones scaled(Tones tones, double full_scale) {
    for (Tone& tone : tones)
        tone.rms /= full_scale;
    return tones;
}

struct Bench {
    MeteringConfig config;
    Metering meter;
    Window window;

    explicit Bench(const MeteringConfig& c, const MeteringSettings& settings = {}, double f_hz = 50,
                   int cycles = 10)
        : config{c}, meter{c, settings, Random{1, "meter"}}, window{test::window_at(f_hz, cycles)} {
    }

    /// Channels in V and A; as many windows as told.
    void push(const std::vector<Tones>& channels, double f_hz = 50, int windows = 1, int tariff = 0,
              double dc = 0) {
        for (int w = 0; w < windows; ++w) {
            Block b{window, static_cast<int>(channels.size()), window.samples()};
            for (std::size_t c = 0; c < channels.size(); ++c)
                b.fill(static_cast<int>(c), scaled(channels[c], config.adc[c].full_scale), f_hz,
                       dc);
            meter.push(b.block, {CivilTime{std::chrono::seconds{w / 5}}, tariff});
            window.start = window.end();
        }
    }
    double operator[](Slot s) const { return meter.state(0).readings[s]; }
    double get(const char* name) const { return meter.state(0).get(*find_quantity(name)); }
};

/// Fundamentals of three phases: rms each, angle each in degrees (counter-clockwise).
std::vector<Tones> fundamentals(std::array<double, 3> u, std::array<double, 3> u_deg,
                                std::array<double, 3> i, std::array<double, 3> i_deg) {
    std::vector<Tones> out;
    for (std::size_t c = 0; c < 3; ++c)
        out.push_back({{1, u[c], u_deg[c] * degree}});
    for (std::size_t c = 0; c < 3; ++c)
        out.push_back({{1, i[c], i_deg[c] * degree}});
    return out;
}

} // namespace

TEST_SUITE("validation") {

    TEST_CASE("any set-up from 45 to 65 Hz with 31 orders reads within 1e-6") {
        test::Dice dice{21};
        double worst_rms = 0, worst_power = 0, worst_harmonic = 0, worst_thd = 0, worst_f = 0;
        for (int trial = 0; trial < 20; ++trial) {
            const double f_set = dice(45, 65);
            const int cycles = f_set > 55 ? 12 : 10;
            Bench b{star(), {}, f_set, cycles};
            const double f_hz = cycles / (static_cast<double>(b.window.length.count()) * 1e-9);
            std::vector<Tones> channels;
            for (int c = 0; c < 6; ++c) {
                const double rms = c < 3 ? dice(180, 260) : dice(0.6, 2.4);
                Tones tones{
                    {1, rms, (c < 3 ? -120.0 * c : -120.0 * (c - 3) + dice(-80, 80)) * degree}};
                for (int h = 2; h <= 31; ++h)
                    tones.push_back({static_cast<double>(h),
                                     rms * dice(0, h % 2 ? (c < 3 ? 0.05 : 0.25) : 0.02),
                                     dice(0, 6.28)});
                channels.push_back(tones);
            }
            b.push(channels, f_hz, 1, 0, 0.01); // and some DC, which must not show
            double total[3]{};
            for (int phase = 0; phase < 3; ++phase) {
                const Tones& u = channels[static_cast<std::size_t>(phase)];
                const Tones& i = channels[static_cast<std::size_t>(phase + 3)];
                double uu = 0, ii = 0, p = 0, uh = 0, ih = 0;
                for (std::size_t k = 0; k < u.size(); ++k) {
                    uu += u[k].rms * u[k].rms;
                    ii += i[k].rms * i[k].rms;
                    p += u[k].rms * i[k].rms * std::cos(u[k].angle - i[k].angle);
                    if (k > 0) {
                        uh += u[k].rms * u[k].rms;
                        ih += i[k].rms * i[k].rms;
                    }
                    const int order = static_cast<int>(k) + 1;
                    worst_harmonic = std::max(
                        {worst_harmonic,
                         std::abs(b[harmonic_slot(phase, order)] - u[k].rms) / u[0].rms,
                         std::abs(b[harmonic_slot(phase + 3, order)] - i[k].rms) / i[0].rms});
                }
                const double q = u[0].rms * i[0].rms * std::sin(u[0].angle - i[0].angle);
                const double s = std::sqrt(uu * ii);
                const auto off = [&](Slot slot, double is, double of) {
                    return std::abs(b[slot_at(slot, phase)] - is) / of;
                };
                worst_rms = std::max({worst_rms, off(Slot::u_a, std::sqrt(uu), std::sqrt(uu)),
                                      off(Slot::i_a, std::sqrt(ii), std::sqrt(ii))});
                worst_power = std::max({worst_power, off(Slot::p_a, p, s), off(Slot::q_a, q, s),
                                        off(Slot::s_a, s, s), off(Slot::pf_a, p / s, 1)});
                worst_thd =
                    std::max({worst_thd, off(Slot::thd_u_a, 100 * std::sqrt(uh) / u[0].rms, 100),
                              off(Slot::thd_i_a, 100 * std::sqrt(ih) / i[0].rms, 100)});
                total[0] += p;
                total[1] += q;
                total[2] += s;

                // Line to line, order by order.
                const Tones& next = channels[static_cast<std::size_t>((phase + 1) % 3)];
                double line = 0;
                for (std::size_t k = 0; k < u.size(); ++k)
                    line += std::norm(std::polar(u[k].rms, u[k].angle) -
                                      std::polar(next[k].rms, next[k].angle));
                worst_rms = std::max(worst_rms, off(Slot::u_ab, std::sqrt(line), std::sqrt(line)));
            }
            worst_power = std::max({worst_power, std::abs(b[Slot::p] - total[0]) / total[2],
                                    std::abs(b[Slot::q] - total[1]) / total[2],
                                    std::abs(b[Slot::s] - total[2]) / total[2],
                                    std::abs(b[Slot::pf] - total[0] / total[2])});
            worst_f = std::max(worst_f, std::abs(b[Slot::f] - f_hz));
        }
        MESSAGE("rms " << worst_rms << ", power " << worst_power << ", harmonics " << worst_harmonic
                       << ", thd " << worst_thd << ", f " << worst_f << " Hz");
        CHECK(worst_rms < 1e-6);
        CHECK(worst_power < 1e-6);
        CHECK(worst_harmonic < 1e-6);
        CHECK(worst_thd < 1e-6);
        CHECK(worst_f < 1e-7);
    }

    TEST_CASE("an hour of energy is the integral, and the tariffs share it without a rest") {
        Bench b{star()};
        const auto channels =
            fundamentals({230, 231, 229}, {0, -120, 120}, {5, 6, 4.5}, {-30, -190, 90});
        Block block{b.window, 6, 128};
        for (int c = 0; c < 6; ++c)
            block.fill(c,
                       scaled(channels[static_cast<std::size_t>(c)],
                              b.config.adc[static_cast<std::size_t>(c)].full_scale),
                       50);
        for (int w = 0; w < 18'000; ++w) {
            b.meter.push(block.block, {CivilTime{std::chrono::seconds{(w + 1) / 5}}, w / 3000});
            block.block.window.start = block.block.window.end();
        }
        long double p = 0, q = 0, s = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            const long double u = channels[k][0].rms, i = channels[k + 3][0].rms;
            const long double phi =
                static_cast<long double>(channels[k][0].angle) - channels[k + 3][0].angle;
            p += u * i * std::cos(phi);
            q += u * i * std::sin(phi);
            s += u * i;
        }
        const EnergyRegisters& e = b.meter.state(0).energy;
        // A coherent window repeats its rounding: 0.29 bit over 128 samples, 3e-9 of full scale.
        const auto off = [&](Energy register_, long double is) {
            return std::abs(e.kilo(register_) * 1000 - static_cast<double>(is)) /
                   static_cast<double>(s);
        };
        CHECK(off(Energy::p_import, p) < 1e-8);
        CHECK(off(Energy::q_import, q) < 1e-8);
        CHECK(off(Energy::s, s) < 1e-8);
        // Against the integral of its own readings: a microjoule a phase.
        const auto left_j = [&](Energy register_, double power) {
            const EnergyCount& count = e[register_];
            return std::abs(static_cast<long double>(count.wh) * 3600 +
                            static_cast<long double>(count.uj) * 1e-6L - power * 3600.0L);
        };
        CHECK(left_j(Energy::p_import, b[Slot::p]) < 3.1e-6L);
        CHECK(left_j(Energy::q_import, b[Slot::q]) < 3.1e-6L);
        CHECK(left_j(Energy::s, b[Slot::s]) < 1.1e-6L);
        double shares = 0;
        for (int t = 0; t < 6; ++t)
            shares += e.kilo(static_cast<Energy>(static_cast<int>(Energy::p_import_t1) + t));
        CHECK(shares == doctest::Approx(e.kilo(Energy::p_import)).epsilon(1e-15));
        CHECK(b.meter.state(0).demand[Demand::p] == doctest::Approx(b[Slot::p]).epsilon(1e-12));
    }

    TEST_CASE(
        "with the noise of a real converter every window reads within 1e-4, and f within 5e-6 Hz") {
        MeteringConfig config = star();
        for (AdcChannel& adc : config.adc)
            adc.noise_rms = 6.3e-6; // 101 dB below a full-scale sine
        Bench b{config};
        const auto channels =
            fundamentals({230, 230, 230}, {0, -120, 120}, {0.5, 2, 5}, {-30, -150, 90});
        Block block{b.window, 6, 128};
        for (int c = 0; c < 6; ++c)
            block.fill(c,
                       scaled(channels[static_cast<std::size_t>(c)],
                              b.config.adc[static_cast<std::size_t>(c)].full_scale),
                       50);
        double worst = 0, worst_f = 0, square_f = 0;
        constexpr int windows = 500;
        for (int w = 0; w < windows; ++w) {
            b.meter.push(block.block, {});
            block.block.window.start = block.block.window.end();
            for (int phase = 0; phase < 3; ++phase) {
                const double i = channels[static_cast<std::size_t>(phase) + 3][0].rms;
                const double cosine = std::cos(30 * degree);
                worst = std::max({worst, std::abs(b[slot_at(Slot::u_a, phase)] / 230 - 1),
                                  std::abs(b[slot_at(Slot::i_a, phase)] / i - 1),
                                  std::abs(b[slot_at(Slot::p_a, phase)] / (230 * i) - cosine),
                                  std::abs(b[slot_at(Slot::q_a, phase)] / (230 * i) - 0.5)});
            }
            const double off_f = std::abs(b[Slot::f] - 50);
            worst_f = std::max(worst_f, off_f);
            square_f += off_f * off_f;
        }
        MESSAGE("readings " << worst << ", f " << worst_f << " Hz, rms "
                            << std::sqrt(square_f / windows));
        CHECK(worst < 1e-4);
        CHECK(worst_f < 5e-6);
        CHECK(std::sqrt(square_f / windows) < 1.2e-6);
    }

    TEST_CASE("harmonics carry active power but no reactive energy: Q is that of the fundamental") {
        Bench b{star()};
        std::vector<Tones> channels(6);
        channels[0] = {{1, 230, 0}, {5, 23, 0}};
        channels[3] = {{1, 2, -60 * degree}, {5, 0.8, -30 * degree}};
        b.push(channels);
        CHECK(b[Slot::p_a] ==
              doctest::Approx(230 * 2 * 0.5 + 23 * 0.8 * std::cos(30 * degree)).epsilon(1e-6));
        CHECK(b[Slot::q_a] == doctest::Approx(230 * 2 * std::sin(60 * degree)).epsilon(1e-6));
    }

    TEST_CASE("unbalance reads as worked out by hand") {
        struct Row {
            std::array<double, 3> u;
            double u2, unb;
        };
        // Negative over positive sequence at 120 degrees; (max - min) / mean.
        for (const Row& row :
             {Row{{73, 80, 87}, 5.051815, 17.5}, Row{{152, 140, 128}, 4.948717, 17.142857},
              Row{{100, 90, 100}, 3.448276, 10.344828}, Row{{100, 100, 50}, 20, 60},
              Row{{100, 100, 0}, 50, 150}, Row{{100, 95, 105}, 2.886751, 10}}) {
            Bench b{star()};
            b.push(fundamentals(row.u, {0, -120, 120}, {1, 1, 1}, {0, -120, 120}));
            CHECK(b[Slot::unb_u2] == doctest::Approx(row.u2).epsilon(1e-6));
            CHECK(b[Slot::unb_u0] == doctest::Approx(row.u2).epsilon(1e-6));
            CHECK(b[Slot::unb_u] == doctest::Approx(row.unb).epsilon(1e-6));
            CHECK(b[Slot::unb_i] < 1e-4);
        }
    }

} // TEST_SUITE

TEST_SUITE("unit") {

    TEST_CASE("one cycle that counts for all gives the bits of all cycles") {
        for (const int cycles : {10, 12})
            for (const Wiring wiring : {Wiring::p4l, Wiring::p3l3, Wiring::p3l2})
                for (const double noise : {0.0, 1e-5}) {
                    MeteringConfig config = star(2);
                    config.wiring = wiring;
                    // Noise on some channels only: coherent and expanded ones then meet in a
                    // product.
                    config.adc[1].noise_rms = noise;
                    config.adc[2].noise_rms = noise;
                    config.adc[3].noise_rms = noise;
                    Metering one{config, {}, Random{1, "m"}}, all{config, {}, Random{1, "m"}};
                    Window window = test::window_at(cycles == 10 ? 50 : 60, cycles);
                    for (int w = 0; w < 3; ++w, window.start = window.end()) {
                        Block cycle{window, 9, 128};
                        Block expanded{window, 9, window.samples()};
                        for (int c = 0; c < 9; ++c) {
                            cycle.fill(c, {{1, 0.4, -2.1 * c}, {3, 0.1, c * 1.0}, {30, 0.01, 0}},
                                       cycles == 10 ? 50 : 60, 0.001 * c);
                            for (int n = 0; n < window.samples(); ++n)
                                expanded.block.channel(c)[static_cast<std::size_t>(n)] =
                                    cycle.block.channel(c)[static_cast<std::size_t>(n % 128)];
                        }
                        one.push(cycle.block, {});
                        all.push(expanded.block, {});
                        CHECK(same_bits(one.state(0), all.state(0)));
                        CHECK(same_bits(one.state(1), all.state(1)));
                    }
                    CHECK(one.state(0).readings[Slot::u_ab] > 0);
                }
    }

    TEST_CASE(
        "any thread gives the same bits, and meters that share one do not disturb each other") {
        const auto run = [](std::uint64_t seed, Metering* other) {
            MeteringConfig config = star(4);
            for (AdcChannel& adc : config.adc)
                adc.noise_rms = 1e-5;
            Metering meter{config, {}, Random{seed, "m"}};
            test::Dice dice{seed};
            Window window = test::window_at(49.7);
            for (int w = 0; w < 5; ++w, window.start = window.end()) {
                Block b{window, 15, 1280};
                for (double& x : b.data)
                    x = dice(-0.7, 0.7);
                meter.push(b.block, {});
                if (other)
                    other->push(b.block, {});
            }
            return meter.state(3);
        };
        Metering other{star(1), {}, Random{9, "o"}};
        const MeterState here = run(4, &other);
        MeterState there;
        std::thread{[&] { there = run(4, nullptr); }}.join();
        CHECK(same_bits(here, there));
        CHECK(!same_bits(here, run(5, nullptr)));
    }

    TEST_CASE("angles lag: positive sequence reads 0, 120, 240") {
        Bench b{star()};
        b.push(fundamentals({230, 230, 230}, {10, -110, 130}, {1, 1, 1}, {-20, -80, 130}));
        CHECK(b[Slot::angle_u_a] == 0);
        CHECK(b[Slot::angle_u_b] == doctest::Approx(120).epsilon(1e-7));
        CHECK(b[Slot::angle_u_c] == doctest::Approx(240).epsilon(1e-7));
        CHECK(b[Slot::angle_i_a] == doctest::Approx(30).epsilon(1e-6));
        CHECK(b[Slot::angle_i_b] == doctest::Approx(90).epsilon(1e-6));
        CHECK(b[Slot::angle_i_c] == doctest::Approx(240).epsilon(1e-6));
        // An inductive current lags, and Q is positive; the capacitive one leads.
        CHECK(b[Slot::q_a] > 0);
        CHECK(b[Slot::q_b] < 0);
        CHECK(b[Slot::u_pos] == doctest::Approx(230).epsilon(1e-6));
        CHECK(b[Slot::u_neg] < 1e-4);
        CHECK(b[Slot::u_zero] < 1e-4);
        // Reversed sequence.
        b.push(fundamentals({230, 230, 230}, {0, 120, -120}, {0, 0, 0}, {0, 0, 0}));
        CHECK(b[Slot::angle_u_b] == doctest::Approx(240).epsilon(1e-7));
        CHECK(b[Slot::u_neg] == doctest::Approx(230).epsilon(1e-6));
        // Ua dead: the first live voltage takes its place. A dead channel has no angle.
        b.push(fundamentals({0, 230, 230}, {0, -120, 120}, {0, 1, 0}, {0, -150, 0}));
        CHECK(b[Slot::angle_u_a] == 0);
        CHECK(b[Slot::angle_u_b] == 0);
        CHECK(b[Slot::angle_u_c] == doctest::Approx(120).epsilon(1e-7));
        CHECK(b[Slot::angle_i_b] == doctest::Approx(30).epsilon(1e-6));
        CHECK(b[Slot::angle_i_c] == 0);
    }

    TEST_CASE("ratios bring the readings to the primary side") {
        MeteringSettings settings;
        settings.pt = 100;
        settings.ct[0] = 200;
        Bench b{star(), settings};
        b.push(fundamentals({57.7, 57.7, 57.7}, {0, -120, 120}, {2, 2, 2}, {-60, -180, 60}));
        CHECK(b[Slot::u_a] == doctest::Approx(5770).epsilon(1e-6));
        CHECK(b[Slot::u_ab] == doctest::Approx(5770 * std::numbers::sqrt3).epsilon(1e-6));
        CHECK(b[Slot::i_b] == doctest::Approx(400).epsilon(1e-6));
        CHECK(b[Slot::p] == doctest::Approx(3 * 5770 * 400 * 0.5).epsilon(1e-6));
        CHECK(b[Slot::i_pos] == doctest::Approx(400).epsilon(1e-6));
        CHECK(b[harmonic_slot(0, 1)] == doctest::Approx(5770).epsilon(1e-6));
    }

    TEST_CASE("a three-wire meter has lines and totals, no phases, with three CTs and with two") {
        // Phase voltages with unbalance and no zero sequence; currents that sum to zero.
        const Complex ua = std::polar(3400.0, 0.0), ub = std::polar(3300.0, -119 * degree);
        const Complex uc = -(ua + ub);
        const Complex ia = std::polar(2.0, -40 * degree), ib = std::polar(1.5, -150 * degree);
        const Complex ic = -(ia + ib);
        const Complex uab = ua - ub, ucb = uc - ub;
        for (const Wiring wiring : {Wiring::p3l3, Wiring::p3l2}) {
            MeteringConfig config = star();
            config.wiring = wiring;
            for (std::size_t c = 0; c < 3; ++c)
                config.adc[c].full_scale = 10e3;
            Bench b{config};
            const auto tones = [](const Complex& x) {
                return Tones{{1, std::abs(x), std::arg(x)}};
            };
            b.push({tones(uab),
                    {},
                    tones(ucb),
                    tones(ia),
                    wiring == Wiring::p3l3 ? tones(ib) : Tones{},
                    tones(ic)},
                   50, 2);
            const Complex s = ua * std::conj(ia) + ub * std::conj(ib) + uc * std::conj(ic);
            CHECK(b[Slot::u_ab] == doctest::Approx(std::abs(uab)).epsilon(1e-6));
            CHECK(b[Slot::u_bc] == doctest::Approx(std::abs(ub - uc)).epsilon(1e-6));
            CHECK(b[Slot::u_ca] == doctest::Approx(std::abs(uc - ua)).epsilon(1e-6));
            CHECK(b[Slot::i_a] == doctest::Approx(std::abs(ia)).epsilon(1e-6));
            CHECK(b[Slot::i_b] == doctest::Approx(std::abs(ib)).epsilon(1e-6));
            CHECK(b[Slot::i_c] == doctest::Approx(std::abs(ic)).epsilon(1e-6));
            CHECK(b[Slot::p] == doctest::Approx(s.real()).epsilon(1e-6));
            CHECK(b[Slot::q] == doctest::Approx(s.imag()).epsilon(1e-6));
            const double apparent = std::numbers::sqrt3 *
                                    (std::abs(uab) + std::abs(ub - uc) + std::abs(uc - ua)) / 3 *
                                    (std::abs(ia) + std::abs(ib) + std::abs(ic)) / 3;
            CHECK(b[Slot::s] == doctest::Approx(apparent).epsilon(1e-6));
            CHECK(b[Slot::pf] == doctest::Approx(s.real() / apparent).epsilon(1e-6));
            const Complex a = std::polar(1.0, 120 * degree);
            CHECK(b[Slot::u_pos] ==
                  doctest::Approx(std::abs(ua + a * ub + a * a * uc) / 3).epsilon(1e-6));
            CHECK(b[Slot::u_neg] ==
                  doctest::Approx(std::abs(ua + a * a * ub + a * uc) / 3).epsilon(1e-5));
            CHECK(b[Slot::u_zero] == 0);
            CHECK(b[Slot::angle_i_a] == doctest::Approx(40).epsilon(1e-5));
            CHECK(b[Slot::angle_u_b] == doctest::Approx(119).epsilon(1e-5));
            CHECK(std::abs(b[Slot::f] - 50) < 1e-7);
            for (const Slot zero :
                 {Slot::u_a, Slot::u_b, Slot::u_c, Slot::p_a, Slot::p_b, Slot::p_c, Slot::q_a,
                  Slot::q_b, Slot::q_c, Slot::s_a, Slot::pf_a, Slot::pf_c})
                CHECK(b[zero] == 0);
            CHECK(b.get("e_p_import") == doctest::Approx(s.real() * 0.4 / 3.6e6).epsilon(1e-6));
            CHECK(b.get("e_p_import_a") == 0);
        }
    }

    TEST_CASE("below the start current a phase reads its current and meters nothing") {
        MeteringSettings settings;
        settings.ct[0] = 20;
        settings.start_current_a[0] = 0.02; // at the terminals
        Bench b{star(), settings};
        b.push(fundamentals({230, 230, 230}, {0, -120, 120}, {0.0199, 0.0201, 1}, {0, -120, 120}));
        CHECK(b[Slot::i_a] == doctest::Approx(0.0199 * 20).epsilon(1e-4));
        CHECK(b[Slot::p_a] == 0);
        CHECK(b[Slot::q_a] == 0);
        CHECK(b[Slot::s_a] == 0);
        CHECK(b[Slot::pf_a] == 0);
        CHECK(b[Slot::p_b] == doctest::Approx(230 * 0.0201 * 20).epsilon(1e-4));
        CHECK(b[Slot::p] == b[Slot::p_b] + b[Slot::p_c]);
        CHECK(b.get("e_p_import_a") == 0);
        CHECK(b.get("e_p_import_b") > 0);
    }

    TEST_CASE("without a voltage f is 0, and what is dead has no distortion, angle or unbalance") {
        MeteringConfig config = star();
        for (AdcChannel& adc : config.adc)
            adc.noise_rms = 6.3e-6;
        Bench b{config};
        b.push(std::vector<Tones>(6));
        for (const char* name : {"f", "thd_u_a", "thd_i_b", "hr_i_b_5", "angle_u_b", "angle_i_c",
                                 "unb_u", "unb_i", "unb_u2"})
            CHECK_MESSAGE(b.get(name) == 0, name);
        CHECK(b[Slot::u_a] > 0); // the noise itself is there
        b.push(fundamentals({230, 230, 230}, {0, -120, 120}, {0, 0, 0}, {0, 0, 0}));
        CHECK(std::abs(b[Slot::f] - 50) < 1e-4);
    }

    TEST_CASE("f is the meter's own: it is right while the sample clock is wrong") {
        for (const double f_hz : {50.0, 50.7, 48.2}) {
            Bench off{star()}; // a clock at 50 Hz that nobody corrects
            off.push(fundamentals({230, 230, 230}, {0, -120, 120}, {1, 1, 1}, {0, -120, 120}), f_hz,
                     3);
            CHECK_MESSAGE(std::abs(off[Slot::f] - f_hz) < 1e-3, f_hz);
        }
    }

    TEST_CASE("samples beyond full scale are counted, in a coherent window once a cycle") {
        Metering meter{star(), {}, Random{1, "m"}};
        Block b{test::window_at(50), 6, 128};
        b.block.channel(4)[17] = 1.5;
        meter.push(b.block, {});
        CHECK(meter.clipped() == 10);
        CHECK(meter.clipped(4) == 10);
        CHECK(meter.clipped(3) == 0);
    }

    TEST_CASE(
        "the status of a window names the channels that clipped, by loop, and lasts as long") {
        Metering meter{star(2), {}, Random{1, "m"}};
        Block b{test::window_at(50), 9, 128};
        const auto push = [&](std::initializer_list<int> clipping) {
            for (int c = 0; c < 9; ++c)
                b.block.channel(c)[5] =
                    std::find(clipping.begin(), clipping.end(), c) == clipping.end()
                        ? 1.0 // full scale itself does not clip
                        : -1.1;
            meter.push(b.block, {});
            b.block.window.start = b.block.window.end();
        };
        const auto shown = [&](int loop) {
            const MeterState& state = meter.state(loop);
            return std::array{state.get(quantity(Status::clip_u)),
                              state.get(quantity(Status::clip_i)),
                              state.get(quantity(Status::clip_windows))};
        };
        using Shown = std::array<double, 3>;
        push({});
        CHECK(shown(0) == Shown{0, 0, 0});
        push({0, 2, 4}); // Ua, Uc, Ib of loop 1
        CHECK(shown(0) == Shown{5, 2, 1});
        CHECK(shown(1) == Shown{5, 0, 1});
        push({8}); // Ic of loop 2
        CHECK(shown(0) == Shown{0, 0, 1});
        CHECK(shown(1) == Shown{0, 4, 2});
        push({});
        CHECK(shown(1) == Shown{0, 0, 2});
        CHECK(meter.state(1).clip.channel_windows ==
              std::array<std::uint64_t, 6>{1, 0, 1, 0, 0, 1});
        meter.clear_energy(); // what the energy lost by clipping stays known
        CHECK(shown(1) == Shown{0, 0, 2});
    }

    TEST_CASE("with two transformers the third current, which is worked out, has no status") {
        MeteringConfig config = star();
        config.wiring = Wiring::p3l2;
        Metering meter{config, {}, Random{1, "m"}};
        Block b{test::window_at(50), 6, 128};
        for (int c = 3; c < 6; ++c)
            b.block.channel(c)[0] = 2;
        meter.push(b.block, {});
        CHECK(meter.state(0).clip.i == 5);
    }

    TEST_CASE("loops count on their own and can be cleared") {
        MeteringSettings settings;
        settings.ct = {1, 2, 3, 4};
        settings.demand_minutes = 1;
        Metering meter{star(4), settings, Random{1, "m"}};
        Block b{test::window_at(50), 15, 128};
        for (int c = 0; c < 15; ++c)
            b.fill(c, {{1, 0.2, -2.0943951023931953 * (c % 3)}}, 50);
        for (int w = 0; w < 301; ++w) {
            meter.push(b.block, {CivilTime{std::chrono::seconds{(w + 1) / 5}}, 0});
            b.block.window.start = b.block.window.end();
        }
        const double first = meter.state(0).energy.kilo(Energy::p_import);
        CHECK(first > 0);
        for (int loop = 0; loop < 4; ++loop) {
            const MeterState& state = meter.state(loop);
            CHECK(state.energy.kilo(Energy::p_import) == doctest::Approx(first * (loop + 1)));
            CHECK(state.readings[Slot::u_a] == meter.state(0).readings[Slot::u_a]);
            CHECK(state.demand[Demand::p_max] == doctest::Approx(state.readings[Slot::p]));
            CHECK(state.window == 301);
            CHECK(state.at == SimTime{SimDuration{301 * 200'000'000LL}});
        }
        meter.clear_energy();
        meter.clear_demand_maxima();
        CHECK(meter.state(3).energy.count == EnergyRegisters{}.count);
        CHECK(meter.state(3).demand[Demand::p_max] == 0);
        CHECK(meter.state(3).demand[Demand::p] > 0);
    }

} // TEST_SUITE
