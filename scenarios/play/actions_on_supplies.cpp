#include "scenarios/play/actions.hpp"

#include <algorithm>
#include <utility>

namespace kpmsim {
namespace {

Disturbance level(const FarmAction& action, double factor) {
    Disturbance d;
    d.start = action.from;
    d.length = action.length;
    d.edge = action.edge;
    d.factor = factor;
    return d;
}

} // namespace

void Actions::begin_set_points() {
    set_.clear();
    for (const SupplyPlan& supply : farm_.plan().supplies)
        set_.push_back({{0, {}, {}, supply.spec.u_v, supply.spec.f_hz, {1, 1, 1}}});
}

void Actions::disturb(const FarmAction& action, std::uint64_t id) {
    for (std::size_t n = 0; n < action.supplies.size(); ++n) {
        SupplyPlan as_now;
        as_now.spec = *farm_.supply(action.supplies[n]);
        const std::size_t there = as_now.spec.disturbances.size();
        as_now.disturbances = {action.disturbances[n]};
        as_now.disturbances.front().at = action.from - SimTime{};
        const SupplySpec then = scheduled(as_now, farm_.plan().start);
        for (std::size_t d = there; d < then.disturbances.size(); ++d) {
            Disturbance one = then.disturbances[d];
            one.action = id;
            farm_.disturb(action.supplies[n], std::move(one));
        }
    }
}

void Actions::set_supply(const FarmAction& action, std::uint64_t id) {
    const auto number = [&](const char* key, double without) {
        const auto value = action.number.find(key);
        return value == action.number.end() ? without : value->second;
    };
    for (const std::size_t n : action.supplies) {
        std::vector<SetPoints>& stack = set_[n];
        const auto above = std::find_if(stack.begin() + 1, stack.end(), [&](const SetPoints& one) {
            return one.from > action.from;
        });
        const auto place = static_cast<std::size_t>(above - stack.begin());
        const SetPoints below = stack[place - 1];
        SetPoints mine = below;
        mine.action = id;
        mine.from = action.from;
        mine.edge = action.edge;
        mine.u_v = number("u", below.u_v);
        mine.f_hz = number("f", below.f_hz);
        if (const auto factors = action.factors.find("magnitude"); factors != action.factors.end())
            mine.magnitude = factors->second;
        if (action.has("u") || action.has("magnitude"))
            set_voltage(n, mine, action);
        add_hertz(n, mine, mine.f_hz - below.f_hz, action.from, action.length, action.edge);
        // One with an end moves the frequency by so much whatever is set meanwhile.
        if (action.length == for_good) {
            stack.insert(above, mine);
            carry(n, place + 1, below.f_hz - mine.f_hz, action.from, action.edge);
        }
        Disturbance more = level(action, 1.0);
        more.action = id;
        more.edge = {};
        if (action.harmonics.contains("harmonics") || action.number.contains("dc")) {
            more.kind = DisturbanceKind::harmonics;
            if (action.harmonics.contains("harmonics"))
                more.harmonics = action.harmonics.at("harmonics");
            more.volts = number("dc", 0.0);
            farm_.disturb(n, more);
        }
        if (action.number.contains("noise")) {
            more.kind = DisturbanceKind::noise;
            more.volts = number("noise", 0.0);
            farm_.disturb(n, more);
        }
        if (action.number.contains("interharmonic_f")) {
            more.kind = DisturbanceKind::oscillation;
            more.hz = number("interharmonic_f", 0.0);
            more.volts = number("interharmonic_u", 0.0);
            more.decay = for_good;
            farm_.disturb(n, more);
        }
    }
}

/// As parts of what is written: what is set later lies over it, and it shows again below that.
void Actions::set_voltage(std::size_t supply, const SetPoints& to, const FarmAction& how) {
    const double written_v = farm_.plan().supplies[supply].spec.u_v;
    for (std::size_t p = 0; p < 3; ++p) {
        Disturbance d = level(how, to.u_v / written_v * to.magnitude[p]);
        d.kind = DisturbanceKind::set_level;
        d.action = to.action;
        d.phases = {p == 0, p == 1, p == 2};
        farm_.disturb(supply, std::move(d));
    }
}

void Actions::add_hertz(std::size_t supply, const SetPoints& to, double hz, SimTime from,
                        SimDuration length, SimDuration edge) {
    if (hz == 0.0)
        return;
    Disturbance d;
    d.kind = DisturbanceKind::frequency;
    d.action = to.action;
    d.start = from;
    d.length = length;
    d.edge = edge;
    d.hz = hz;
    farm_.disturb(supply, std::move(d));
}

/// A set point is a difference from the one below: when that is another, the one above makes up for it.
void Actions::carry(std::size_t supply, std::size_t above, double hz, SimTime at,
                    SimDuration edge) {
    if (above >= set_[supply].size())
        return;
    const SetPoints& one = set_[supply][above];
    const bool there = one.from <= at;
    add_hertz(supply, one, hz, there ? at : one.from, for_good, there ? edge : one.edge);
}

/// An action's set points are taken out; where they held, the ones below hold again.
void Actions::forget(std::uint64_t id, SimTime at) {
    farm_.end(id, at);
    for (std::size_t n = 0; n < set_.size(); ++n) {
        std::vector<SetPoints>& stack = set_[n];
        const auto found = std::find_if(stack.begin() + 1, stack.end(),
                                        [&](const SetPoints& one) { return one.action == id; });
        if (found == stack.end())
            continue;
        const SetPoints mine = *found;
        const auto above = static_cast<std::size_t>(stack.erase(found) - stack.begin());
        carry(n, above, mine.f_hz - stack[above - 1].f_hz, at, mine.edge);
    }
}

} // namespace kpmsim
