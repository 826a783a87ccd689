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
    std::vector<Meter> meters; ///< that are there at the moment
    std::vector<WrittenValue> written;
    KPMSIM_FIELDS(seed, start, windows, supplies, meters, written);
};
FarmIdentity identity_of(const FarmPlan& plan);

/// Throws BadState with the first difference, in the words of the farm file, when the bytes are the state
/// of a farm of another file, seed, start or fidelity.
void check_same_farm(const FarmPlan& plan, std::span<const std::uint8_t> saved);

/// The identity and what is behind it in an envelope that tells the version, and back. unwrap_farm()
/// throws BadState with what differs.
Bytes wrap_farm(const FarmIdentity& identity, std::span<const std::uint8_t> state);
std::span<const std::uint8_t> unwrap_farm(const FarmIdentity& identity,
                                          std::span<const std::uint8_t> saved);

} // namespace kpmsim
