#include "recordings/resample.hpp"
#include "sim/lock.hpp"
#include "tests/recordings/sample_recording.hpp"

#include <chrono>
#include <cmath>
#include <doctest/doctest.h>
#include <functional>

using namespace kpmsim;
using namespace kpmsim::test;

namespace {

using Wave = std::function<long double(long double)>;

constexpr long double two_pi = 6.283185307179586476925L;

/// A recording of one wave by a recorder with these rates.
Recording recorded(const Wave& wave, const std::vector<RecordedRate>& rates, int channels = 1) {
    Recording r;
    r.rates = rates;
    for (int c = 0; c < channels; ++c) {
        RecordedChannel channel;
        channel.name = "CH" + std::to_string(c + 1);
        channel.unit = "V";
        channel.skew_us = 37.5 * c;
        long double begin = 0.0L;
        std::int64_t n = 0;
        for (const RecordedRate& rate : rates) {
            const std::int64_t first = n;
            for (; n < rate.end; ++n) {
                const long double t =
                    begin + static_cast<long double>(n - first) / rate.hz + channel.skew_us * 1e-6L;
                channel.values.push_back(static_cast<double>(wave(t)));
            }
            begin += static_cast<long double>(n - first) / rate.hz;
        }
        r.channels.push_back(channel);
    }
    return r;
}

RecordedSignal signal_of(const Recording& recording, const ResampleGoal& goal) {
    std::vector<SignalChannel> all;
    for (std::size_t c = 0; c < recording.channels.size(); ++c)
        all.push_back({c, 1.0});
    std::vector<Mistake> mistakes;
    auto signal = RecordedSignal::make(recording, all, goal, "wave.cfg", mistakes);
    REQUIRE_MESSAGE(signal, all_texts(mistakes));
    return *signal;
}

Wave tone(double f_hz, double phase) {
    return [=](long double t) { return std::sin(two_pi * (f_hz * t + phase)); };
}

/// The largest difference between signal and wave over random instants from begin to end.
double worst(const RecordedSignal& signal, const Wave& wave, double begin_s, double end_s,
             int channel = 0, int instants = 500) {
    const Random random{17, "instants"};
    double most = 0.0;
    for (int i = 0; i < instants; ++i) {
        const double t =
            begin_s + random.uniform(static_cast<std::uint64_t>(i)) * (end_s - begin_s);
        const double error = signal.at(channel, t) - static_cast<double>(wave(t));
        most = std::max(most, std::abs(error));
    }
    return most;
}

std::string refusal(const Recording& recording, const ResampleGoal& goal) {
    std::vector<Mistake> mistakes;
    CHECK_FALSE(RecordedSignal::make(recording, {{0, 1.0}}, goal, "wave.cfg", mistakes));
    REQUIRE(!mistakes.empty());
    return to_text(mistakes[0]);
}

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("every order up to the 31st is right within the bound, at every rate") {
        struct Case {
            double hz, nominal_hz, stated;
        };
        // The figures of the table in kaiser_sinc.cpp.
        for (const Case c :
             {Case{4000, 50, 1.8e-7}, Case{4800, 60, 1.8e-7}, Case{4800, 50, 6.4e-11},
              Case{6400, 50, 2.2e-12}, Case{7680, 60, 2.2e-12}, Case{8000, 50, 2.3e-12},
              Case{10000, 50, 6.2e-12}, Case{12800, 50, 6e-12}, Case{15360, 60, 6e-12},
              Case{25600, 50, 7e-12}, Case{51200, 50, 7.4e-12}}) {
            CAPTURE(c.hz);
            const SincDesign design = design_sinc(c.hz / c.nominal_hz, 31, 128);
            CHECK(sinc_error(design) <= c.stated);
            for (int h = 1; h <= 31; ++h) {
                CAPTURE(h);
                const Wave wave = tone(h * c.nominal_hz, 0.1 * h);
                const RecordedSignal s =
                    signal_of(recorded(wave, {{c.hz, static_cast<std::int64_t>(c.hz * 0.2)}}),
                              {c.nominal_hz, 31, 128});
                const double edge = design.half / c.hz;
                CHECK(worst(s, wave, edge, s.end_s() - edge, 0, 100) <= sinc_error(design));
            }
        }
    }

    TEST_CASE("the taps out of the table are the windowed sinc's to 5e-13") {
        constexpr long double pi = 3.14159265358979323846L;
        double worst = 0;
        for (const double per_cycle : {80.0, 96.0, 128.0, 256.0}) {
            const SincDesign design = design_sinc(per_cycle, 31, 128);
            const SincTable table{design};
            const auto beta = static_cast<long double>(design.beta);
            const auto cutoff = static_cast<long double>(design.cutoff);
            std::vector<double> got(static_cast<std::size_t>(table.taps()));
            for (int n = 0; n < 500; ++n) {
                const double fraction = std::fmod(n * 0.6180339887, 1.0);
                table.weights(fraction, got);
                for (std::size_t tap = 0; tap < got.size(); ++tap) {
                    const long double t = static_cast<long double>(fraction) -
                                          (static_cast<long double>(tap) + 1 - design.half);
                    const long double part = t / design.half;
                    const long double inside = std::max(0.0L, 1 - part * part);
                    const long double sinc =
                        t == 0 ? 2 * cutoff : std::sin(2 * pi * cutoff * t) / (pi * t);
                    const long double right = sinc *
                                              std::cyl_bessel_i(0.0L, beta * std::sqrt(inside)) /
                                              std::cyl_bessel_i(0.0L, beta);
                    worst = std::max(worst, std::abs(got[tap] - static_cast<double>(right)));
                }
            }
        }
        MESSAGE("worst " << worst);
        CHECK(worst < 5e-13);
    }

    TEST_CASE("with 128 samples a cycle a distorted wave is right to 1e-9 of its fundamental, also "
              "off nominal frequency, over hours, through windows of the lock's kind") {
        for (const double f : {45.0, 49.37, 50.0, 53.1, 60.0, 65.0}) {
            CAPTURE(f);
            const Random random{3, "phases"};
            const Wave wave = [&](long double t) {
                long double sum = std::sin(two_pi * f * t);
                for (std::uint64_t h = 2; h <= 31; ++h)
                    sum += (h % 2 == 0 ? 0.02L : 0.25L) / h *
                           std::sin(two_pi * (f * t * h + random.uniform(h)));
                return sum;
            };
            const double nominal = f > 55.0 ? 60.0 : 50.0;
            const double hz = 128.0 * f;
            const RecordedSignal s = signal_of(
                recorded(wave, {{hz, static_cast<std::int64_t>(hz)}}, 2), {nominal, 31, 128});
            CHECK(worst(s, wave, 0.1, 0.9, 0) < 1e-9);
            CHECK(worst(s, wave, 0.1, 0.9, 1) < 1e-9);

            const Window window{SimTime{SimDuration{123'456'789}},
                                SimDuration{std::llround(10.0 / f * 1e9)}, 10};
            REQUIRE(s.covers(window));
            std::vector<double> out(2 * 2000);
            s.sample(window, 2000, out);
            double most = 0.0;
            for (int n = 0; n < window.samples(); ++n) {
                const long double t =
                    (123'456'789.0L + static_cast<long double>(n) *
                                          static_cast<long double>(window.length.count()) / 1280) *
                    1e-9L;
                for (const int c : {0, 2000}) {
                    const double got = out[static_cast<std::size_t>(c + n)];
                    most = std::max(most, std::abs(got - static_cast<double>(wave(t))));
                }
            }
            CHECK(most < 1e-9);
        }
    }

    TEST_CASE("what lies above the reader's reach does not fold onto its orders") {
        // 256 samples a cycle hold order 100; 128 a cycle would show it as order 28.
        const Wave wave = tone(100 * 50.0, 0.2);
        const RecordedSignal s = signal_of(recorded(wave, {{12800, 12800}}), {50, 31, 128});
        CHECK(worst(
                  s, [](long double) { return 0.0L; }, 0.1, 0.9) <
              sinc_error(design_sinc(256, 31, 128)));
    }

    TEST_CASE("a grid 6 % high: 96 samples a cycle carry all orders, 80 carry order 29") {
        const auto error = [](double hz, double f, int h) {
            const Wave wave = tone(h * f, 0.3);
            const RecordedSignal s =
                signal_of(recorded(wave, {{hz, static_cast<std::int64_t>(hz / 2)}}), {50, 31, 128});
            return worst(s, wave, 0.05, 0.4);
        };
        for (const int h : {1, 20, 29, 31})
            CHECK(error(4800, 53.0, h) <= sinc_error(design_sinc(96, 31, 128)));
        for (const int h : {1, 20, 29})
            CHECK(error(4000, 53.0, h) <= sinc_error(design_sinc(80, 31, 128)));
        CHECK(error(4000, 51.0, 31) < 4e-7);
        CHECK(error(4000, 52.0, 31) < 2e-5);
        CHECK(error(4000, 52.0, 31) > 1e-6); // so it is worth saying
        CHECK(error(4000, 53.0, 30) < 2e-6);
    }

    TEST_CASE("a recording of hours loses no digits: instants keep whole seconds apart") {
        // Order 1 at sample rate 2 MHz would need the memory; a large start of the window does not.
        const Wave wave = tone(50.0, 0.0);
        Recording r = recorded(wave, {{6400, 6400 * 400}});
        const RecordedSignal s = signal_of(r, {50, 31, 128});
        CHECK(worst(s, wave, 398.0, 399.0) < 1e-10);
    }

    TEST_CASE("at a change of rate and at the ends the stated polynomial bound holds") {
        const auto bound = [](double per_cycle, int h) {
            return 0.016 * std::pow(6.283185307 * h / per_cycle, 8) + 1e-12;
        };
        for (const int h : {1, 3, 5, 7}) {
            CAPTURE(h);
            const Wave wave = tone(50.0 * h, 0.15);
            const RecordedSignal s =
                signal_of(recorded(wave, {{12800, 1280}, {6400, 1920}}), {50, 31, 128});
            CHECK(worst(s, wave, 0.0, 0.002) <= bound(256, h));
            CHECK(worst(s, wave, 0.095, 0.105) <= bound(128, h));
            CHECK(worst(s, wave, s.end_s() - 0.002, s.end_s()) <= bound(128, h));
            CHECK(worst(s, wave, 0.01, 0.09) <= 7e-12);
            CHECK(worst(s, wave, 0.11, 0.19) <= 2.2e-12);
        }
    }

    TEST_CASE("rates that follow the frequency are one run, wrong by the change times h/N") {
        std::vector<RecordedRate> rates;
        double hz = 6400.0;
        for (std::int64_t end = 128; end <= 12800; end += 128) {
            rates.push_back({hz, end});
            hz *= end % 256 == 0 ? 1.0008 : 0.9994;
        }
        for (const int h : {1, 11, 31}) {
            const Wave wave = tone(50.0 * h, 0.4);
            const RecordedSignal s = signal_of(recorded(wave, rates), {50, 31, 128});
            const double most = worst(s, wave, 0.0, 1.9);
            CHECK(worst(s, wave, 0.01, 1.9) <= 8e-4 * h / 128.0);
            CHECK(most >= 1e-9); // it is an error, and it is seen
        }
    }
}

TEST_SUITE("unit") {
    TEST_CASE("a rate too low for an order is told, with the rate it needs") {
        const Wave wave = tone(50, 0);
        CHECK(
            refusal(recorded(wave, {{3200, 3200}}), {50, 31, 128}) ==
            "wave.cfg: samples 1 to 3200 have a rate of 3200 Hz, too low for order 31 at 50 Hz; "
            "more than 3100 Hz carry it in theory, 3935.1 Hz with the filter used here; this rate "
            "carries orders up to 25");
        signal_of(recorded(wave, {{3200, 3200}}), {50, 25, 128});
        signal_of(recorded(wave, {{3936, 3936}}), {50, 31, 128});
        const std::string mixed =
            refusal(recorded(wave, {{6400, 640}, {1000, 800}}), {50, 31, 128});
        CHECK(mixed.find("samples 641 to 800 have a rate of 1000 Hz") != std::string::npos);
    }

    TEST_CASE("missing samples, pauses and uneven times are refused with their place") {
        Recording r = recorded(tone(50, 0), {{6400, 640}});
        r.channels[0].values[99] = r.channels[0].values[200] = std::nan("");
        CHECK(refusal(r, {}).find("misses 2 samples, the first is sample 100") !=
              std::string::npos);

        Recording paused = recorded(tone(50, 0), {{6400, 320}, {6400, 640}});
        for (std::int64_t n = 0; n < 640; ++n)
            paused.stamps_ns.push_back(n * 156'250 + (n < 320 ? 0 : 1'000'000'000));
        CHECK(refusal(paused, {}).find("after sample 320; cut it there") != std::string::npos);

        Recording uneven = recorded(tone(50, 0), {{6400, 640}});
        uneven.rates.clear();
        for (std::int64_t n = 0; n < 640; ++n)
            uneven.stamps_ns.push_back(n * 156'250 + (n % 7) * 10'007);
        CHECK(refusal(uneven, {}).find("are the times uneven?") != std::string::npos);
        CHECK(refusal(recorded(tone(50, 0), {{6400, 95}, {8000, 300}}), {})
                  .find("samples 1 to 95 are alone with their rate; a rate must hold for at least "
                        "96 samples") != std::string::npos);
        CHECK(refusal(recorded(tone(50, 0), {{6400, 95}}), {}).find("has 95 samples, too few") !=
              std::string::npos);
    }

    TEST_CASE("outside the recording there is nothing; skews narrow what is covered") {
        const RecordedSignal s = signal_of(recorded(tone(50, 0.25), {{6400, 6400}}, 3), {});
        CHECK(s.channels() == 3);
        CHECK(s.begin_s() == doctest::Approx(75e-6));
        CHECK(s.end_s() == doctest::Approx(6399.0 / 6400));
        CHECK(s.at(0, -1e-6) == 0.0);
        CHECK(s.at(0, 1.0) == 0.0);
        CHECK(s.at(0, 0.0) == 1.0);
        CHECK(s.at(0, 6399.0 / 6400) == doctest::Approx(std::cos(6.283185307 * 50 * 6399 / 6400)));
        CHECK_FALSE(s.covers({SimTime{SimDuration{70'000}}, SimDuration{200'000'000}, 10}));
        CHECK(s.covers({SimTime{SimDuration{80'000}}, SimDuration{200'000'000}, 10}));
        // Of one channel, too: what is recorded together is read together.
        std::vector<Mistake> mistakes;
        const auto first = RecordedSignal::make(recorded(tone(50, 0.25), {{6400, 6400}}, 3),
                                                {{0, 1.0}}, {}, "f", mistakes);
        REQUIRE(first);
        CHECK(first->begin_s() == s.begin_s());
        CHECK(first->end_s() == s.end_s());
        CHECK_FALSE(s.covers({SimTime{SimDuration{800'000'000}}, SimDuration{200'000'000}, 10}));
    }

    TEST_CASE("the same instants give the same bits, one window or many calls") {
        const Recording r = random_floats(21, 2, 0, 2000);
        const RecordedSignal s = signal_of(r, {50, 31, 128});
        const Window window{SimTime{SimDuration{31'250'000}}, SimDuration{200'000'000}, 10};
        std::vector<double> out(2 * 1280);
        std::vector<double> again(2 * 1280);
        s.sample(window, 1280, out);
        signal_of(r, {50, 31, 128}).sample(window, 1280, again);
        CHECK(out == again);
        CHECK(out[0] == s.at(0, 0.03125));
    }
}
