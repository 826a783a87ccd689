#pragma once

#include "models/type/meter_type.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// Relays or inputs of a unit, at addresses in a row.
struct BitRange {
    const char* name; ///< of their points, but for the number
    const char* kind; ///< in Modbus' words
    int per_unit;
    int first;
    std::vector<int> codes; ///< function codes that reach them
    std::string fitted;     ///< which units have them; empty = all
};
std::vector<BitRange> bits_of(const MeterType& type);

/// The register map as a table for people or machines. One row a register: address (hex and
/// decimal), words, type, name, title, unit, scale, access, function codes, source, which units have
/// it where that is not all, and what its words mean where they are not the value; then a row for each coil and discrete input (not as CSV).
std::string map_as_markdown(const MeterType& type);
std::string map_as_csv(const MeterType& type);
std::string map_as_json(const MeterType& type);

/// The whole reference page of a meter (docs/reference/<name>.md): ratings, settings, registers,
/// packets, what is modelled, assumed and not.
std::string reference_page(const MeterType& type);

} // namespace kpmsim
