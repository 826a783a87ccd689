#include "recordings/timeline.hpp"
#include "tests/recordings/sample_recording.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;
using namespace kpmsim::test;

namespace {

/// Stamps of samples at these rates, rounded to a unit; the step after a stretch is one of its own.
std::vector<std::int64_t> stamps(const std::vector<RecordedRate>& rates, double unit_ns) {
    std::vector<std::int64_t> out;
    double t = 0.0;
    for (const RecordedRate& rate : rates) {
        while (static_cast<std::int64_t>(out.size()) < rate.end) {
            out.push_back(static_cast<std::int64_t>(std::round(t / unit_ns) * unit_ns));
            t += 1e9 / rate.hz;
        }
    }
    return out;
}

Recording with(const std::vector<RecordedRate>& rates, const std::vector<std::int64_t>& of) {
    Recording r;
    r.rates = rates;
    r.stamps_ns = of;
    r.channels.resize(1);
    r.channels[0].codes.resize(rates.empty() ? of.size()
                                             : static_cast<std::size_t>(rates.back().end));
    return r;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("stretches of one rate are one, the step to another is a period of the old") {
        const Timeline t = timeline_of(with({{1200, 300}, {1200, 600}, {4800, 900}}, {}));
        REQUIRE(t.size() == 2);
        CHECK(t[0].count == 600);
        CHECK(t[1].first == 600);
        CHECK(t[1].begin_s == doctest::Approx(600.0 / 1200).epsilon(1e-14));
    }

    TEST_CASE("stamps that agree with the rates decide the step from one to the next") {
        const std::vector<RecordedRate> rates{{1000, 100}, {4000, 500}};
        std::vector<std::int64_t> of = stamps(rates, 1000);
        CHECK(timeline_of(with(rates, of))[1].begin_s == doctest::Approx(0.1));
        for (std::size_t n = 100; n < 500; ++n)
            of[n] -= 750'000; // a period of the new rate
        CHECK(timeline_of(with(rates, of))[1].begin_s == doctest::Approx(0.099 + 0.00025));
        for (std::size_t n = 100; n < 500; ++n)
            of[n] += 2'000'000'000; // a pause
        CHECK(timeline_of(with(rates, of))[1].begin_s == doctest::Approx(2.09925));
        of.assign(500, 0); // stamps that nobody set
        CHECK(timeline_of(with(rates, of))[1].begin_s == doctest::Approx(0.1));
    }

    TEST_CASE("rounded stamps give back the rates they came from") {
        for (const double unit : {1.0, 1000.0}) {
            const std::vector<RecordedRate> rates{{4800, 960}, {12800, 3520}, {1000, 3720}};
            const Timeline t = timeline_of(with({}, stamps(rates, unit)));
            REQUIRE(t.size() == 3);
            CHECK(t[0].hz == doctest::Approx(4800).epsilon(1e-5));
            CHECK(t[1].hz == doctest::Approx(12800).epsilon(1e-5));
            CHECK(t[2].hz == doctest::Approx(1000).epsilon(1e-5));
            CHECK(t[0].count + t[1].count + t[2].count == 3720);
        }
        CHECK(timeline_of(with({}, stamps({{4800, 9600}}, 1000)))[0].hz == 4800.0);
        CHECK(timeline_of(with({}, stamps({{4000, 4000}}, 1000)))[0].hz == 4000.0);
        CHECK(timeline_of(with({}, {5000}))[0].count == 1);
        CHECK(timeline_of(Recording{}).empty());
    }
}
