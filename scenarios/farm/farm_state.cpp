#include "scenarios/farm/farm_state.hpp"

#include "scenarios/farm/running_meter.hpp"
#include "sim/difference.hpp"
#include "sim/layout.hpp"
#include "sim/metering_state.hpp"

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
    return identity;
}

Bytes wrap_farm(const FarmIdentity& identity, std::span<const std::uint8_t> state) {
    StateWriter all;
    all.write(identity);
    Bytes bytes = all.take();
    bytes.insert(bytes.end(), state.begin(), state.end());
    return seal(layout(), bytes);
}

std::span<const std::uint8_t> unwrap_farm(const FarmIdentity& identity,
                                          std::span<const std::uint8_t> saved) {
    const std::span<const std::uint8_t> bytes = unseal(layout(), saved);
    StateReader reader{bytes};
    FarmIdentity theirs;
    reader.read(theirs, "farm");
    const std::string where = first_difference(identity, theirs, "farm");
    if (!where.empty())
        throw BadState{where, "it was saved from another farm"};
    return bytes.subspan(state_size(theirs));
}

} // namespace kpmsim
