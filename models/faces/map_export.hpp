#pragma once

#include "models/type/device_type.hpp"

#include <string>

namespace kpmsim {

/// The register map as a table for people or machines. One row a register: address (hex and
/// decimal), words, type, name, title, unit, scale, access, function codes, source.
std::string map_as_markdown(const DeviceType& type);
std::string map_as_csv(const DeviceType& type);
std::string map_as_json(const DeviceType& type);

/// The whole reference page of a meter (docs/reference/<name>.md): ratings, settings, registers,
/// packets, what is modelled and what is not.
std::string reference_page(const DeviceType& type);

} // namespace kpmsim
