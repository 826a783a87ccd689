#include "scenarios/farm/farm_state.hpp"

#include "scenarios/farm/running_meter.hpp"
#include "sim/difference.hpp"
#include "sim/iso_time.hpp"
#include "sim/layout.hpp"
#include "sim/metering_state.hpp"

#include <fmt/format.h>

namespace kpmsim {

namespace {

std::uint64_t layout() {
    return layout_of<FarmIdentity, SupplySourceState, ProgramState, MeteringState, MeterProgress,
                     Message, SimTime>();
}

} // namespace

FarmIdentity identity_of(const FarmPlan& plan) {
    FarmIdentity identity;
    identity.seed = plan.seed;
    identity.start = plan.start;
    identity.windows = plan.fidelity == Fidelity::window;
    for (const SupplyPlan& supply : plan.supplies)
        identity.supplies.push_back(supply.name);
    for (const MeterPlan& meter : plan.meters)
        identity.meters.push_back(
            {meter.spec.name, meter.spec.type->name, meter.spec.serial, meter.supply});
    identity.written = plan.written;
    return identity;
}

Bytes wrap_farm(const FarmIdentity& identity, std::span<const std::uint8_t> state) {
    StateWriter all;
    all.write(identity);
    Bytes bytes = all.take();
    bytes.insert(bytes.end(), state.begin(), state.end());
    return seal(layout(), bytes);
}

namespace {

BadState other_farm(const std::string& difference) {
    return BadState{"", "it was saved from another farm: " + difference};
}

void check_same(const FarmIdentity& here, const FarmIdentity& there) {
    const auto each = [](const char* what, const auto& mine, const auto& other) {
        if (mine != other)
            throw other_farm(fmt::format("{} is {} here, {} there", what, mine, other));
    };
    each("the seed", here.seed, there.seed);
    each("the start", iso_text(here.start), iso_text(there.start));
    each("the fidelity", name_of(here.windows ? Fidelity::window : Fidelity::sample),
         name_of(there.windows ? Fidelity::window : Fidelity::sample));
}

/// What the file does not say, or what came later.
void check_meters(const FarmIdentity& here, const FarmIdentity& there) {
    const auto names = [](const FarmIdentity& farm) {
        std::vector<std::string> all;
        for (const FarmIdentity::Meter& meter : farm.meters)
            all.push_back(meter.name);
        return all.empty() ? std::string{"none"} : listed(all);
    };
    if (here.meters.size() != there.meters.size())
        throw other_farm(
            fmt::format("the meters are {} here, {} there", names(here), names(there)));
    for (std::size_t n = 0; n < here.meters.size(); ++n) {
        const FarmIdentity::Meter& mine = here.meters[n];
        const FarmIdentity::Meter& other = there.meters[n];
        const auto each = [&](const char* what, const std::string& a, const std::string& b) {
            if (a != b)
                throw other_farm(
                    fmt::format("meter {}: {} is {} here, {} there", mine.name, what, a, b));
        };
        each("name", mine.name, other.name);
        each("model", mine.model, other.model);
        each("serial", mine.serial, other.serial);
        each("supply", mine.supply, other.supply);
    }
    FarmIdentity rest = there; // what is written is check_same_farm()'s
    rest.written = here.written;
    const std::string where = first_difference(here, rest, "farm");
    if (!where.empty())
        throw BadState{where, "it was saved from another farm"};
}

FarmIdentity identity_in(std::span<const std::uint8_t> bytes) {
    StateReader reader{bytes};
    FarmIdentity theirs;
    reader.read(theirs, "farm");
    return theirs;
}

} // namespace

void check_same_farm(const FarmPlan& plan, std::span<const std::uint8_t> saved) {
    const FarmIdentity here = identity_of(plan);
    const FarmIdentity there = identity_in(unseal(layout(), saved));
    if (const std::string what = difference(here.written, there.written); !what.empty())
        throw other_farm(what);
    check_same(here, there);
}

std::span<const std::uint8_t> unwrap_farm(const FarmIdentity& identity,
                                          std::span<const std::uint8_t> saved) {
    const std::span<const std::uint8_t> bytes = unseal(layout(), saved);
    const FarmIdentity theirs = identity_in(bytes);
    check_same(identity, theirs);
    check_meters(identity, theirs);
    return bytes.subspan(state_size(theirs));
}

} // namespace kpmsim
