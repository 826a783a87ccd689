#include "sim/demand.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <functional>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

CivilTime at(const char* text) {
    CivilTime t;
    REQUIRE(parse_iso(text, t));
    return t;
}

constexpr SimDuration window{200'000'000};

/// A meter on a clock: windows of 0.2 s from `start` on.
struct Bench {
    DemandMeter meter;
    DemandReadings demand;
    CivilTime start;
    SimTime now{};
    Resolution resolution;

    Bench(const char* from, int minutes) : start{at(from)} { meter.set_minutes(minutes); }

    void one(double p, double s = 0) {
        Readings r;
        r[Slot::p] = p;
        r[Slot::s] = s;
        r[Slot::i_b] = p / 100;
        r[Slot::s_c] = 2 * s;
        now += window;
        meter.push(r, window, civil_time(start, now), demand, resolution);
    }
    /// P as a function of the seconds since the start.
    void run(SimDuration length, const std::function<double(double)>& p) {
        for (const SimTime end = now + length; now < end;)
            one(p(seconds(now.time_since_epoch())));
    }
    void run(SimDuration length, double p) {
        run(
            length, [=](double) { return p; });
    }
};

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("after a step the demand climbs by a fifteenth a minute") {
        Bench b{"2026-03-01T12:00:00", 15};
        b.run(20min, 0.0);
        for (int k = 1; k <= 20; ++k) {
            b.run(59s + 800ms, 900);
            const double before = 60.0 * std::min(k - 1, 15);
            CHECK(b.demand[Demand::p] ==
                  doctest::Approx(before).epsilon(1e-12)); // held inside a minute
            b.run(200ms, 900);
            CHECK(b.demand[Demand::p] == doctest::Approx(60.0 * std::min(k, 15)).epsilon(1e-12));
        }
        CHECK(b.demand[Demand::p_max] == doctest::Approx(900));
        CHECK(b.demand[Demand::p_max_time] ==
              static_cast<double>(at("2026-03-01T12:35:00").time_since_epoch().count()));
    }

    TEST_CASE("a five-minute pulse makes a third of its height wherever it lies: it slides") {
        // 12:08 to 12:13 lies on the quarter hour's grid, 12:12:30 to 12:17:30 across it: blocks of
        // 15 minutes would show 1/3 and 1/6.
        for (const double begin_s : {23 * 60.0, 27 * 60.0 + 30}) {
            Bench b{"2026-03-01T11:45:00", 15};
            b.run(1h, [=](double t) {
                return t > begin_s + 0.1 && t < begin_s + 300.1 ? 1000.0
                                                                : 0.0; // by the window's end
            });
            CHECK(b.demand[Demand::p_max] == doctest::Approx(1000.0 / 3).epsilon(1e-12));
            CHECK(b.demand[Demand::p] == 0);
        }
    }

    TEST_CASE("before the window is full the demand is the mean over what there is") {
        Bench b{"2026-03-01T12:00:30", 5}; // begun in the middle of a minute
        b.run(29s + 800ms, 600);
        CHECK(b.demand[Demand::p] == 0);
        b.run(200ms, 600);
        CHECK(b.demand[Demand::p] == doctest::Approx(600).epsilon(1e-12));
        b.run(1min, 300); // 30 s of 600 W and 60 s of 300 W
        CHECK(b.demand[Demand::p] == doctest::Approx(400).epsilon(1e-12));
    }

    TEST_CASE("counting begins in the minute of the clock, not in that of the first window's end") {
        Bench b{"2026-03-01T12:00:59", 2};
        b.meter.begin(b.start, b.demand);
        b.run(1s, 600);
        CHECK(b.demand[Demand::p] == doctest::Approx(600).epsilon(1e-12));
        b.run(1min, 300);
        CHECK(b.demand[Demand::p] == doctest::Approx((600 + 60 * 300) / 61.0).epsilon(1e-12));
    }

    TEST_CASE("all quantities slide, export is negative and makes no maximum") {
        Bench b{"2026-03-01T12:00:00", 1};
        for (int i = 0; i < 300; ++i)
            b.one(-500, 700);
        CHECK(b.demand[Demand::p] == doctest::Approx(-500));
        CHECK(b.demand[Demand::s] == doctest::Approx(700));
        CHECK(b.demand[Demand::i_b] == doctest::Approx(-5));
        CHECK(b.demand[Demand::s_c] == doctest::Approx(1400));
        CHECK(b.demand[Demand::p_max] == 0);
        CHECK(b.demand[Demand::s_max] == doctest::Approx(700));
    }

    TEST_CASE("a maximum stands until it is exceeded by more than the converters tell apart") {
        Bench b{"2026-03-01T12:00:00", 1};
        b.resolution.s_va = 0.01; // 0.03 W of three phases
        const auto first =
            static_cast<double>(at("2026-03-01T12:01:00").time_since_epoch().count());
        for (const double p : {1000.0, 1000.02, 1000.0299, 999.0, 1000.01})
            for (int i = 0; i < 300; ++i)
                b.one(p, 1.1 * p);
        CHECK(b.demand[Demand::p_max] == doctest::Approx(1000).epsilon(1e-12));
        CHECK(b.demand[Demand::p_max_time] == first);
        CHECK(b.demand[Demand::s_max_time] - first == 120); // by 0.022 VA, then by 0.033 VA
        b.run(1min, 1000.031);
        CHECK(b.demand[Demand::p_max] == doctest::Approx(1000.031).epsilon(1e-12));
        CHECK(b.demand[Demand::p_max_time] == first + 300);
    }

    TEST_CASE("the month's last minute counts for the month, then the maxima begin anew") {
        Bench b{"2026-02-28T23:58:00", 1};
        b.run(1min, 100);
        b.run(59s + 800ms, 400);
        CHECK(b.demand[Demand::p_max] == doctest::Approx(100));
        CHECK(b.demand[Demand::p_max_time] ==
              static_cast<double>(at("2026-02-28T23:59:00").time_since_epoch().count()));
        b.run(200ms, 400);
        CHECK(b.demand[Demand::p] == doctest::Approx(400)); // the present value does not care
        CHECK(b.demand[Demand::p_max] == 0);
        CHECK(b.demand[Demand::p_max_time] == 0);
        b.run(1min, 50);
        CHECK(b.demand[Demand::p_max] == doctest::Approx(50));
        CHECK(b.demand[Demand::p_max_time] ==
              static_cast<double>(at("2026-03-01T00:01:00").time_since_epoch().count()));
        DemandMeter::clear_maxima(b.demand);
        CHECK(b.demand[Demand::p_max] == 0);
        CHECK(b.demand[Demand::p] == doctest::Approx(50));
    }

    TEST_CASE("the maxima of P, Q, S and the currents are each its own's, with its own time") {
        constexpr std::array of{Slot::p, Slot::q, Slot::s, Slot::i_a, Slot::i_b, Slot::i_c};
        constexpr std::array maxima{Demand::p_max,   Demand::q_max,   Demand::s_max,
                                    Demand::i_a_max, Demand::i_b_max, Demand::i_c_max};
        constexpr std::array times{Demand::p_max_time,   Demand::q_max_time,
                                   Demand::s_max_time,   Demand::i_a_max_time,
                                   Demand::i_b_max_time, Demand::i_c_max_time};
        DemandMeter meter;
        DemandReadings demand;
        const CivilTime start = at("2026-03-01T12:00:00");
        // Each one is greatest, 100 and its place, in a minute of its own.
        for (int n = 1; n <= 8 * 300; ++n) {
            Readings r;
            for (std::size_t k = 0; k < of.size(); ++k)
                r[of[k]] =
                    (n - 1) / 300 == static_cast<int>(k) ? 100.0 + static_cast<double>(k) : 10.0;
            meter.push(r, window, civil_time(start, SimTime{n * window}), demand);
        }
        for (std::size_t k = 0; k < of.size(); ++k) {
            CAPTURE(k);
            CHECK(demand[maxima[k]] == doctest::Approx(100.0 + static_cast<double>(k)));
            CHECK(demand[times[k]] == static_cast<double>(start.time_since_epoch().count() +
                                                          60 * (1 + static_cast<int>(k))));
        }
    }

    TEST_CASE("a maximum of a current stands until it is exceeded by a code of the converter") {
        Bench b{"2026-03-01T12:00:00", 1};
        b.resolution.i_a = 0.01;
        b.run(1min, 1000); // 10 A in phase b
        b.run(1min, 1000.9);
        CHECK(b.demand[Demand::i_b_max] == doctest::Approx(10));
        b.run(1min, 1001.1);
        CHECK(b.demand[Demand::i_b_max] == doctest::Approx(10.011));
    }

    TEST_CASE("maxima begin anew at 0:00 of their day, and what they were is written down") {
        Bench b{"2028-02-14T23:58:00", 1};
        b.meter.set_day(15);
        b.run(1min, 700);
        b.run(59s + 800ms, 400);
        CHECK(b.demand[Demand::p_max] == doctest::Approx(700));
        CHECK(b.demand.before(Demand::p_max) == 0);
        b.run(200ms, 400);
        CHECK(b.demand[Demand::p_max] == 0);
        CHECK(b.demand[Demand::i_b_max] == 0);
        CHECK(b.demand.before(Demand::p_max) == doctest::Approx(700));
        CHECK(b.demand.before(Demand::i_b_max) == doctest::Approx(7));
        CHECK(b.demand.before(Demand::p_max_time) ==
              static_cast<double>(at("2028-02-14T23:59:00").time_since_epoch().count()));
        b.run(1min, 50);
        b.start = at("2028-02-29T23:58:00") -
                  std::chrono::floor<std::chrono::seconds>(b.now.time_since_epoch());
        b.run(3min, 60); // into March, which is no month of its own
        CHECK(b.demand[Demand::p_max] == doctest::Approx(60));
        CHECK(b.demand.before(Demand::p_max) == doctest::Approx(700));
        b.start = at("2028-03-14T23:59:00") -
                  std::chrono::floor<std::chrono::seconds>(b.now.time_since_epoch());
        b.run(1min, 20);
        CHECK(b.demand.before(Demand::p_max) == doctest::Approx(60));
        CHECK(b.demand[Demand::p_max] == 0);
    }

    TEST_CASE("another day moves the next end of the month, and ends none") {
        Bench b{"2026-03-10T12:00:00", 1};
        b.run(1min, 100);
        b.meter.set_day(15);
        b.run(1min, 50);
        CHECK(b.demand[Demand::p_max] == doctest::Approx(100));
        CHECK(b.demand.before(Demand::p_max) == 0);
    }

    TEST_CASE("a month that ends without supply has its maxima written down when supply is back") {
        Bench b{"2026-02-28T23:50:00", 1};
        b.run(2min, 300);
        b.start += 1h;
        b.meter.begin(civil_time(b.start, b.now), b.demand);
        CHECK(b.demand.before(Demand::p_max) == doctest::Approx(300));
        CHECK(b.demand[Demand::p_max] == 0);
        b.run(2min, 100);
        b.start += 1h;
        b.meter.begin(civil_time(b.start, b.now), b.demand);
        CHECK(b.demand.before(Demand::p_max) == doctest::Approx(300));
        CHECK(b.demand[Demand::p_max] > 0);
        DemandMeter::clear_maxima(b.demand);
        CHECK(b.demand[Demand::p_max] == 0);
        CHECK(b.demand.before(Demand::p_max) == 0);
    }

    TEST_CASE("setting the clock ends the minute, back or forth, and nothing is lost or doubled") {
        Bench b{"2026-03-01T12:00:00", 3};
        b.run(1min + 30s, 600);
        b.start -= 10min; // half a minute of 600 W is a sub-interval of its own
        b.run(30s, 600);
        CHECK(b.demand[Demand::p] == doctest::Approx(600).epsilon(1e-12));
        b.start += 2h;
        b.run(3min, 600);
        CHECK(b.demand[Demand::p] == doctest::Approx(600).epsilon(1e-12));
    }

    TEST_CASE("each demand is the mean of its own quantity, with its sign") {
        DemandMeter meter;
        meter.set_minutes(2);
        DemandReadings demand;
        constexpr std::array of{Slot::p,   Slot::q,   Slot::s,   Slot::i_a, Slot::i_b,
                                Slot::i_c, Slot::s_a, Slot::s_b, Slot::s_c};
        const CivilTime start = at("2026-03-01T12:00:00");
        for (int n = 1; n <= 600; ++n) {
            Readings r;
            for (std::size_t k = 0; k < of.size(); ++k)
                r[of[k]] =
                    (k < 2 ? -1.0 : 1.0) * (n <= 300 ? 1.0 : 3.0) * static_cast<double>(k + 5);
            meter.push(r, window, civil_time(start, SimTime{n * window}), demand);
        }
        for (std::size_t k = 0; k < of.size(); ++k) {
            CAPTURE(k);
            const double mean = (k < 2 ? -2.0 : 2.0) * static_cast<double>(k + 5);
            CHECK(demand.value[k] == doctest::Approx(mean).epsilon(1e-12));
        }
    }

    TEST_CASE("a clock that is set back ends its minute at once") {
        Bench b{"2026-03-01T12:00:00", 3};
        b.run(30s, 600);
        b.start -= 10min;
        b.run(200ms, 600);
        CHECK(b.demand[Demand::p] == doctest::Approx(600).epsilon(1e-12));
    }

    TEST_CASE("a minute that a set clock ends has its time in whole minutes") {
        Bench b{"2026-03-01T12:00:00", 1};
        b.run(30s, 600);
        b.start += 10min + 20s; // 12:10:50
        b.run(200ms, 600);
        CHECK(b.demand[Demand::p_max_time] ==
              static_cast<double>(at("2026-03-01T12:10:00").time_since_epoch().count()));
    }

    TEST_CASE("the same month of another year is another month") {
        Bench b{"2026-03-10T12:00:00", 1};
        b.run(1min, 100);
        CHECK(b.demand[Demand::p_max] == doctest::Approx(100));
        b.start += std::chrono::days{365};
        b.run(200ms, 100);
        CHECK(b.demand[Demand::p_max] == 0);
    }

    TEST_CASE("a width that is written again changes nothing, another one begins anew") {
        Bench b{"2026-03-01T12:00:00", 5};
        b.run(1min, 600);
        b.meter.set_minutes(5);
        b.run(1min, 300);
        CHECK(b.demand[Demand::p] == doctest::Approx(450).epsilon(1e-12));
        b.meter.set_minutes(4);
        b.run(1min, 300);
        CHECK(b.demand[Demand::p] == doctest::Approx(300).epsilon(1e-12));
    }

} // TEST_SUITE
