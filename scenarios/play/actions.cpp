#include "scenarios/play/actions.hpp"

#include "files/json_node.hpp"
#include "scenarios/play/interventions_of_action.hpp"
#include "scenarios/play/load_of_action.hpp"
#include "scenarios/play/wiring_of_action.hpp"

#include "sim/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kpmsim {
namespace {

bool is_on_alone(const ToldAction& told, const std::string& meter) {
    std::vector<Mistake> mistakes;
    const TomlNode action = parse_json(told.written, "action", mistakes);
    const TomlNode* const on = action.find("meter");
    const std::string* const name = on == nullptr ? nullptr : std::get_if<std::string>(&on->value);
    return name != nullptr && *name == meter;
}

/// By its name, or by way of a sum of sums.
bool sums(const SumPlan& sum, const std::string& name, std::size_t meter) {
    return std::find(sum.of.begin(), sum.of.end(), name) != sum.of.end() ||
           std::any_of(
               sum.terms.begin(), sum.terms.end(),
               [&](const SumPlan::Term& term) { return term.meter == meter; });
}

} // namespace

int ToldAction::begun(SimTime now) const {
    if (now < from)
        return 0;
    return times == 1 ? 1
                      : static_cast<int>(std::min<std::int64_t>(times, 1 + (now - from) / every));
}

bool ToldAction::holds(SimTime now) const {
    const int n = begun(now);
    return n > 0 && !over(now) && (length == for_good || now < began(n) + length);
}

SimTime ToldAction::next_change(SimTime after) const {
    const int n = begun(after);
    SimTime next = SimTime::max();
    const auto take = [&](SimTime at) {
        if (at > after && (!until || at <= *until))
            next = std::min(next, at);
    };
    if (n < times)
        take(began(n + 1));
    if (n > 0 && length < for_good)
        take(began(n) + length);
    if (until)
        take(*until);
    return next;
}

Actions::Actions(Farm& farm) : farm_{farm} {
    begin_set_points();
    std::vector<Mistake> mistakes;
    for (const TomlNode& written : farm.plan().actions)
        start(written, mistakes);
    if (!mistakes.empty())
        throw FileError{mistakes};
}

std::optional<std::uint64_t> Actions::start(const TomlNode& written,
                                            std::vector<Mistake>& mistakes) {
    const std::size_t before = mistakes.size();
    const auto action = read_action(written, farm_.plan(), farm_.promised(), mistakes);
    if (!action || mistakes.size() != before)
        return std::nullopt;
    ToldAction told;
    told.id = told_.size() + 1;
    told.kind = action->kind->name;
    told.written = json_text(written);
    told.told = farm_.promised();
    told.from = action->from;
    told.every = action->every;
    told.times = action->times;
    told.until = action->until();
    told.length =
        told.until ? *told.until - action->from - (told.times - 1) * told.every : for_good;
    const Deed deed{Deed::Kind::begin, told.told, told.id, told.written};
    if (const auto fault = in_the_way(deed)) {
        note(mistakes, written.place, fault->what, fault->cure);
        return std::nullopt;
    }
    add(*action, told.id);
    deeds_.push_back({deed.kind, deed.at, deed.id, {}});
    told_.push_back(std::move(told));
    if (changed_)
        changed_();
    return told_.back().id;
}

void Actions::add(FarmAction action, std::uint64_t id) {
    for (int n = 0; n < action.times; ++n, action.from += action.every)
        add_once(action, id);
}

void Actions::add_once(const FarmAction& action, std::uint64_t id) {
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
    else
        command(action, id);
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
        const SimDuration late{std::llround(draw * static_cast<double>(action.spread().count()))};
        bool begins = true;
        for (auto& [at, what] : interventions(action, *spec.type, place.circuit)) {
            what.action = id;
            farm_.intervene(place.meter, at + (begins ? SimDuration{} : late), std::move(what));
            begins = false;
        }
    }
}

std::optional<FarmAction> Actions::read(const ToldAction& told) const {
    std::vector<Mistake> mistakes;
    const TomlNode written = parse_json(told.written, "action", mistakes);
    return read_action(written, farm_.plan(), told.told, mistakes);
}

const ToldAction* Actions::find(std::uint64_t id) const {
    return id == 0 || id > told_.size() ? nullptr : &told_[id - 1];
}

bool Actions::end(std::uint64_t id) {
    const ToldAction* told = find(id);
    if (told == nullptr || told->over(farm_.promised()))
        return false;
    if (in_the_way({Deed::Kind::end, farm_.promised(), id, {}}))
        return false;
    finish(id);
    return true;
}

void Actions::finish(std::uint64_t id) {
    const SimTime at = farm_.promised();
    forget(id, at);
    told_[id - 1].until = at;
    told_[id - 1].ended = true;
    deeds_.push_back({Deed::Kind::end, at, id, {}});
    if (changed_)
        changed_();
}

void Actions::end_all() {
    for (std::size_t n = told_.size(); n > 0; --n) // the last one first, as things are put back
        end(n);
}

// Meters ------------------------------------------------------------------------------------------

void Actions::stand(std::vector<MeterPlan> more, const std::string& written, SimTime at) {
    farm_.add(std::move(more), at, fmt::format("{} {}", at.time_since_epoch().count(), written));
}

std::optional<std::size_t> Actions::add_meters(const TomlNode& written,
                                               std::vector<Mistake>& mistakes) {
    std::vector<MeterPlan> more = read_more_meters(written, farm_.plan(), mistakes);
    const std::size_t size = more.size();
    if (size == 0)
        return std::nullopt;
    const Deed deed{Deed::Kind::add_meters, farm_.promised(), 0, json_text(written)};
    if (const auto fault = in_the_way(deed)) {
        note(mistakes, written.place, fault->what, fault->cure);
        return std::nullopt;
    }
    stand(std::move(more), deed.text, deed.at);
    deeds_.push_back(deed);
    return size;
}

void Actions::take_back_meters(std::size_t from) {
    in_the_way({Deed::Kind::take_back, farm_.promised(), 0, {}}); // it must go in any case
    while (farm_.plan().meters.size() > from)
        farm_.remove(farm_.plan().meters.size() - 1);
    deeds_.pop_back();
}

std::optional<std::size_t> Actions::place_of(const std::string& meter) const {
    const std::vector<MeterPlan>& meters = farm_.plan().meters;
    const auto it = std::find_if(meters.begin(), meters.end(),
                                 [&](const MeterPlan& one) { return one.spec.name == meter; });
    return it == meters.end() ? std::nullopt
                              : std::optional{static_cast<std::size_t>(it - meters.begin())};
}

Result<std::monostate, MeterStays> Actions::remove_meter(const std::string& name) {
    const auto place = place_of(name);
    if (!place)
        return Unexpected<MeterStays>{
            {true, {fmt::format("there is no meter \"{}\"", name), "GET /v1/meters lists them"}}};
    if (farm_.plan().meters.size() == 1)
        return Unexpected<MeterStays>{
            {false, {fmt::format("{} is the only meter", name), "add another one first"}}};
    for (const MeterPlan& other : farm_.plan().meters)
        if (other.sum && sums(*other.sum, name, *place))
            return Unexpected<MeterStays>{
                {false,
                 {fmt::format("{} sums {}, and would sum something else without it",
                              other.spec.name, name),
                  fmt::format("take {} away first", other.spec.name)}}};
    const Deed deed{Deed::Kind::remove_meter, farm_.promised(), 0, name};
    if (const auto fault = in_the_way(deed))
        return Unexpected<MeterStays>{{false, *fault}};
    for (std::size_t n = told_.size(); n > 0; --n)
        if (is_on_alone(told_[n - 1], name) && !told_[n - 1].over(deed.at))
            finish(n);
    farm_.remove(*place);
    deeds_.push_back(deed);
    return std::monostate{};
}

void check_actions(const FarmPlan& plan) {
    std::vector<Mistake> mistakes;
    for (const TomlNode& written : plan.actions)
        read_action(written, plan, SimTime{}, mistakes);
    if (!mistakes.empty())
        throw FileError{std::move(mistakes)};
}

} // namespace kpmsim
