#include "scenarios/play/load_of_action.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

double number(const FarmAction& action, const char* key, double without) {
    const auto value = action.number.find(key);
    return value == action.number.end() ? without : value->second;
}

/// A power on the phases that the action says; of three, a third each.
std::array<double, 3> on_phases(const FarmAction& action, double all, bool each) {
    const auto phase = action.text.find("phase");
    if (phase == action.text.end())
        return each ? std::array{all, all, all} : std::array{all / 3, all / 3, all / 3};
    std::array<double, 3> out{};
    out[static_cast<std::size_t>(phase->second.front() - 'a')] = all;
    return out;
}

LoadSpec of_power(const FarmAction& action, LoadKind kind) {
    LoadSpec spec;
    spec.kind = kind;
    spec.p_w = on_phases(action, number(action, "p", 0), false);
    const double pf = number(action, "pf", 1);
    spec.pf = std::abs(pf);
    spec.capacitive = pf < 0;
    return spec;
}

LoadSpec set_load(const FarmAction& action) {
    LoadSpec spec = of_power(action, LoadKind::constant_power);
    if (action.has("i")) {
        spec.kind = LoadKind::constant_current;
        spec.p_w = {};
        spec.i_a = on_phases(action, number(action, "i", 0), true);
    }
    if (const auto list = action.harmonics.find("harmonics"); list != action.harmonics.end())
        spec.harmonics = list->second;
    return spec;
}

/// Twelve hours of half a sine, in steps of five minutes that go straight from one to the next.
LoadSpec clear_day(const FarmAction& action) {
    constexpr int rows = 144;
    const std::array<double, 3> noon = on_phases(action, number(action, "p", 0), false);
    std::vector<ProfilePoint> day;
    for (int n = 0; n <= rows; ++n) {
        const double part = n == rows ? 0 : std::sin(std::numbers::pi * n / rows);
        day.push_back({n * 5min, {-part * noon[0], -part * noon[1], -part * noon[2]}, 1.0});
    }
    LoadSpec spec;
    spec.kind = LoadKind::profile;
    spec.profile = std::move(day);
    spec.profile_end = ProfileEnd::zero;
    return spec;
}

LoadSpec capacitors(const FarmAction& action) {
    LoadSpec spec;
    spec.kind = LoadKind::capacitors;
    spec.q_var = on_phases(action, number(action, "q", 0), false);
    spec.nominal_u_v = number(action, "u", 230);
    return spec;
}

} // namespace

LoadChange load_change(const FarmAction& action, const FarmPlan& plan) {
    const std::string_view kind = action.kind->name;
    LoadChange change;
    change.from = action.from;
    change.length = action.length;
    change.edge = action.edge;
    if (kind == "load-off") {
        change.own = 0;
    } else if (kind == "load-scale") {
        change.own = number(action, "by", 1);
    } else if (kind == "load-set") {
        change.own = 0;
        change.beside = set_load(action);
        change.is_load = true;
    } else if (kind == "load-step") {
        change.beside = of_power(action, LoadKind::constant_power);
    } else if (kind == "load-like") {
        const auto load =
            std::find_if(plan.loads.begin(), plan.loads.end(),
                         [&](const LoadPlan& one) { return one.name == action.text.at("like"); });
        change.own = 0;
        change.beside = load->spec;
        change.is_load = true;
        change.ahead = ahead_of(*load, plan.start);
    } else if (kind == "inrush") {
        change.own = number(action, "factor", 1);
        change.decay = SimDuration{std::llround(1e9 * number(action, "decay", 1))};
    } else if (kind == "capacitor-bank") {
        change.beside = capacitors(action);
    } else if (kind == "ev-charging") {
        change.beside = of_power(action, LoadKind::ev_charger);
    } else if (kind == "pv-day") {
        change.beside = clear_day(action);
        change.ahead = SimTime{} - action.from;
    }
    return change;
}

} // namespace kpmsim
