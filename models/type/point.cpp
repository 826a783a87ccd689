#include "models/type/point.hpp"

#include <array>

namespace kpmsim {

PointId PointTable::add(Point point) {
    const auto place = static_cast<std::uint16_t>(points_.size());
    const auto [at, fresh] = by_name_.emplace(point.name, place);
    if (fresh)
        points_.push_back(std::move(point));
    return {at->second};
}

std::optional<PointId> PointTable::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? std::nullopt : std::optional{PointId{found->second}};
}

std::vector<std::string> PointTable::names() const {
    std::vector<std::string> all;
    all.reserve(points_.size());
    for (const Point& point : points_)
        all.push_back(point.name);
    return all;
}

std::string_view name_of(PointKind kind) {
    constexpr std::array<std::string_view, 24> names{
        "quantity",    "month", "derived",     "setting",     "constant", "serial",
        "clock",       "relay", "input",       "radio",       "action",   "pulses",
        "extreme",     "alarm", "temperature", "hours",       "tariff",   "frozen",
        "freeze_time", "day",   "month_pf",    "month_hours", "output",   "mark"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(Rights rights) {
    constexpr std::array<std::string_view, 3> names{"read", "write", "read_write"};
    return names[static_cast<std::size_t>(rights)];
}

std::string_view name_of(Action action) {
    constexpr std::array<std::string_view, 6> names{
        "clear_energy",   "clear_prepaid", "clear_demand_maxima",
        "clear_extremes", "reboot",        "reconfigure"};
    return names[static_cast<std::size_t>(action)];
}

std::span<const Action> all_actions() {
    static constexpr std::array actions{
        Action::clear_energy,   Action::clear_prepaid, Action::clear_demand_maxima,
        Action::clear_extremes, Action::reboot,        Action::reconfigure};
    return actions;
}

bool is_of_menu(Action action) { return action == Action::reboot || action == Action::reconfigure; }

} // namespace kpmsim
