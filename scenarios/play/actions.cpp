#include "scenarios/play/actions.hpp"

#include "files/json_node.hpp"
#include "scenarios/play/interventions_of_action.hpp"
#include "scenarios/play/load_of_action.hpp"
#include "scenarios/play/wiring_of_action.hpp"

#include "sim/guard.hpp"
#include "sim/layout.hpp"
#include "sim/random.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace kpmsim {
namespace {

/// Of a transient whose end nobody wrote: e^-40 of it is below a double's last bit.
SimDuration own_length(const FarmAction& action) {
    const auto of = [&](const char* parameter, double times) {
        const auto value = action.number.find(parameter);
        return value == action.number.end()
                   ? for_good
                   : SimDuration{std::llround(value->second * times * 1e9)};
    };
    if (action.kind->name == "inrush")
        return of("decay", 20);
    if (action.kind->name == "pv-day")
        return std::chrono::hours{12};
    if (action.kind->name == "reboot")
        return action.number.contains("takes") ? of("takes", 1)
                                               : SimDuration{std::chrono::seconds{3}};
    return for_good;
}

SimDuration spread_of(const FarmAction& action) {
    const auto spread = action.number.find("spread");
    return SimDuration{spread == action.number.end() ? 0 : std::llround(1e9 * spread->second)};
}

Disturbance level(const FarmAction& action, double factor) {
    Disturbance d;
    d.start = action.from;
    d.length = action.length;
    d.edge = action.edge;
    d.factor = factor;
    return d;
}

} // namespace

Actions::Actions(Farm& farm) : farm_{farm} {
    begin_set_points();
    std::vector<Mistake> mistakes;
    for (const TomlNode& written : farm.plan().actions)
        start(written, mistakes);
    if (!mistakes.empty())
        throw FileError{mistakes};
}

void Actions::begin_set_points() {
    set_.clear();
    for (const SupplyPlan& supply : farm_.plan().supplies)
        set_.push_back({{0, supply.spec.u_v, supply.spec.f_hz, {1, 1, 1}}});
}

std::optional<std::uint64_t> Actions::start(const TomlNode& written,
                                            std::vector<Mistake>& mistakes) {
    const std::size_t before = mistakes.size();
    auto action = read_action(written, farm_.plan(), farm_.promised(), mistakes);
    if (!action || mistakes.size() != before)
        return std::nullopt;
    if (action->kind->lasting == Lasting::own && action->length == for_good)
        action->length = own_length(*action);
    ToldAction told;
    told.id = told_.size() + 1;
    told.kind = action->kind->name;
    told.written = json_text(written);
    told.told = farm_.promised();
    told.from = action->from;
    if (action->kind->lasting == Lasting::instant)
        told.until = action->from;
    else if (action->length < for_good)
        told.until = action->from + action->length + action->edge + spread_of(*action);
    add(*action, told.id);
    events_.push_back({told.id, told.told, false});
    told_.push_back(std::move(told));
    if (changed_)
        changed_();
    return told_.back().id;
}

void Actions::add(const FarmAction& action, std::uint64_t id) {
    if (action.kind->name == "set-supply")
        set_supply(action, id);
    else if (action.kind->target == ActionTarget::supply)
        disturb(action, id);
    else if (action.kind->target == ActionTarget::load)
        change_loads(action, id);
    else if (action.kind->target != ActionTarget::meter)
        return; // the wire's, which the farm knows nothing of
    else if (wiring_of(action))
        change_wiring(action, id);
    else if (!again_)
        command(action, id);
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
        const SetPoints now = set_[n].back();
        SetPoints then = now;
        then.action = id;
        then.u_v = number("u", now.u_v);
        then.f_hz = number("f", now.f_hz);
        if (const auto factors = action.factors.find("magnitude"); factors != action.factors.end())
            then.magnitude = factors->second;
        // What holds until it is ended is a set point; what has an end, a factor on it.
        const bool stays = action.length == for_good;
        move(n, now, then, action, stays ? 0 : id);
        if (stays)
            set_[n].push_back(then);
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

/// From one set point to another, as factors and a difference.
void Actions::move(std::size_t supply, const SetPoints& from, const SetPoints& to,
                   const FarmAction& how, std::uint64_t id) {
    for (std::size_t p = 0; p < 3; ++p) {
        const double was = from.u_v * from.magnitude[p];
        const double becomes = to.u_v * to.magnitude[p];
        if (was == becomes)
            continue;
        Disturbance d = level(how, becomes / was);
        d.action = id;
        d.phases = {p == 0, p == 1, p == 2};
        farm_.disturb(supply, std::move(d));
    }
    if (from.f_hz != to.f_hz) {
        Disturbance d = level(how, 1.0);
        d.action = id;
        d.kind = DisturbanceKind::frequency;
        d.hz = to.f_hz - from.f_hz;
        farm_.disturb(supply, std::move(d));
    }
}

void Actions::change_loads(const FarmAction& action, std::uint64_t id) {
    for (const CircuitPlace& place : action.circuits) {
        LoadChange change = load_change(action, farm_.plan());
        change.action = id;
        farm_.change(place.meter, place.circuit, change);
    }
}

void Actions::change_wiring(const FarmAction& action, std::uint64_t id) {
    const std::vector<WiringChange> changes = *wiring_of(action);
    for (const CircuitPlace& place : action.circuits)
        for (WiringChange change : changes) {
            change.action = id;
            change.circuit = place.circuit;
            farm_.change(place.meter, change);
        }
}

void Actions::command(const FarmAction& action, std::uint64_t id) {
    for (const CircuitPlace& place : action.circuits) {
        const MeterSpec& spec = farm_.plan().meters[place.meter].spec;
        const double draw =
            Random{farm_.plan().seed, "meter/" + spec.name + "/blackout"}.uniform(id);
        const SimDuration late{std::llround(draw * static_cast<double>(spread_of(action).count()))};
        bool begins = true;
        for (auto& [at, what] : interventions(action, *spec.type, place.circuit)) {
            what.action = id;
            farm_.intervene(place.meter, at + (begins ? SimDuration{} : late), std::move(what));
            begins = false;
        }
    }
}

/// What ends an action that has begun.
void Actions::put_back(const ToldAction& told, SimTime at) {
    std::vector<Mistake> mistakes;
    const TomlNode written = parse_json(told.written, "action", mistakes);
    const auto action = read_action(written, farm_.plan(), told.told, mistakes);
    if (!action)
        return;
    const auto back = end_of(*action);
    if (!back)
        return;
    for (const CircuitPlace& place : action->circuits) {
        Intervention what = *back;
        what.action = told.id;
        farm_.intervene(place.meter, at, std::move(what));
    }
}

FarmAction Actions::read(const ToldAction& told) const {
    std::vector<Mistake> mistakes;
    const TomlNode written = parse_json(told.written, "action", mistakes);
    auto action = read_action(written, farm_.plan(), told.told, mistakes);
    guard(action.has_value());
    return std::move(*action);
}

const ToldAction* Actions::find(std::uint64_t id) const {
    return id == 0 || id > told_.size() ? nullptr : &told_[id - 1];
}

bool Actions::end(std::uint64_t id) {
    const ToldAction* told = find(id);
    if (told == nullptr || told->over(farm_.promised()))
        return false;
    const SimTime at = farm_.promised();
    forget(id, at);
    told_[id - 1].until = at;
    told_[id - 1].ended = true;
    events_.push_back({id, at, true});
    if (changed_)
        changed_();
    return true;
}

void Actions::end_all() {
    for (std::size_t n = told_.size(); n > 0; --n) // the last one first, as things are put back
        end(n);
}

/// An action's set points are taken out; where they held, the ones below hold again.
void Actions::forget(std::uint64_t id, SimTime at) {
    farm_.end_changes(id, at);
    if (!again_) { // else it is in the meters' state
        farm_.cancel(id);
        if (const ToldAction* told = find(id); told != nullptr && told->from <= at)
            put_back(*told, at);
    }
    FarmAction at_once;
    at_once.from = at;
    for (std::size_t n = 0; n < set_.size(); ++n) {
        std::vector<SetPoints>& stack = set_[n];
        const auto mine = std::find_if(stack.begin(), stack.end(),
                                       [&](const SetPoints& one) { return one.action == id; });
        if (id == 0 || mine == stack.end())
            continue;
        if (mine + 1 == stack.end()) {
            const SetPoints was = *mine;
            stack.erase(mine);
            move(n, was, stack.back(), at_once, 0);
        } else {
            stack.erase(mine);
        }
    }
}

Bytes Actions::save() {
    StateWriter actions;
    actions.write(told_);
    actions.write(events_);
    Bytes bytes = seal(layout_of<ToldAction, Event>(), actions.take());
    StateWriter size;
    size.write(static_cast<std::uint64_t>(bytes.size()));
    Bytes all = size.take();
    all.insert(all.end(), bytes.begin(), bytes.end());
    const Bytes farm = farm_.save();
    all.insert(all.end(), farm.begin(), farm.end());
    return all;
}

void Actions::restore(std::span<const std::uint8_t> saved) {
    std::uint64_t size = 0;
    if (saved.size() >= sizeof size)
        StateReader{saved.first(sizeof size)}.read(size, "actions");
    if (size == 0 || size > saved.size() - sizeof size)
        throw BadState{"", "these bytes are no saved farm"};
    StateReader actions{unseal(layout_of<ToldAction, Event>(), saved.subspan(sizeof size, size))};
    std::vector<ToldAction> told;
    std::vector<Event> events;
    actions.read(told, "actions");
    actions.read(events, "events");
    actions.end();
    for (std::size_t n = 0; n < farm_.plan().actions.size(); ++n)
        if (n >= told.size() || told[n].written != json_text(farm_.plan().actions[n]))
            throw BadState{"actions", "the farm file had others"};
    farm_.forget_changes();
    begin_set_points();
    again_ = true;
    try {
        do_again(told, events);
    } catch (...) {
        again_ = false;
        throw;
    }
    again_ = false;
    farm_.restore(saved.subspan(sizeof size + size));
    told_ = std::move(told);
    events_ = std::move(events);
    if (changed_)
        changed_();
}

void Actions::do_again(const std::vector<ToldAction>& told, const std::vector<Event>& events) {
    for (const Event& event : events) {
        if (event.id == 0 || event.id > told.size())
            throw BadState{"events", "of an action that nobody told"};
        const ToldAction& one = told[event.id - 1];
        if (event.end) {
            forget(event.id, event.at);
            continue;
        }
        std::vector<Mistake> mistakes;
        const TomlNode written = parse_json(one.written, "action", mistakes);
        auto action = read_action(written, farm_.plan(), one.told, mistakes);
        if (!action || !mistakes.empty())
            throw BadState{"actions", mistakes.empty() ? "unreadable" : to_text(mistakes.front())};
        if (action->kind->lasting == Lasting::own && action->length == for_good)
            action->length = own_length(*action);
        add(*action, event.id);
    }
}

void check_actions(const FarmPlan& plan) {
    std::vector<Mistake> mistakes;
    for (const TomlNode& written : plan.actions)
        read_action(written, plan, SimTime{}, mistakes);
    if (!mistakes.empty())
        throw FileError{std::move(mistakes)};
}

} // namespace kpmsim
