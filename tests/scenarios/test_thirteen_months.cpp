// Thirteen months of a KPM37 in window fidelity, and what its registers must hold: worked out here, half hour by half hour,
// with a calendar and tariffs of this file's own.
#include "farms.hpp"
#include "folder.hpp"

#include "scenarios/play/actions.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <fstream>
#include <map>

using namespace kpmsim;
using namespace std::chrono_literals;
using test::Folder;

namespace {

// The farm --------------------------------------------------------------------------------------

/// W of the three phases in each hour of the day; around noon the roof gives more than the shop takes.
constexpr std::array<int, 24> shop_w{900,  900,  840,  840,   960,   1500,  2400, 3300,
                                     4200, 2400, -900, -2700, -4500, -3300, -600, 1800,
                                     3900, 5700, 8100, 6600,  4800,  2100,  1500, 1200};
constexpr double import_pf = 0.8; // inductive: Q is 3/4 of P, S is 5/4; of export it is 1

constexpr const char* farm_file = R"(
[farm]
fidelity = "window"
start = "2027-12-20T00:00:00"
[supply.main]
[load.shop]
profile = "shop.csv"
profile_shape = "steps"
[[meter]]
name = "shop"
model = "kpm37"
rating = "100"
load = "shop"
settings = { settlement_day = 15 }
[meter.tariff]
zones = ["01-01 day 2", "02-29 day 1", "04-01 day 3", "10-31 day 2"]
days = [
    ["06:00 peak", "22:30 valley"],
    ["07:00 flat", "17:00 sharp", "19:30 peak", "21:00 valley"],
    ["00:00 valley", "05:00 flat", "11:00 sharp", "13:00 flat", "20:00 peak"],
]
second.zones = ["12-24 day 1", "12-27 day 2"]
second.days = [["00:00 deep valley"], ["08:00 flat", "20:30 deep valley"]]
switch = "2028-12-01"
[[do]]
kind = "power-off"
meter = "shop"
at = "2028-01-14T22:00:00"
for = "5 h"
[[do]]
kind = "power-off"
meter = "shop"
at = "2028-08-03T10:30:00"
for = "6 h"
)";

// The paper -------------------------------------------------------------------------------------

struct Date {
    int year, month, day;
    bool operator==(const Date&) const = default;
};

Date next(Date d) {
    constexpr std::array<int, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int length =
        lengths[static_cast<std::size_t>(d.month - 1)] + (d.month == 2 && d.year == 2028 ? 1 : 0);
    if (d.day < length)
        return {d.year, d.month, d.day + 1};
    return d.month < 12 ? Date{d.year, d.month + 1, 1} : Date{d.year + 1, 1, 1};
}

/// t1 to t5, by the date and half hours since midnight.
int tariff_on_paper(Date d, int half) {
    const double hour = half / 2.0;
    const bool second = d.year == 2029 || (d.year == 2028 && d.month == 12);
    const bool christmas = d.month == 12 && d.day >= 24 && d.day < 27;
    if (second)
        return christmas || hour < 8 || hour >= 20.5 ? 5 : 3;
    const bool summer = d.month >= 4 && (d.month < 10 || (d.month == 10 && d.day < 31));
    const bool spring = d.month == 3 || (d.month == 2 && d.day == 29);
    if (summer)
        return hour < 5 ? 4 : hour < 11 ? 3 : hour < 13 ? 1 : hour < 20 ? 3 : 2;
    if (spring)
        return hour >= 6 && hour < 22.5 ? 2 : 4;
    return hour < 7 ? 4 : hour < 17 ? 3 : hour < 19.5 ? 1 : hour < 21 ? 2 : 4;
}

bool off_on_paper(Date d, int half) {
    if (d == Date{2028, 1, 14})
        return half >= 44;
    if (d == Date{2028, 1, 15})
        return half < 6;
    return d == Date{2028, 8, 3} && half >= 21 && half < 33;
}

/// kWh by register name.
using Kilo = std::map<std::string, double>;

struct Paper {
    Kilo now;
    std::vector<Kilo> months{{}}; ///< the running one last
    Kilo frozen;
    double powered_h{0};
    double month_peak_w{0}, last_peak_w{0}; ///< five minutes of any half hour
};

void book(Paper& paper, Date d, int half) {
    if (d.day == 15 && half == (d == Date{2028, 1, 15} ? 6 : 0)) {
        paper.frozen = paper.now;
        paper.months.emplace_back();
        paper.last_peak_w = paper.month_peak_w;
        paper.month_peak_w = 0;
    }
    if (off_on_paper(d, half))
        return;
    const int w = shop_w[static_cast<std::size_t>(half / 2)];
    const auto t = fmt::format("_t{}", tariff_on_paper(d, half));
    const auto add = [&](const std::string& name, double kilo) {
        for (const std::string& each : {name, name + t}) {
            paper.now[each] += kilo;
            paper.months.back()[each] += kilo;
        }
    };
    const double kwh = std::abs(w) / 2000.0;
    add(w > 0 ? "e_p_import" : "e_p_export", kwh);
    if (w > 0)
        add("e_q_import", 0.75 * kwh);
    paper.powered_h += 0.5;
    paper.month_peak_w = std::max(paper.month_peak_w, static_cast<double>(w));
}

Paper work_out(Date from, Date to, int halves_of_last) {
    Paper paper;
    for (Date d = from; !(d == to); d = next(d))
        for (int half = 0; half < 48; ++half)
            book(paper, d, half);
    for (int half = 0; half < halves_of_last; ++half)
        book(paper, to, half);
    return paper;
}

void write_profile(const std::string& path) {
    std::ofstream file{path};
    file << "time,p_a,p_b,p_c,pf\n";
    for (std::size_t hour = 0; hour < shop_w.size(); ++hour)
        file << fmt::format("{:02}:00,{},{},{},{}\n", hour, shop_w[hour] / 3.0, shop_w[hour] / 3.0,
                            shop_w[hour] / 3.0, shop_w[hour] > 0 ? import_pf : 1);
}

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("thirteen months of tariffs and freezes are what half hours add up to") {
        const Folder folder;
        write_profile(folder / "shop.csv");
        const FarmPlan plan = parse_farm(farm_file, folder / "f.toml", test::types());
        Farm farm{plan, 1};
        Actions actions{farm};
        CivilTime end;
        REQUIRE(parse_iso("2029-01-20T12:00:00", end));
        const SimTime to{end - plan.start};
        farm.advance(to);
        farm.publish(to);

        const Paper paper = work_out({2027, 12, 20}, {2029, 1, 20}, 24);
        REQUIRE(paper.months.size() == 14);
        const auto show = [&](const std::string& point) {
            return farm.meters()[0].circuits()[0].get(point, Access::wire).value().number;
        };
        // A window of 200 ms at each end of an outage, and the steps of the converters: 2 Wh.
        const auto is = [&](const std::string& point, double kilo) {
            CAPTURE(point);
            CHECK(show(point) == doctest::Approx(kilo).epsilon(2e-6).scale(1000));
        };
        for (const char* way : {"e_p_import", "e_p_export", "e_q_import"})
            for (int t = 0; t <= 5; ++t) {
                const std::string name = t == 0 ? way : fmt::format("{}_t{}", way, t);
                const auto of = [&](const Kilo& kilo) {
                    const auto found = kilo.find(name);
                    return found == kilo.end() ? 0.0 : found->second;
                };
                is(name, of(paper.now));
                is(name + "_frozen", of(paper.frozen));
                for (int ago = 0; ago <= 12; ++ago)
                    is(fmt::format("{}_month_{}", name, ago),
                       of(paper.months[13 - static_cast<std::size_t>(ago)]));
            }
        CivilTime frozen;
        REQUIRE(parse_iso("2029-01-15T00:00:00", frozen));
        CHECK(show("freeze_time") == static_cast<double>(frozen.time_since_epoch().count()));
        CHECK(show("run_time") == doctest::Approx(paper.powered_h).epsilon(1e-6));
        CHECK(show("demand_p_max_frozen") == doctest::Approx(paper.last_peak_w).epsilon(1e-5));
        CHECK(show("demand_p_max") == doctest::Approx(paper.month_peak_w).epsilon(1e-5));
        CHECK(show("demand_i_a_max_frozen") ==
              doctest::Approx(paper.last_peak_w / 3 / 230 / import_pf).epsilon(1e-5));
    }
}
