#pragma once

#include "sim/result.hpp"

#include <chrono>
#include <string>

namespace kpmsim {

/// The body of what stands at http://HOST[:PORT]/PATH, or why there is none: an answer other than 2xx too.
Result<std::string, std::string> http_get(const std::string& url, std::chrono::seconds patience);

} // namespace kpmsim
