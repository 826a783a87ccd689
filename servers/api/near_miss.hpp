#pragma once

#include "servers/api/journal.hpp"

#include <span>
#include <string>
#include <string_view>

namespace kpmsim {

/// What somebody probably meant with a request that a meter refused, or that cut a value in two:
/// "you read 0241H; u_a (Voltage A) begins at 0240H". Worked out from the map of what the unit has; empty
/// when nothing is near.
///
/// An address within two words of a row's begin, a block whose end cuts a value, function 03 where the row is
/// read with 04 (and the other way round), an address that counts from one, a coil off by one.
std::string near_miss(const MeterSpec& spec, std::span<const std::uint8_t> request,
                      std::span<const std::uint8_t> answer);

/// The same for a unit that nobody has here: `elsewhere` is the name of a line on which one has it.
std::string near_unit(int unit, std::string_view meter, std::string_view elsewhere);

} // namespace kpmsim
