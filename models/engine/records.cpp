#include "models/engine/records.hpp"

#include "models/engine/energy_history.hpp"
#include "sim/guard.hpp"

#include <algorithm>
#include <chrono>

namespace kpmsim {

namespace {

constexpr std::array kept{Energy::p_import, Energy::p_export, Energy::q_import, Energy::q_export};

CivilTime day_of(CivilTime t) { return std::chrono::floor<std::chrono::days>(t); }

} // namespace

double in_hours(SimDuration time) {
    return std::chrono::duration<double, std::ratio<3600>>{time}.count();
}

void DayEnergies::pass(std::int64_t days_on, const EnergyRegisters& now) {
    const auto on = static_cast<std::size_t>(std::min<std::int64_t>(days_on, days));
    std::move_backward(at_start_.begin(), at_start_.end() - static_cast<std::ptrdiff_t>(on),
                       at_start_.end());
    for (std::size_t day = 0; day < on; ++day)
        for (std::size_t n = 0; n < kept.size(); ++n)
            at_start_[day][n] = now[kept[n]];
}

double DayEnergies::kilo(Energy e, int ago, const EnergyRegisters& now) const {
    const auto n = static_cast<std::size_t>(std::find(kept.begin(), kept.end(), e) - kept.begin());
    guard(n < kept.size() && ago >= 0 && ago < days);
    const auto day = static_cast<std::size_t>(ago);
    const EnergyCount& end = day == 0 ? now[e] : at_start_[day - 1][n];
    return used(at_start_[day][n], end).kwh();
}

SimDuration CircuitRecords::month(std::size_t which, int ago, const Hours& now) const {
    guard(ago >= 0 && ago < months);
    const auto month = static_cast<std::size_t>(ago);
    return (month == 0 ? now : at_start[month - 1])[which] - at_start[month][which];
}

void CircuitRecords::close_month(const Hours& now) {
    std::move_backward(at_start.begin(), at_start.end() - 1, at_start.end());
    at_start[0] = now;
}

CivilTime MeterRecords::day_ends() const {
    return has_days() ? today + std::chrono::days{1} : CivilTime::max();
}

bool MeterRecords::pass_days(CivilTime now, std::span<const MeterState> circuits_now) {
    const CivilTime day = day_of(now);
    const auto on = std::chrono::floor<std::chrono::days>(day - today).count();
    today = day;
    if (on <= 0)
        return false;
    for (std::size_t n = 0; n < circuits.size(); ++n)
        for (DayEnergies& days : circuits[n].days)
            days.pass(on, circuits_now[n].energy);
    return true;
}

void MeterRecords::clear_energies() {
    frozen = {};
    for (CircuitRecords& of : circuits)
        for (DayEnergies& days : of.days)
            days.begin_with({});
}

} // namespace kpmsim
