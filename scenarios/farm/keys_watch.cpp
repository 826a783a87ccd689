#include "scenarios/farm/keys_watch.hpp"

#include "sim/iso_time.hpp"

#include <fmt/format.h>

namespace kpmsim {
namespace {

std::string reason_of(const RefusedAtKeys& entry) {
    if (!entry.powered)
        return "it has no power";
    switch (entry.why) {
    case Refusal::not_authorised:
        return "that was not its password, and it is back on its measurements";
    case Refusal::busy:
        return "it moves that relay itself";
    default:
        break;
    }
    return "it does not take that as it is set";
}

} // namespace

std::vector<std::string> refused_at_keys(const Farm& farm) {
    std::vector<std::string> told;
    for (const Farm::MeterRefusal& one : farm.refused_at_keys()) {
        const MeterSpec& spec = farm.meters()[one.meter].spec();
        told.push_back(fmt::format("{} {}: {} = {} was not written at its keys: {}",
                                   iso_text(civil_time(farm.plan().start, one.entry.at)), spec.name,
                                   spec.type->points[one.entry.what.point].name,
                                   one.entry.what.value, reason_of(one.entry)));
    }
    return told;
}

} // namespace kpmsim
