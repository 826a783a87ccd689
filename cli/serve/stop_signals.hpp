#pragma once

#include "servers/net/asio.hpp"

#include <boost/asio/signal_set.hpp>

namespace kpmsim {

/// The signals that ask a farm to stop. Under nohup the terminal's end is no such thing.
void catch_stop_signals(boost::asio::signal_set& signals);

} // namespace kpmsim
