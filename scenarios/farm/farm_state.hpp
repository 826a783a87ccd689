#pragma once

#include "scenarios/file/farm_plan.hpp"
#include "sim/archive.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

/// Which farm some bytes are the state of: what of its plan the state hangs on.
struct FarmIdentity {
    struct Meter {
        std::string name, model, serial, supply;
        KPMSIM_FIELDS(name, model, serial, supply);
    };
    std::uint64_t seed{0};
    CivilTime start{};
    bool windows{false}; ///< window fidelity
    std::vector<std::string> supplies;
    std::vector<Meter> meters;
    KPMSIM_FIELDS(seed, start, windows, supplies, meters);
};
FarmIdentity identity_of(const FarmPlan& plan);

/// The identity and what is behind it in an envelope that tells the version, and back. unwrap_farm()
/// throws BadState with what differs.
Bytes wrap_farm(const FarmIdentity& identity, std::span<const std::uint8_t> state);
std::span<const std::uint8_t> unwrap_farm(const FarmIdentity& identity,
                                          std::span<const std::uint8_t> saved);

} // namespace kpmsim
