#include "servers/api/refused.hpp"

#include "models/engine/allowed_values.hpp"
#include "models/engine/fitted_names.hpp"
#include "models/engine/relays.hpp"

#include <fmt/format.h>

#include <utility>

namespace kpmsim::api {
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
        return {422, std::move(place), fmt::format("{} is set at the keys alone", what),
                "write \"as\": \"keys\" with \"password\"; kpmsim set: --password"};
    case Refusal::busy:
        break;
    }
    return {409, std::move(place), fmt::format("{} is busy", what), "ask again"};
}

std::optional<Problem> not_written(const MeterSpec& spec, const Assignment& each, Access access) {
    const MeterType& type = *spec.type;
    const std::string& name = type.points[each.point].name;
    const std::string place = "body/values/" + name;
    const SettingRow* const row = type.setting(each.point);
    const auto why = refusal(spec, each, access);
    if (row != nullptr && why != Refusal::not_authorised &&
        (is_between(*row, each.value) || why == Refusal::out_of_range))
        return Problem{422, place, fmt::format("{} takes no {}", name, each.value),
                       allowed_values(*row)};
    return why ? std::optional{refused(*why, place, name)} : std::nullopt;
}

namespace {

/// Where a client can read the password: "; function 03 reads it at 0000H".
std::string where_to_read(const MeterType& type, const SettingRow& password) {
    const auto id = type.points.find(password.name);
    for (const RegisterRow& row : type.registers.rows_of(RegisterSpace::holding))
        if (row.holds == RegisterHolds::point && row.point == *id && row.readable())
            return fmt::format("; function 03 reads it at {:04X}H", row.address);
    return "";
}

} // namespace

std::string password_cure(const MeterType& type) {
    const SettingRow& password = *type.setting(Role::menu_password);
    return fmt::format("the factory's is {:04}{}", password.factory, where_to_read(type, password));
}

std::optional<Problem> wrong_password(const Meter& meter, std::optional<int> entered) {
    if (opens_menu(meter.type(), meter.image().memory, entered))
        return std::nullopt;
    return Problem{403, "body/password",
                   fmt::format("{:04} is not the password of {}: it is back on its measurements",
                               *entered, meter.spec().name),
                   "enter its own: " + password_cure(meter.type())};
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
