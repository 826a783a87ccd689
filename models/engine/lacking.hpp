#pragma once

#include "files/mistake.hpp"
#include "models/engine/meter_spec.hpp"

#include <optional>
#include <span>
#include <string>

namespace kpmsim {

/// Why none of several units has the point: as lacks() says it of the first whose type has it, or `unknown` where
/// no type does; nothing where a unit has it.
std::optional<Fault> lacking(std::span<const MeterSpec* const> units, const std::string& point,
                             const Fault& unknown);

} // namespace kpmsim
