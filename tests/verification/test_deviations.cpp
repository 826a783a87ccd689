// Deviations on paper, each against figures worked out by hand for one meter: full scale 325.27 V and
// 7.0711 A (230 V and 5 A rms), noise of 9e-6 of it, 1280 samples: m_u is 8.182e-5 V, m_i 1.779e-6 A.
// That they are those of the metering is row 45.
#include "verification/paper_deviations.hpp"
#include "verification/paper_registers.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <complex>
#include <numbers>

using namespace kpmsim;

namespace {

constexpr double m_u = 230 * std::numbers::sqrt2 * 9e-6 / 35.777087639996634;
constexpr double m_i = 5 * std::numbers::sqrt2 * 9e-6 / 35.777087639996634;
constexpr double rad = std::numbers::pi / 180;

PaperMeter meter(Wiring wiring, double noise = 9e-6) {
    MeteringConfig config;
    config.wiring = wiring;
    for (std::size_t c = 0; c < max_channels; ++c) {
        config.adc[c].full_scale = (c < 3 ? 230 : 5) * std::numbers::sqrt2;
        config.adc[c].noise_rms = noise;
    }
    MeteringSettings settings;
    settings.start_current_a[0] = 0.01;
    return paper_meter(config, settings, {}, 0);
}

/// 100 V and 2 A lagging by 60 degrees, one phase with a fifth harmonic of 3 V.
struct Source {
    PhaseSpectra u, i;

    Source() {
        for (std::size_t n = 0; n < 3; ++n) {
            const double angle = -120.0 * static_cast<double>(n) * rad;
            u[n][1] = std::polar(100.0, angle);
            i[n][1] = std::polar(2.0, angle - 60 * rad);
        }
        u[0][5] = 3;
    }
};

Values deviations(const PaperMeter& meter, const Source& s) {
    const PaperWindow window = on_channels(meter.wiring, s.u, s.i, 50, 1280);
    Values readings, out;
    write_readings(meter, window, readings);
    write_deviations(meter, window, readings, out);
    return out;
}

doctest::Approx near(double value) { return doctest::Approx{value}.epsilon(1e-5); }

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("deviations in star: of each channel, and of what is made of two") {
        const Values of = deviations(meter(Wiring::p4l), {});
        CHECK(of["u_a"] == near(m_u));
        CHECK(of["i_b"] == near(m_i));
        CHECK(of["u_ab"] == near(m_u * std::sqrt(2.0)));
        CHECK(of["h_u_c_7"] == near(m_u));
        CHECK(of["p_b"] == near(std::hypot(100 * m_i, 2 * m_u)));
        CHECK(of["p"] == near(std::sqrt(3.0) * of["p_b"]));
        CHECK(of["q_b"] == near(of["p_b"]));
        CHECK(of["s_b"] == near(of["p_b"]));
        CHECK(of["pf_b"] == near((of["p_b"] + 0.5 * of["s_b"]) / 200));
        CHECK(of["angle_u_a"] == 0);
        CHECK(of["angle_u_b"] == near(2 * m_u / 100 / rad));
        CHECK(of["angle_i_c"] == near((m_u / 100 + m_i / 2) / rad));
        CHECK(of["u_neg"] == near(m_u / std::sqrt(3.0)));
        CHECK(of["unb_u2"] == near(100 * of["u_neg"] / 100));
        CHECK(of["hr_u_a_5"] == near(100 * (m_u + 0.03 * m_u) / 100));
        CHECK(of["thd_u_a"] == near(100 * (m_u + 0.03 * m_u) / 100));
        CHECK(of["thd_u_b"] == near(100 * m_u * (1 + std::sqrt(60.0)) / 100));
        CHECK(of["f"] == near(std::sqrt(6.0) * m_u / 100 / (std::numbers::pi * 0.2)));
        CHECK(std::isnan(of["temp"]));
    }

    TEST_CASE("deviations of three wires: two voltages, two wattmeters, with two transformers two "
              "currents") {
        const Values of = deviations(meter(Wiring::p3l2), {});
        CHECK(of["u_a"] == 0);
        CHECK(of["u_ab"] == near(m_u));
        CHECK(of["u_ca"] == near(m_u * std::sqrt(2.0)));
        CHECK(of["h_u_c_1"] == near(m_u * std::sqrt(2.0)));
        CHECK(of["i_b"] == near(m_i * std::sqrt(2.0)));
        CHECK(of["p_a"] == 0);
        CHECK(of["p"] == near(std::sqrt(2.0) * std::hypot(std::sqrt(3.0) * 100 * m_i, 2 * m_u)));
        CHECK(of["u_zero"] == 0);
        CHECK(of["u_pos"] == near(m_u * std::sqrt(2.0) / 3));
        CHECK(of["i_pos"] == near(m_i * std::sqrt(2.0 / 3)));
    }

    TEST_CASE("without noise a deviation is that of 64 roundings") {
        const Values of = deviations(meter(Wiring::p4l, 0), {});
        CHECK(of["u_a"] == near(230 * std::numbers::sqrt2 * 0x1p-23 / std::sqrt(12.0) / 8));
    }

    TEST_CASE("what noise may decide has no deviation; what it cannot reach has none either") {
        Source s;
        s.i[0][1] = 0.01 + 6 * m_i;       // may be below the start current
        s.i[1][1] = 0.01 - 20 * m_i;      // is below it
        s.u[2][1] = 1e-5 * 230 + 6 * m_u; // may be dead
        s.i[2][1] = 1e-5 * 5 - 20 * m_i;  // is dead
        const Values of = deviations(meter(Wiring::p4l), s);
        CHECK(of["p_a"] == undecided);
        CHECK(of["pf_a"] == undecided);
        CHECK(of["p"] == undecided);
        CHECK(of["p_b"] == 0);
        CHECK(of["thd_u_c"] == undecided);
        CHECK(of["angle_u_c"] == undecided);
        CHECK(of["angle_u_b"] < 1);
        CHECK(of["thd_i_c"] == 0);
        CHECK(of["angle_i_c"] == 0);
        CHECK(deviations_of(1e9, undecided) == 0);
        CHECK(deviations_of(-3, 2) == 1.5);
        CHECK(deviations_of(0, 0) == 0);
        CHECK(std::isinf(deviations_of(1e-300, 0)));
        CHECK(std::isnan(deviations_of(std::nan(""), undecided)));
    }

    TEST_CASE(
        "an energy's deviation is the root of its windows' squares, where its register is sure") {
        constexpr double kwh = 3.6e6;
        constexpr double microjoule = 1e-6 / kwh;
        PaperRegisters registers{Wiring::p3l3, 15, 0, 0};
        PaperCount count;
        for (const char* reading : {"q", "s", "i_a", "i_b", "i_c", "s_a", "s_b", "s_c"})
            count.readings[reading] = count.deviations[reading] = 0;
        count.seconds = 0.2;
        count.deviations["p"] = 0.5;
        for (const double p : {100.0, 200.0, -300.0, 300.0}) {
            count.readings["p"] = p;
            registers.add(count);
        }
        Values of;
        registers.write_deviations(of);
        const double window = 0.5 * 0.2 / kwh;
        CHECK(of["e_p_import"] == near(std::sqrt(3.0) * window + microjoule));
        CHECK(of["e_p_export"] == near(window + microjoule));
        count.readings["p"] = 3; // 6 deviations: either
        count.independent = 9;
        registers.add(count);
        registers.write_deviations(of);
        CHECK(of["e_p_import"] == near((std::sqrt(3.0) + 1) * window + microjoule));
        CHECK(of["e_p_export"] == near(2 * window + microjoule));
        CHECK(of["e_p_net"] == near((std::sqrt(3.0) + 3) * window + 2 * microjoule));
        count.readings["p"] = 90;
        registers.add(count);
        registers.write_deviations(of);
        CHECK(of["e_p_import"] == near((std::sqrt(3.0 + 1 / 9.0) + 1) * window + microjoule));
    }
}
