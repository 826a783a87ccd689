#pragma once

#include "servers/net/descriptor.hpp"
#include "servers/net/event_loop.hpp"

#include <string>

namespace kpmsim {

// The name by which clients find a pty.

CannotListen no_link(const std::string& link, const std::string& why);

/// The link, wherever the program may change to. Throws CannotListen where it has no name.
std::string place_of_link(const std::string& link);

/// Whoever holds this has the link's name to himself on this machine, and nobody else when it is gone,
/// however it went. Throws CannotListen when another one has it.
Descriptor reserve_link(const std::string& link);

/// Throws CannotListen when it cannot be, or something else has that name.
void make_link(const std::string& link, const std::string& device);

/// Unless somebody else's has taken its place.
void take_link_away(const std::string& link, const std::string& device);

} // namespace kpmsim
