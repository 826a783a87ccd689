#pragma once

#include "wound_farm.hpp"

#include "files/json_node.hpp"
#include "scenarios/play/actions.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>

/// A small farm to which things are done while it is stepped.
namespace kpmsim::test {

inline constexpr std::string_view stage = R"(
[farm]
seed = 7
[supply.main]
u = "230 V"
[load.heat]
kind = "resistive"
p = "6 kW"
[load.shop]
p = "3 kW"
pf = "0.9 ind"
[[meter]]
name = "heat"
model = "kpm53"
load = "heat"
tags = ["cellar"]
[[meter]]
name = "shop-{n+1}"
model = "kpm37"
count = 2
load = "shop"
tags = ["street"]
[[meter]]
name = "four"
model = "kpm312"
loads = ["heat", "shop", "none", "none"]
)";

class Play {
public:
    explicit Play(std::string_view more = "", Fidelity fidelity = Fidelity::sample, int threads = 1)
        : plan_{plan_of(more, fidelity)}, farm{plan_, threads}, actions{farm} {}

    void to(SimDuration at) {
        farm.advance(SimTime{} + at);
        farm.publish(SimTime{} + at);
    }
    /// {"kind": "dip", …} with ' for ".
    std::uint64_t act(std::string json) {
        std::replace(json.begin(), json.end(), '\'', '"');
        std::vector<Mistake> mistakes;
        const auto id = actions.start(parse_json(json, "action", mistakes), mistakes);
        for (const Mistake& mistake : mistakes)
            FAIL_CHECK(to_text(mistake));
        return id.value_or(0);
    }
    std::string mistakes_of(std::string json) {
        std::replace(json.begin(), json.end(), '\'', '"');
        std::vector<Mistake> mistakes;
        CHECK_FALSE(actions.start(parse_json(json, "action", mistakes), mistakes));
        std::string all;
        for (const Mistake& mistake : mistakes)
            all += to_text(mistake) + '\n';
        return all;
    }
    double get(const std::string& meter, const std::string& point, int circuit = 0) {
        for (Meter& one : farm.meters())
            if (one.spec().name == meter)
                return one.circuits()[static_cast<std::size_t>(circuit)]
                    .get(point, Access::local)
                    .value()
                    .number;
        FAIL("no meter " << meter);
        return 0;
    }
    Seen seen() {
        Seen all;
        look(farm, all);
        return all;
    }

private:
    static FarmPlan plan_of(std::string_view more, Fidelity fidelity) {
        static const TypeLibrary library = TypeLibrary::builtin();
        FarmPlan plan = parse_farm(std::string{stage} + std::string{more}, "play.toml", library);
        plan.fidelity = fidelity;
        return plan;
    }

    FarmPlan plan_;

public:
    Farm farm;
    Actions actions;
};

} // namespace kpmsim::test
