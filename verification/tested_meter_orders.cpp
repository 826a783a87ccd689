// What is done to a tested meter from outside, and what that does to its paper.
#include "sim/archive.hpp"
#include "verification/tested_meter.hpp"

#include <algorithm>

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
    carry_out(command);
    const TariffEntries& held = program_.memory().tariffs;
    return held && *held == *unit_.tables;
}

void TestedMeter::put_away() {
    ProgramState kept;
    from_bytes(bytes_of(program_.state()), kept);
    program_ = MeterProgram{spec_, site_start_, of_.kept};
    program_.restore(std::move(kept));
}

/// The metering does what follows, as in a farm.
void TestedMeter::carry_out(const Command& command) {
    const Effects effects = program_.carry_out(command, at_, port_);
    meter_.image().memory = program_.memory();
    if (effects.metering) {
        rig_.metering.apply(metering_settings(spec_, program_.memory()));
        set_pulses(spec_, program_.memory(), port_.extras);
    }
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

void TestedMeter::order(const char* name, double value, int circuit) {
    if (const auto point = spec_.type->points.find(name))
        carry_out({at_, {{*point, circuit, value}}});
}

void TestedMeter::change(const char* setting, int value, int circuit) {
    if (spec_.type->setting(setting) == nullptr)
        return;
    order(setting, value, circuit);
    unit_.written[{setting, circuit}] = value;
}

void TestedMeter::change_at_keys(const char* setting, int value, int circuit) {
    const SettingRow* row = spec_.type->setting(setting);
    if (row == nullptr)
        return;
    Intervention keys;
    keys.kind = InterventionKind::keys;
    keys.point = *spec_.type->points.find(setting);
    // A setting of the whole meter may be told of any of its circuits.
    keys.circuit = row->per_circuit ? circuit : spec_.type->circuits - 1;
    keys.value = value;
    if (const SettingRow* password = spec_.type->setting(Role::menu_password))
        keys.text = std::to_string(program_.memory().setting(*password));
    carry_out({at_, {}, {keys}});
    unit_.written[{setting, circuit}] = value;
}

void TestedMeter::turn_output() {
    if (const std::vector<int> offered = offered_outputs(unit_); !offered.empty())
        change("transmitting", offered[outputs_++ % offered.size()]);
}

void TestedMeter::change_menu(Draw& draw) {
    struct Written {
        const char* setting;
        double value;
        int circuit;
    };
    std::vector<Written> all{{"settlement_day", draw.between(1, 29), 0},
                             {"demand_minutes", draw.between(1, 61), 0}};
    if (const SettingRow* rated = spec_.type->setting("rated_voltage_v"))
        all.push_back({"rated_voltage_v",
                       static_cast<double>(rated->choices.at(static_cast<std::size_t>(
                           draw.between(0, static_cast<double>(rated->choices.size()))))),
                       0});
    const SettingRow* ratio = spec_.type->setting("ct");
    const int of_each = ratio != nullptr && ratio->per_circuit ? spec_.type->circuits : 1;
    for (int circuit = 0; circuit < of_each; ++circuit) {
        all.push_back(
            {"ct", draw.between(1, 2.5) * unit_.shown_setting("ct", circuit, 1), circuit});
        all.push_back(
            {"start_current_ma", draw.between(0.01, 0.6) * 1000 * unit_.start_level_a(), circuit});
    }
    // What is written last has to do alone what it does; those before it may lean on it.
    std::rotate(all.begin(), all.begin() + draw.setup() % static_cast<int>(all.size()), all.end());
    int turn = draw.setup();
    for (const Written& each : all) {
        const auto value = static_cast<int>(each.value);
        if (++turn % 2 == 0)
            change(each.setting, value, each.circuit);
        else
            change_at_keys(each.setting, value, each.circuit);
    }
    follow_menu();
}

bool TestedMeter::to_factory(Draw& draw) {
    Intervention factory;
    factory.kind = InterventionKind::factory;
    carry_out({at_, {}, {factory}});
    bool right = true;
    for (int n = 0; n < 50; ++n) {
        const CivilTime at =
            rtc_ + std::chrono::seconds{static_cast<std::int64_t>(draw.between(0, 4e7))};
        const int paper =
            spec_.type->tariff_calendar ? paper_tariff(*spec_.type->tariff_calendar, at) : 0;
        right = right && program_.tariff(at) == paper;
    }
    return right;
}

/// What settings do to what is on paper.
void TestedMeter::follow_menu() {
    day_ = static_cast<int>(unit_.shown_setting("settlement_day", 0, 1));
    const int minutes = static_cast<int>(unit_.shown_setting("demand_minutes", 0, 15));
    for (int circuit = 0; circuit < spec_.type->circuits; ++circuit) {
        CircuitPaper& paper = paper_[static_cast<std::size_t>(circuit)];
        const PaperMeter meter = paper_meter(circuit);
        paper.registers.set_codes(meter.power_code, meter.step_i[0]);
        paper.registers.set_demand_day(day_);
        paper.registers.set_demand_minutes(minutes);
        paper.months.set_day(day_);
        paper.kept.set_day(day_);
        paper.kept.set_pulses(unit_.pulses_per_kwh(circuit));
    }
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
        kept.clear_energy(now);
        kept.extremes = {};
        kept.extremes.add(rtc_, now, deviations);
    }
}

} // namespace kpmsim
