#pragma once

// For .cpp files of this room only. Boost 1.74's coroutine header uses std::exchange without
// including it, so <utility> has to come first.
#include <utility>

#include <boost/asio.hpp>
