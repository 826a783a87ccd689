#pragma once

#include "models/type/meter_type.hpp"

#include <string>

namespace kpmsim {

/// The register map as a table for people or machines. One row a register: address (hex and
/// decimal), words, type, name, title, unit, scale, access, function codes, source.
std::string map_as_markdown(const MeterType& type);
std::string map_as_csv(const MeterType& type);
std::string map_as_json(const MeterType& type);

/// The whole reference page of a meter (docs/reference/<name>.md): ratings, settings, registers,
/// packets, what is modelled, assumed and not.
std::string reference_page(const MeterType& type);

} // namespace kpmsim
