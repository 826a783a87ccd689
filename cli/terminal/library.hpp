#pragma once

#include "models/type/meter_type.hpp"

#include <string>

namespace kpmsim {

/// The built-in meters, and those of `folder` unless it is empty.
TypeLibrary load_library(const std::string& folder);
/// The meter of that name, or a FileError that lists the known ones.
const MeterType& need_model(const TypeLibrary& library, const std::string& name);

} // namespace kpmsim
