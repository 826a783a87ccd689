#pragma once

#include "cli/serve/farm_server.hpp"
#include "scenarios/farm/farm.hpp"

#include <string>

namespace kpmsim {

/// The farm at a glance: a row a circuit (endpoint, U, I, P, f, energy, requests served, channels beyond the
/// converter's range), cut to the
/// height of the screen, and a line about all of it.
std::string live_table(const Farm& farm, const FarmServer& server, std::size_t lines);

} // namespace kpmsim
