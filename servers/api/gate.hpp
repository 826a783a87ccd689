#pragma once

#include "files/endpoint.hpp"
#include "servers/api/problem.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace kpmsim {

/// What a request says of who asks; empty where it does not.
struct GateQuestion {
    std::string_view target, host, origin, authorization;
    std::size_t hosts{1}; ///< how many headers Host it has
};
/// Why nobody answers it: it names another machine, comes from another site's page, or lacks the token.
std::optional<Problem> refused_at_the_gate(const GateQuestion& who, const Endpoint& endpoint,
                                           std::string_view token);

} // namespace kpmsim
