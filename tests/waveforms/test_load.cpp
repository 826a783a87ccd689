#include "waveforms/load.hpp"
#include "waveforms/load_profile.hpp"
#include "waveforms/supply.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <complex>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

PhaseSpectra distorted() {
    SupplySpec spec;
    spec.magnitude = {1, 0.93, 1.04};
    spec.angle_deg = {0, -117, 122};
    spec.harmonics = {{3, 0.03, 20}, {5, 0.06, 180}, {7, 0.05, 77}, {11, 0.03, 0}, {50, 0.01, 3}};
    return Supply{spec, Random{1, "supply"}}.through({{}, 200ms, 10}).u;
}

PhaseSpectra clean(double u_v = 230) {
    return Supply{{.u_v = u_v}, Random{1, "supply"}}.through({{}, 200ms, 10}).u;
}

double active(const Spectrum& u, const Spectrum& i) {
    double p = 0;
    for (int h = 1; h < Spectrum::orders; ++h)
        p += (u[h] * std::conj(i[h])).real();
    return p;
}

double reactive1(const Spectrum& u, const Spectrum& i) { return (u[1] * std::conj(i[1])).imag(); }

double cos_phi1(const Spectrum& u, const Spectrum& i) {
    return (u[1] * std::conj(i[1])).real() / (std::abs(u[1]) * std::abs(i[1]));
}

double rms(const Spectrum& x) {
    double sum = 0;
    for (int h = 1; h < Spectrum::orders; ++h)
        sum += std::norm(x[h]);
    return std::sqrt(sum);
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("loads that hold their power draw the P and pf they were given, from any voltage") {
        const PhaseSpectra u = distorted();
        for (const LoadKind kind : {LoadKind::constant_power, LoadKind::led,
                                    LoadKind::six_pulse_drive, LoadKind::pv_inverter}) {
            for (const bool capacitive : {false, true}) {
                CAPTURE(name_of(kind));
                LoadSpec load;
                load.kind = kind;
                load.p_w = {1000, 2000, 500};
                load.pf = 0.8;
                load.capacitive = capacitive;
                load.harmonics = {{3, 0.1, 45}, {9, 0.02, 10}};
                load.scale = 1.5;
                const PhaseSpectra i = currents(load, u, {});
                const double sign = kind == LoadKind::pv_inverter ? -1 : 1;
                for (std::size_t p = 0; p < 3; ++p) {
                    CHECK(active(u[p], i[p]) ==
                          doctest::Approx(sign * 1.5 * load.p_w[p]).epsilon(1e-13));
                    CHECK(cos_phi1(u[p], i[p]) == doctest::Approx(sign * 0.8).epsilon(1e-13));
                    CHECK((reactive1(u[p], i[p]) > 0) == !capacitive);
                }
            }
        }
    }

    TEST_CASE("a current's harmonics keep their angle to its own fundamental in every phase") {
        LoadSpec load;
        load.kind = LoadKind::six_pulse_drive;
        load.p_w = {9000, 9000, 9000};
        load.pf = 0.9;
        const PhaseSpectra i = currents(load, distorted(), {});
        for (const Spectrum& x : i) {
            for (const Harmonic& h : kind_spectrum(LoadKind::six_pulse_drive)) {
                const std::complex<double> own =
                    x[h.order] / std::polar(std::abs(x[1]), h.order * std::arg(x[1]));
                CHECK(std::abs(own - std::polar(h.fraction, h.angle_deg / 57.29577951308232)) <
                      1e-12);
            }
        }
        // On a balanced clean supply the 5th runs backwards and the 7th forwards.
        const PhaseSpectra even = currents(load, clean(), {});
        const auto turn = [&](int h) { return even[1][h] / even[0][h]; };
        CHECK(std::abs(turn(5) - std::polar(1.0, 2 * std::acos(-1.0) / 3)) < 1e-12);
        CHECK(std::abs(turn(7) - std::polar(1.0, -2 * std::acos(-1.0) / 3)) < 1e-12);
    }

    TEST_CASE("the spectra of the kinds are what they are called") {
        CHECK(kind_spectrum(LoadKind::led)[0].order == 3);
        CHECK(kind_spectrum(LoadKind::led)[0].fraction > 0.7);
        CHECK(kind_spectrum(LoadKind::led)[0].fraction < 0.86); // IEC 61000-3-2, class C
        for (const Harmonic& h : kind_spectrum(LoadKind::six_pulse_drive))
            CHECK((h.order % 6 == 1 || h.order % 6 == 5));
        const auto thd = [](LoadKind kind) {
            double sum = 0;
            for (const Harmonic& h : kind_spectrum(kind))
                sum += h.fraction * h.fraction;
            return std::sqrt(sum);
        };
        CHECK(thd(LoadKind::ev_charger) < 0.05);
        CHECK(thd(LoadKind::pv_inverter) < 0.05);
    }

    TEST_CASE("a constant current is its rms, harmonics included, at its pf") {
        LoadSpec load;
        load.kind = LoadKind::constant_current;
        load.i_a = {10, 20, 5};
        load.pf = 0.5;
        load.capacitive = true;
        load.harmonics = {{3, 0.4, 0}};
        const PhaseSpectra u = distorted();
        const PhaseSpectra i = currents(load, u, {});
        for (std::size_t p = 0; p < 3; ++p) {
            CHECK(rms(i[p]) == doctest::Approx(load.i_a[p]).epsilon(1e-13));
            CHECK(cos_phi1(u[p], i[p]) == doctest::Approx(0.5).epsilon(1e-13));
            CHECK(reactive1(u[p], i[p]) < 0);
        }
    }

    TEST_CASE("a resistance follows the voltage, harmonics and all") {
        LoadSpec load;
        load.kind = LoadKind::resistive;
        load.p_w = {2300, 2300, 2300};
        const PhaseSpectra half = clean(115);
        CHECK(active(half[0], currents(load, half, {})[0]) == doctest::Approx(2300.0 / 4));
        const PhaseSpectra u = distorted();
        const PhaseSpectra i = currents(load, u, {});
        for (int h = 0; h < Spectrum::orders; ++h)
            CHECK(std::abs(i[1][h] - u[1][h] / 23.0) < 1e-13);
    }

    TEST_CASE("a motor meets its rating and loses pf as its load falls") {
        LoadSpec load;
        load.kind = LoadKind::motor;
        load.p_w = {5000, 5000, 5000};
        load.pf = 0.85;
        const PhaseSpectra u = clean();
        const PhaseSpectra full = currents(load, u, {});
        CHECK(active(u[0], full[0]) == doctest::Approx(5000).epsilon(1e-13));
        CHECK(cos_phi1(u[0], full[0]) == doctest::Approx(0.85).epsilon(1e-13));
        load.scale = 0.2;
        const PhaseSpectra light = currents(load, u, {});
        CHECK(active(u[0], light[0]) == doctest::Approx(1000).epsilon(1e-13));
        // Q = Qrated (0.75 + 0.25 * 0.04)
        CHECK(reactive1(u[0], light[0]) ==
              doctest::Approx(reactive1(u[0], full[0]) * 0.76).epsilon(1e-12));
        CHECK(cos_phi1(u[0], light[0]) < 0.4);
    }

    TEST_CASE("an EV charger holds its current below nominal voltage and its power above") {
        LoadSpec load;
        load.kind = LoadKind::ev_charger;
        load.p_w = {7360, 0, 0};
        const double at_nominal = rms(currents(load, clean(), {})[0]);
        CHECK(rms(currents(load, clean(207), {})[0]) == doctest::Approx(at_nominal).epsilon(1e-12));
        const PhaseSpectra high = clean(250);
        CHECK(active(high[0], currents(load, high, {})[0]) == doctest::Approx(7360).epsilon(1e-13));
        CHECK(rms(currents(load, high, {})[1]) == 0.0);
    }

    TEST_CASE("a phase without voltage draws nothing") {
        PhaseSpectra u = clean();
        u[1] = {};
        for (const LoadKind kind :
             {LoadKind::constant_power, LoadKind::constant_current, LoadKind::resistive,
              LoadKind::motor, LoadKind::led, LoadKind::six_pulse_drive, LoadKind::ev_charger,
              LoadKind::pv_inverter}) {
            LoadSpec load;
            load.kind = kind;
            load.p_w = {1000, 1000, 1000};
            load.i_a = {5, 5, 5};
            load.pf = 0.9;
            const PhaseSpectra i = currents(load, u, {});
            CHECK(rms(i[1]) == 0.0);
            CHECK(rms(i[0]) > 0.0);
            LoadKind back{};
            CHECK(load_kind_from(name_of(kind), back));
            CHECK(back == kind);
        }
        LoadKind kind{};
        CHECK_FALSE(load_kind_from("toaster", kind));
    }

    TEST_CASE("a profile goes straight between its rows and ends as it was told") {
        const std::vector<ProfilePoint> rows{
            {10s, {100, 0, 0}, 1.0}, {20s, {200, 50, 0}, 0.8}, {30s, {0, 50, -10}, -0.9}};
        const auto at = [&](ProfileEnd end, SimDuration t) {
            return read_profile(rows, ProfileShape::line, end, SimTime{t});
        };
        CHECK(at(ProfileEnd::hold, 0s).p_w[0] == 100.0);
        CHECK(at(ProfileEnd::hold, 10s).p_w[0] == 100.0);
        CHECK(at(ProfileEnd::hold, 12500ms).p_w[0] == 125.0);
        CHECK(at(ProfileEnd::hold, 12500ms).pf == doctest::Approx(0.95));
        CHECK(at(ProfileEnd::hold, 20s).p_w[1] == 50.0);
        CHECK(at(ProfileEnd::hold, 25s).p_w[2] == -5.0);
        // From 0.8 inductive to 0.9 capacitive: 0.2 + 0.1 of the way lead through 1.
        CHECK(std::abs(at(ProfileEnd::hold, 26s + 666'666'667ns).pf) ==
              doctest::Approx(1.0).epsilon(1e-9));
        CHECK(at(ProfileEnd::hold, 25s).pf == doctest::Approx(0.95));
        CHECK(at(ProfileEnd::hold, 28333ms).pf == doctest::Approx(-0.95).epsilon(1e-4));
        CHECK(at(ProfileEnd::hold, 1h).p_w[1] == 50.0);
        CHECK(at(ProfileEnd::zero, 30s).p_w[1] == 50.0);
        CHECK(at(ProfileEnd::zero, 30s + 1ns).p_w[1] == 0.0);
        CHECK(at(ProfileEnd::repeat, 30s).p_w[0] == 100.0); // the last row is the first again
        CHECK(at(ProfileEnd::repeat, 10s + 20s * 1000 + 2500ms).p_w[0] == 125.0);
        CHECK(at(ProfileEnd::repeat, 5s).p_w[0] == at(ProfileEnd::repeat, 25s).p_w[0]);
        CHECK(read_profile({}, ProfileShape::line, ProfileEnd::hold, {}).p_w[0] == 0.0);

        LoadSpec load;
        load.kind = LoadKind::profile;
        load.profile = rows;
        load.profile_end = ProfileEnd::hold;
        load.scale = 10;
        const PhaseSpectra u = clean();
        const PhaseSpectra i = currents(load, u, SimTime{25s});
        CHECK(active(u[0], i[0]) == doctest::Approx(1000));
        CHECK(active(u[2], i[2]) == doctest::Approx(-50));
        CHECK(cos_phi1(u[0], i[0]) == doctest::Approx(0.95));
        CHECK(reactive1(u[2], i[2]) > 0);
    }

    TEST_CASE("a row of a profile in steps holds until the next, and says until when") {
        const std::vector<ProfilePoint> rows{
            {10s, {100, 0, 0}, 1.0}, {20s, {200, 50, 0}, 0.8}, {30s, {0, 50, -10}, -0.9}};
        LoadSpec load;
        load.kind = LoadKind::profile;
        load.profile = rows;
        load.profile_shape = ProfileShape::steps;
        const auto at = [&](ProfileEnd end, SimDuration t) {
            return read_profile(rows, ProfileShape::steps, end, SimTime{t});
        };
        const auto until = [&](ProfileEnd end, SimDuration t) {
            load.profile_end = end;
            return steady_until(load, SimTime{t}).time_since_epoch();
        };
        constexpr SimDuration forever = SimTime::max().time_since_epoch();
        CHECK(at(ProfileEnd::hold, 20s - 1ns).p_w[0] == 100.0);
        CHECK(at(ProfileEnd::hold, 20s).p_w[0] == 200.0);
        CHECK(at(ProfileEnd::hold, 29s).pf == 0.8);
        CHECK(at(ProfileEnd::hold, 30s).pf == -0.9);
        CHECK(until(ProfileEnd::hold, 0s) == 10s);
        CHECK(until(ProfileEnd::hold, 10s) == 20s);
        CHECK(until(ProfileEnd::hold, 29s) == 30s);
        CHECK(until(ProfileEnd::hold, 30s) == forever);
        CHECK(until(ProfileEnd::zero, 30s) == 30s + 1ns);
        CHECK(until(ProfileEnd::zero, 30s + 1ns) == forever);
        CHECK(until(ProfileEnd::repeat, 10s + 20s * 1000 + 12s) == 20s * 1001 + 10s);
        CHECK(until(ProfileEnd::repeat, 5s) == 10s); // 25 s of the table before
        CHECK(at(ProfileEnd::repeat, 5s).p_w[0] == 200.0);
    }

    TEST_CASE("a load says how long it draws the same on a voltage that stays") {
        LoadSpec load;
        CHECK(steady_until(load, SimTime{7s}) == SimTime::max());
        load.burst = {2, 3};
        CHECK(steady_until(load, SimTime{7s}) == SimTime{7s});
        load.burst = {};
        load.kind = LoadKind::profile;
        load.profile = {{0s, {100, 0, 0}, 1.0}, {60s, {100, 0, 0}, 1.0}, {61s, {300, 0, 0}, 1.0}};
        load.profile_end = ProfileEnd::hold;
        CHECK(steady_until(load, SimTime{7s}) == SimTime{60s});  // two rows alike
        CHECK(steady_until(load, SimTime{60s}) == SimTime{60s}); // on a slope
        CHECK(steady_until(load, SimTime{61s}) == SimTime::max());
    }
}
