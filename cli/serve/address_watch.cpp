#include "cli/serve/address_watch.hpp"

#include <fmt/format.h>
#include <map>

namespace kpmsim {

namespace {

int number_in(bool line, const UnitEndpoints& unit) {
    return line ? unit.circuit->address() : unit.unit();
}

} // namespace

AddressWatch::AddressWatch(const FarmServer& server) : server_{server} { group(); }

void AddressWatch::group() {
    std::map<std::pair<std::string, bool>, Group> groups;
    followed_ = server_.followed();
    told_.clear();
    groups_.clear();
    addresses_.clear();
    for (const UnitEndpoints* unit : server_.units()) {
        addresses_.push_back(unit->circuit->address());
        const auto add = [&](const std::string& where, bool line) {
            Group& group = groups[{where, line}];
            group.where = where;
            group.line = line;
            group.units.push_back(unit);
        };
        for (const std::string& line : unit->lines)
            add(line, true);
        if (unit->modbus_tcp)
            add(to_text(*unit->modbus_tcp), false);
    }
    for (auto& [key, group] : groups)
        groups_.push_back(std::move(group));
}

std::set<AddressWatch::Pair> AddressWatch::pairs() const {
    std::set<Pair> met;
    for (const Group& group : groups_) {
        std::map<int, const UnitEndpoints*> holders;
        for (const UnitEndpoints* unit : group.units)
            if (const auto [holder, alone] =
                    holders.try_emplace(number_in(group.line, *unit), unit);
                !alone)
                met.insert({&group, holder->second, unit});
    }
    return met;
}

AddressWatch::Changes AddressWatch::look() {
    bool moved = followed_ != server_.followed();
    if (moved)
        group();
    for (std::size_t n = 0; n < addresses_.size(); ++n) {
        const int now = server_.units()[n]->circuit->address();
        moved |= now != addresses_[n];
        addresses_[n] = now;
    }
    Changes changes;
    if (!moved)
        return changes;
    std::set<Pair> met = pairs();
    for (const Pair& pair : met)
        if (!told_.contains(pair))
            changes.met.push_back(fmt::format(
                "{} and {} both are {} {} on {}: both obey what they are sent and garble each "
                "other's answers; write another address to one of them",
                pair.first->name(), pair.second->name(), pair.group->line ? "address" : "unit",
                number_in(pair.group->line, *pair.second), pair.group->where));
    for (const Pair& pair : told_)
        if (!met.contains(pair))
            changes.parted.push_back(fmt::format("{} and {} are apart again on {}",
                                                 pair.first->name(), pair.second->name(),
                                                 pair.group->where));
    told_ = std::move(met);
    return changes;
}

} // namespace kpmsim
