#include "metering_bench.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace kpmsim;
using namespace kpmsim::test;

TEST_SUITE("validation") {
    TEST_CASE("any set-up from 45 to 65 Hz with 31 orders reads within 1e-6") {
        Dice dice{21};
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

    TEST_CASE(
        "with the noise of a real converter every window reads within 1e-4, and f within 5e-6 Hz") {
        MeteringConfig config = star();
        for (AdcChannel& adc : config.adc)
            adc.noise_rms = 6.3e-6; // 101 dB below a full-scale sine
        Bench b{config};
        const auto channels =
            fundamentals({230, 230, 230}, {0, -120, 120}, {0.5, 2, 5}, {-30, -150, 90});
        Block block{b.window, 6, 128};
        b.fill(block, channels);
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
}

TEST_SUITE("unit") {
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

    TEST_CASE("f is the meter's own: it is right while the sample clock is wrong") {
        for (const double f_hz : {50.0, 50.7, 48.2}) {
            Bench off{star()}; // a clock at 50 Hz that nobody corrects
            off.push(fundamentals({230, 230, 230}, {0, -120, 120}, {1, 1, 1}, {0, -120, 120}), f_hz,
                     3);
            CHECK_MESSAGE(std::abs(off[Slot::f] - f_hz) < 1e-3, f_hz);
        }
    }
}
