// A flat load has one maximum demand: the first.
#include "farms.hpp"
#include "folder.hpp"
#include "tests/short_life.hpp"

#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

using namespace kpmsim;
using test::Folder;
using test::life;
using namespace std::chrono_literals;

namespace {

CivilTime time_of(double unix_s) {
    return CivilTime{std::chrono::seconds{static_cast<std::int64_t>(unix_s)}};
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("maximum demand on a flat load is that of the first time reached") {
        const Folder folder;
        std::ofstream{folder / "p.csv"} << "time,p_a,p_b,p_c\n0,0,0,0\n600,1000,1000,1000\n";
        struct Meter {
            const char* keys;
            SimDuration full; ///< after the load is there: its demand window
        };
        const std::array meters{
            Meter{"model = \"kpm312\"\nloads = [\"x\"]\n", 5min},
            Meter{"model = \"kpm312\"\noptions = \"1D\"\nloads = [\"x\"]\n", 5min},
            Meter{"model = \"kpm312\"\noptions = \"1B\"\nloads = [\"x\"]\naccuracy = \"class\"\n",
                  5min},
            Meter{"model = \"kpm53\"\nload = \"x\"\nct = \"4000/5 A\"\npt = \"1000/100 V\"\n"
                  "settings.start_current_ma = 1\nwiring = \"2LL2CT\"\n",
                  15min},
            Meter{"model = \"kpm33b\"\nload = \"x\"\nsettings.demand_minutes = 1\n", 1min}};
        for (const char* const f : {"50 Hz", "50.02 Hz", "59.97 Hz"}) {
            std::string text = "[supply.main]\nf = \"" + std::string{f} +
                               "\"\n[load.x]\nprofile = \"p.csv\"\nprofile_shape = \"steps\"\n"
                               "profile_end = \"hold\"\n";
            for (const Meter& meter : meters)
                text += "[[meter]]\nname = \"m" + std::to_string(&meter - meters.data()) + "\"\n" +
                        meter.keys;
            FarmPlan plan = parse_farm(text, folder / "f.toml", test::types());
            for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
                plan.fidelity = fidelity;
                Farm farm{plan, 2};
                const SimTime end{fidelity == Fidelity::window ? life(24h, 1h)
                                                               : life(60min, 26min)};
                std::vector<double> first(meters.size());
                for (SimTime to{26min}; to <= end; to += 34min) {
                    farm.advance(to);
                    farm.publish(to);
                    for (std::size_t m = 0; m < meters.size(); ++m) {
                        CAPTURE(m);
                        CAPTURE(std::string{f});
                        CAPTURE(std::string{name_of(fidelity)});
                        const DemandReadings& demand =
                            farm.meters()[m].circuits()[0].state().demand;
                        const CivilTime reached =
                            std::chrono::time_point_cast<std::chrono::seconds>(
                                plan.start +
                                std::chrono::floor<std::chrono::seconds>(10min + meters[m].full));
                        CHECK(iso_text(time_of(demand[Demand::p_max_time])) == iso_text(reached));
                        CHECK(iso_text(time_of(demand[Demand::s_max_time])) == iso_text(reached));
                        if (first[m] == 0)
                            first[m] = demand[Demand::p_max];
                        CHECK(demand[Demand::p_max] == first[m]);
                        CHECK(first[m] == doctest::Approx(3000).epsilon(m == 2 ? 0.01 : 1e-4));
                    }
                }
            }
        }
    }

    TEST_CASE("extremes of a load that stays are those of its first window") {
        const std::string file = "[supply.main]\nf = \"50.03 Hz\"\n"
                                 "harmonics.u = { 5 = \"3 %\", 7 = \"2 %\" }\n"
                                 "unbalance.magnitude = [\"100 %\", \"98 %\", \"101 %\"]\n"
                                 "[load.x]\np = \"1 kW\"\npf = \"0.8 ind\"\n"
                                 "[[meter]]\nname = \"m\"\nmodel = \"kpm312\"\nloads = [\"x\"]\n"
                                 "[[meter]]\nname = \"n\"\nmodel = \"kpm37\"\nload = \"x\"\n";
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(std::string{name_of(fidelity)});
            FarmPlan plan = parse_farm(file, "f.toml", test::types());
            plan.fidelity = fidelity;
            Farm farm{plan, 1};
            const SimTime first{400ms};
            farm.advance(first);
            farm.publish(first);
            const auto times = [&](std::size_t meter) {
                std::vector<std::pair<std::string, double>> out;
                const Circuit& circuit = farm.meters()[meter].circuits()[0];
                for (const Point& point : circuit.type().points.all()) {
                    if (point.kind != PointKind::extreme || !point.name.ends_with("_time"))
                        continue;
                    if (const auto at = circuit.get(point.name, Access::wire)) // it is fitted
                        out.emplace_back(point.name, at->number);
                }
                return out;
            };
            const std::array then{times(0), times(1)};
            CHECK(then[0].size() > 60);
            const SimTime end{life(10min, 1min)};
            farm.advance(end);
            farm.publish(end);
            for (std::size_t meter = 0; meter < 2; ++meter)
                CHECK(times(meter) == then[meter]);
        }
    }
}
