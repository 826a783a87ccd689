#include "servers/api/refused.hpp"

#include "models/engine/fitted_names.hpp"
#include "models/engine/relays.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace kpmsim::api {
namespace {

/// The setting behind a point; null where it is none.
const SettingRow* setting_of(const MeterType& type, PointId id) {
    const Point& point = type.points[id];
    return point.kind == PointKind::setting ? &type.settings[point.index] : nullptr;
}

/// What a setting takes, in its own words.
std::string range_of(const SettingRow& row) {
    std::string choices;
    for (const std::int64_t each : row.choices)
        choices += fmt::format("{}{:g}", choices.empty() ? "" : ", ", row.shown(each));
    const std::string step =
        row.scale == 1 ? "a whole number" : fmt::format("a multiple of {:g}", 1.0 / row.scale);
    return choices.empty() ? fmt::format("write {} from {:g} to {:g}", step, row.shown(row.least),
                                         row.shown(row.most))
                           : "write one of " + choices;
}

} // namespace

std::optional<Problem> no_such_point(const MeterSpec& spec, const std::string& name,
                                     const std::string& place) {
    const MeterType& type = *spec.type;
    if (const auto id = type.points.find(name)) {
        if (fitted(spec, type.points[*id]))
            return std::nullopt;
        return Problem{404, place, lacks(spec, *id), "GET …/points lists what it has"};
    }
    const std::string near = nearest(name, fitted_points(spec));
    return Problem{404, place, fmt::format("{} has no point \"{}\"", type.name, name),
                   near.empty() ? "GET …/points lists them" : "did you mean " + near + '?'};
}

Problem refused(Refusal why, std::string place, const std::string& what) {
    switch (why) {
    case Refusal::unknown:
        return {404, std::move(place), fmt::format("{} is not there", what),
                "GET /v1/meters/{name}/points lists what is"};
    case Refusal::read_only:
        return {422, std::move(place), fmt::format("{} cannot be written", what),
                "write a setting, a relay, or with \"as\": \"override\""};
    case Refusal::out_of_range:
        return {422, std::move(place), fmt::format("{} takes no such value", what),
                "the page of its model has the range"};
    case Refusal::not_authorised:
        return {422, std::move(place), fmt::format("{} needs the password", what),
                "write the password first"};
    case Refusal::busy:
        break;
    }
    return {409, std::move(place), fmt::format("{} is busy", what), "ask again"};
}

std::optional<Problem> not_written(const MeterSpec& spec, const Assignment& each) {
    const MeterType& type = *spec.type;
    const std::string& name = type.points[each.point].name;
    const std::string place = "body/values/" + name;
    const SettingRow* const row = setting_of(type, each.point);
    const auto why = refusal(spec, each, Access::wire);
    const double kept = row != nullptr ? each.value * row->scale : 0.0;
    const bool between = std::abs(kept - std::round(kept)) > 1e-6 * std::max(1.0, std::abs(kept));
    if (row != nullptr && (between || why == Refusal::out_of_range))
        return Problem{422, place, fmt::format("{} takes no {}", name, each.value), range_of(*row)};
    return why ? std::optional{refused(*why, place, name)} : std::nullopt;
}

std::optional<Problem> refused_now(const Meter& meter, const std::vector<Assignment>& what) {
    const MeterMemory& memory = meter.image().memory;
    for (const Assignment& each : what) {
        const Point& point = meter.type().points[each.point];
        if (point.kind != PointKind::relay ||
            refusal_now(meter.spec(), memory, each) != Refusal::busy)
            continue;
        const bool alarms = by_alarm(meter.type(), memory, each.circuit, point.index);
        return Problem{409, "body/values/" + point.name,
                       fmt::format("{} is moved by {}, not by commands", point.name,
                                   alarms ? "alarms" : "the meter itself"),
                       alarms ? fmt::format("take its bit out of {} first",
                                            meter.type().setting(Role::relay_alarm)->name)
                              : "hand it over to commands first: the page of its model says how"};
    }
    return std::nullopt;
}

Problem not_written_words(Refusal why, std::uint16_t address, std::size_t words) {
    if (why == Refusal::unknown)
        return {404, "path",
                words == 1 ? fmt::format("the register {:04X}H is not there", address)
                           : fmt::format("not every one of {} words from {:04X}H on is there",
                                         words, address),
                "`kpmsim map MODEL` lists the registers"};
    return refused(why, "path",
                   words == 1
                       ? fmt::format("the register {:04X}H", address)
                       : fmt::format("what the {} words from {:04X}H on hold", words, address));
}

} // namespace kpmsim::api
