#include "cli/serve/farm_faults.hpp"

#include "cli/serve/fault_of_action.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace kpmsim {
namespace {

bool on_wire(const ActionKind& kind) {
    return kind.target == ActionTarget::line || kind.target == ActionTarget::broker;
}

bool on_wire(const ToldAction& told) { return on_wire(*find_action_kind(told.kind)); }

bool at_an_instant(const ToldAction& told) {
    return find_action_kind(told.kind)->lasting == Lasting::instant;
}

} // namespace

FarmFaults::FarmFaults(const Actions& actions, const Farm& farm)
    : actions_{actions}, farm_{farm}, looked_{farm.now()} {}

void FarmFaults::follow(std::vector<WirePlace> places,
                        std::vector<std::vector<std::size_t>> circuits) {
    std::vector<Place> before = std::exchange(places_, {});
    for (WirePlace& place : places) {
        const auto same = std::find_if(before.begin(), before.end(), [&](const Place& one) {
            return one.wire.seat == place.seat;
        });
        std::shared_ptr<FaultPlace> faults = same == before.end() ? nullptr : same->faults;
        places_.push_back({std::move(place), std::move(faults)});
    }
    circuits_ = std::move(circuits);
    const std::map<std::size_t, bool> held = std::exchange(held_, {});
    const std::map<std::size_t, std::set<std::uint64_t>> down = std::exchange(down_, {});
    for (const std::vector<std::size_t>& of_meter : circuits_)
        for (const std::size_t circuit : of_meter) {
            const auto was_held = held.find(circuit);
            held_[circuit] = was_held != held.end() && was_held->second;
            const auto was_down = down.find(circuit);
            if (was_down != down.end())
                down_[circuit] = was_down->second;
        }
}

void FarmFaults::look(SimTime now) {
    std::vector<Running> holds;
    std::vector<const ToldAction*> news;
    if (now < looked_) // the farm was put back
        happened_.clear();
    looked_ = std::min(looked_, now);
    for (const ToldAction& told : actions_.all()) {
        if (!on_wire(told) || told.from > now)
            continue;
        const int nth = told.begun(now);
        if (at_an_instant(told)) {
            if (told.began(nth) >= looked_ && happened_.insert({told.id, nth}).second)
                news.push_back(&told);
        } else if (told.holds(now)) {
            holds.push_back({told.id, nth, told.written});
        }
    }
    for (const Running& one : running_)
        if (std::find(holds.begin(), holds.end(), one) == holds.end())
            end(one.id);
    for (const Running& one : holds)
        if (std::find(running_.begin(), running_.end(), one) == running_.end())
            news.push_back(actions_.find(one.id));
    std::stable_sort(news.begin(), news.end(),
                     [](const ToldAction* a, const ToldAction* b) { return a->from < b->from; });
    for (const ToldAction* told : news)
        begin(*told);
    running_ = std::move(holds);
    looked_ = now;
    follow_brokers();
}

SimTime FarmFaults::next_change(SimTime after) const {
    SimTime next = SimTime::max();
    for (const ToldAction& told : actions_.all()) {
        if (!on_wire(told))
            continue;
        next = std::min(next, told.next_change(after));
    }
    return next;
}

void FarmFaults::begin(const ToldAction& told) {
    const std::optional<FarmAction> action = actions_.read(told);
    if (!action)
        return; // those that it was on are gone
    if (action->kind->target == ActionTarget::line)
        begin_on_lines(*action, told.id);
    else
        begin_on_messages(*action, told.id);
}

void FarmFaults::end(std::uint64_t id) {
    for (Place& place : places_)
        if (place.faults && place.faults->has(id)) {
            place.faults->end(id);
            place.wire.seat->refusal_changed();
        }
    uploads_.end(id);
    for (auto& [circuit, why] : down_)
        why.erase(id);
}

void FarmFaults::begin_on_lines(const FarmAction& action, std::uint64_t id) {
    for (Place& place : places_) {
        const WirePlace& wire = place.wire;
        if ((action.kind->places == WirePlaces::rtu && wire.form != WireForm::rtu) ||
            (action.kind->places == WirePlaces::connection && !wire.tcp))
            continue;
        const auto& buses = farm_.plan().buses;
        if (std::any_of(action.lines.begin(), action.lines.end(),
                        [&](std::size_t n) { return buses[n].name == wire.bus; })) {
            put(place, action, id, "line/" + wire.bus, {});
            continue;
        }
        for (const CircuitPlace& who : action.circuits) {
            std::vector<WirePlace::Unit> units;
            std::copy_if(wire.units.begin(), wire.units.end(), std::back_inserter(units),
                         [&](const WirePlace::Unit& unit) {
                             return unit.meter == who.meter &&
                                    (who.circuit < 0 || unit.circuit->index() == who.circuit);
                         });
            if (units.empty())
                continue;
            FaultPlace::Concerns concerns;
            if (units.size() < wire.units.size())
                concerns = [units](int unit) {
                    return std::any_of(units.begin(), units.end(),
                                       [&](const auto& one) { return one.id() == unit; });
                };
            put(place, action, id, "meter/" + farm_.plan().meters[who.meter].spec.name, concerns);
        }
    }
}

void FarmFaults::put(Place& place, const FarmAction& action, std::uint64_t id,
                     const std::string& name, const FaultPlace::Concerns& concerns) {
    if (!place.faults) {
        place.faults = std::make_shared<FaultPlace>(place.wire.form, place.wire.line);
        place.wire.seat->put(place.faults);
    }
    const char* const form = place.wire.form == WireForm::rtu ? "/rtu" : "/tcp";
    for (const FaultOfAction& fault : faults_of(action, id, farm_.plan().seed, name + form))
        place.faults->begin(id, fault.spec, concerns);
    place.wire.seat->refusal_changed();
}

std::set<std::size_t> FarmFaults::circuits_of(const FarmAction& action) const {
    std::set<std::size_t> all;
    for (const CircuitPlace& place : action.circuits)
        for (int c = 0; c < farm_.plan().meters[place.meter].spec.type->circuits; ++c)
            if (place.circuit < 0 || place.circuit == c)
                all.insert(circuits_[place.meter][static_cast<std::size_t>(c)]);
    return all;
}

void FarmFaults::begin_on_messages(const FarmAction& action, std::uint64_t id) {
    const std::set<std::size_t> circuits = circuits_of(action);
    const auto text = [&](const char* key) {
        const auto at = action.text.find(key);
        return at != action.text.end() ? at->second
                                       : std::string{action.kind->find(key)->otherwise};
    };
    if (action.kind->name == "broker-down") {
        for (const std::size_t circuit : circuits)
            down_[circuit].insert(id);
    } else if (action.kind->name == "mqtt-disconnect") {
        for (const std::size_t circuit : circuits)
            if (hooks_.disconnect)
                hooks_.disconnect(circuit);
    } else if (action.kind->name == "mqtt-junk") {
        if (hooks_.leave_retained && !circuits.empty())
            hooks_.leave_retained(*circuits.begin(), text("topic"), text("payload"));
    } else {
        for (const FaultOfAction& fault : faults_of(action, id, farm_.plan().seed, "mqtt"))
            uploads_.begin(id, fault.kind, fault.spec, circuits);
    }
}

bool FarmFaults::is_down(std::size_t circuit) const {
    const auto down = down_.find(circuit);
    return down != down_.end() && !down->second.empty();
}

void FarmFaults::hold(std::size_t circuit, bool held) {
    if (std::exchange(held_[circuit], held) != held && hooks_.hold)
        hooks_.hold(circuit, held);
}

void FarmFaults::follow_brokers() {
    for (std::size_t m = 0; m < circuits_.size(); ++m)
        for (const std::size_t circuit : circuits_[m])
            if (is_down(circuit) || farm_.meters()[m].powered())
                hold(circuit, is_down(circuit));
}

void FarmFaults::let_go(std::size_t meter) {
    for (const std::size_t circuit : circuits_[meter])
        if (!is_down(circuit))
            hold(circuit, false);
}

void FarmFaults::sent() {
    for (std::size_t m = 0; m < circuits_.size(); ++m)
        for (const std::size_t circuit : circuits_[m])
            if (!farm_.meters()[m].powered() && !std::exchange(held_[circuit], true) &&
                hooks_.lose_supply)
                hooks_.lose_supply(circuit);
}

} // namespace kpmsim
