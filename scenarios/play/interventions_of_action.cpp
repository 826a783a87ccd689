#include "scenarios/play/interventions_of_action.hpp"

#include "scenarios/file/auxiliary.hpp"
#include "sim/iso_time.hpp"

#include <cmath>
#include <limits>

namespace kpmsim {
namespace {

using Kind = InterventionKind;

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

Intervention of(Kind kind, double value = 0) {
    Intervention what;
    what.kind = kind;
    what.value = value;
    return what;
}

double number(const FarmAction& action, const char* key, double without) {
    const auto value = action.number.find(key);
    return value == action.number.end() ? without : value->second;
}

/// An override of the action's point; of none that is named, the energy that people bill by.
Intervention shown(const FarmAction& action, const MeterType& type, OverrideForm form,
                   double value) {
    Intervention what = of(Kind::show, value);
    what.form = form;
    const auto point = action.text.find("point");
    what.point = *type.points.find(point == action.text.end() ? "e_p_import" : point->second);
    return what;
}

/// At the input of the action's number, counted from 1; 0 = at all of a circuit.
Intervention stimulus(const FarmAction& action, StimulusKind kind, double value, int without) {
    Intervention what = of(Kind::stimulate, value);
    what.stimulus = kind;
    what.input = static_cast<int>(number(action, "input", without)) - 1;
    return what;
}

std::optional<Intervention> begin_of(const FarmAction& action, const MeterType& type) {
    constexpr double as_it_stands = no_number;
    const std::string_view kind = action.kind->name;
    if (kind == "power-off" || kind == "reboot" || kind == "blackout") {
        const auto u = action.text.find("u");
        const auto voltage =
            u == action.text.end() ? std::nullopt : read_auxiliary_voltage(u->second);
        return of(Kind::cut_power, voltage && works_with(*type.auxiliary, *voltage));
    }
    if (kind == "factory-settings")
        return of(Kind::factory);
    if (kind == "clock-set") {
        CivilTime to;
        parse_iso(action.text.at("to"), to);
        return of(Kind::clock_set, static_cast<double>(to.time_since_epoch().count()));
    }
    if (kind == "clock-jump")
        return of(Kind::clock_jump, number(action, "by", 0));
    if (kind == "clock-drift")
        return of(Kind::clock_drift, 1e-6 * number(action, "ppm", 0));
    if (kind == "habit")
        return of(Kind::habit, static_cast<double>(*find_upload_habit(action.text.at("habit"))));
    if (kind == "input") {
        const auto state = action.text.find("state");
        const bool closed = state == action.text.end() || state->second == "closed";
        return stimulus(action, StimulusKind::contact, closed, 1);
    }
    if (kind == "relay-stuck") {
        const auto state = action.text.find("state");
        Intervention what =
            of(Kind::stimulate, state == action.text.end() || state->second == "closed");
        what.stimulus = StimulusKind::relay;
        what.input = static_cast<int>(number(action, "relay", 1)) - 1;
        return what;
    }
    if (kind == "temperature")
        return stimulus(action, StimulusKind::temperature, number(action, "to", 0), 0);
    if (kind == "sensor-open")
        return stimulus(action, StimulusKind::temperature, no_number, 0);
    if (kind == "leakage")
        return stimulus(action, StimulusKind::leakage, number(action, "to", 0), 0);
    if (kind == "energies-cleared")
        return of(Kind::clear);
    if (kind == "meter-swap") {
        Intervention what = of(Kind::swap);
        what.text = action.text.at("serial");
        return what;
    }
    if (kind == "mqtt-command") {
        Intervention what = of(Kind::message);
        const auto tail = action.text.find("to");
        what.text = action.text.at("command") +
                    (tail == action.text.end() ? "" : '_' + tail->second) + ' ' +
                    action.text.at("payload");
        return what;
    }
    if (kind == "keys") {
        Intervention what = of(Kind::keys, number(action, "value", 0));
        what.point = *type.points.find(action.text.at("point"));
        what.text = std::to_string(std::llround(number(action, "password", 0)));
        return what;
    }
    if (kind == "point-stuck")
        return shown(action, type, OverrideForm::stand_still,
                     number(action, "value", as_it_stands));
    if (kind == "point-jump")
        return shown(action, type, OverrideForm::add, number(action, "by", 0));
    if (kind == "counter-reset")
        return shown(action, type, OverrideForm::add, as_it_stands);
    if (kind == "counter-rollover")
        return shown(action, type, OverrideForm::wrap, number(action, "digits_end", 1e4));
    return std::nullopt;
}

} // namespace

std::vector<std::pair<SimTime, Intervention>> interventions(const FarmAction& action,
                                                            const MeterType& type, int circuit) {
    std::vector<std::pair<SimTime, Intervention>> out;
    if (auto first = begin_of(action, type)) {
        first->circuit = circuit;
        out.emplace_back(action.from, *first);
    }
    if (action.kind->lasting != Lasting::instant && action.length < for_good)
        out.emplace_back(action.from + action.length, of(Kind::end));
    return out;
}

} // namespace kpmsim
