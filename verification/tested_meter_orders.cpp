// What is done to a tested meter from outside, and what that does to its paper.
#include "sim/archive.hpp"
#include "verification/tested_meter.hpp"

namespace kpmsim {

bool TestedMeter::write_tariffs() {
    if (!unit_.tables)
        return true;
    Command command{at_, {}};
    const std::span<const Point> points = spec_.type->points.all();
    for (std::size_t n = 0; n < points.size(); ++n)
        if (points[n].kind == PointKind::tariff)
            command.what.push_back({PointId{static_cast<std::uint16_t>(n)}, 0,
                                    static_cast<double>((*unit_.tables)[points[n].index])});
    program_.carry_out(command, at_, port_);
    const TariffEntries& held = program_.memory().tariffs;
    return held && *held == *unit_.tables;
}

void TestedMeter::put_away() {
    ProgramState kept;
    from_bytes(bytes_of(program_.state()), kept);
    program_ = MeterProgram{spec_, site_start_, of_.kept};
    program_.restore(std::move(kept));
}

/// A point is written, and the metering does what follows, as in a farm.
void TestedMeter::order(const char* name, double value) {
    const auto point = spec_.type->points.find(name);
    if (!point)
        return;
    const Effects effects = program_.carry_out({at_, {{*point, 0, value}}}, at_, port_);
    if (effects.metering)
        rig_.metering.apply(metering_settings(spec_, program_.memory()));
    if (effects.clear_demand_maxima)
        rig_.metering.clear_demand_maxima();
    if (effects.clear_energy) {
        rig_.metering.clear_energy();
        begin_energy({}, port_.extras);
    }
    for (std::size_t n = 0; n < port_.states.size(); ++n)
        port_.states[n] = rig_.metering.state(static_cast<int>(n));
    if (effects.clear_extremes)
        clear_extremes(spec_, program_.memory(), port_.states, rtc_, port_.extras);
}

/// To a drawn whole number; nothing when the model has no such setting.
std::optional<int> TestedMeter::change(const char* setting, double least, double most, Draw& draw) {
    if (spec_.type->setting(setting) == nullptr)
        return {};
    const int value = static_cast<int>(draw.between(least, most));
    order(setting, value);
    unit_.written[setting] = value;
    return value;
}

void TestedMeter::change_menu(Draw& draw) {
    if (const auto day = change("settlement_day", 1, 29, draw)) {
        day_ = *day;
        for (CircuitPaper& paper : paper_) {
            paper.registers.set_demand_day(day_);
            paper.months.set_day(day_);
            paper.kept.set_day(day_);
        }
    }
    if (const auto minutes = change("demand_minutes", 1, 61, draw))
        for (CircuitPaper& paper : paper_)
            paper.registers.set_demand_minutes(*minutes);
}

void TestedMeter::set_clock(std::int64_t by_s) {
    const CivilTime told = rtc_ + std::chrono::seconds{by_s};
    order("clock", static_cast<double>(told.time_since_epoch().count()));
    ahead_s_ += by_s;
    for (std::size_t n = 0; n < paper_.size(); ++n) {
        if (month_end(rtc_, told, day_) && sends_freezes())
            freezes_.emplace_back(static_cast<int>(n), told);
        paper_[n].months.add(rtc_, told, paper_[n].now);
        paper_[n].kept.set_clock(rtc_, told, paper_[n].registers);
    }
}

void TestedMeter::clear_all() {
    for (const char* action : {"clear_energy", "clear_demand_maxima", "clear_extremes"})
        order(action);
    for (auto& [registers, months, kept, now, deviations] : paper_) {
        registers.clear_energy();
        registers.clear_demand_maxima();
        months.clear();
        registers.write(now);
        kept.clear_energy();
        kept.extremes = {};
        kept.extremes.add(rtc_, now, deviations);
    }
}

} // namespace kpmsim
