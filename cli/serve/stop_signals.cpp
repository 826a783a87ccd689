#include "cli/serve/stop_signals.hpp"

#include <csignal>

namespace kpmsim {

void catch_stop_signals(boost::asio::signal_set& signals) {
    signals.add(SIGINT);
    signals.add(SIGTERM);
    struct sigaction hangup {};
    if (sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        signals.add(SIGHUP);
}

} // namespace kpmsim
