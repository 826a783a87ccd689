#pragma once

// For .cpp files only.
#include "files/endpoint.hpp"
#include "servers/net/asio.hpp"
#include "servers/net/event_loop.hpp"

namespace kpmsim {

/// Binds and listens at once (port 0: any free one). Throws CannotListen.
LoopAcceptor open_acceptor(EventLoop& loop, const Endpoint& wanted);
/// The same in two steps. One that is bound and does not listen has its port, and refuses whoever comes.
LoopAcceptor bind_acceptor(EventLoop& loop, const Endpoint& wanted);
void listen_on(LoopAcceptor& acceptor, const Endpoint& wanted);

/// The process, or the system, has no room for another connection just now.
bool out_of_resources(const boost::system::error_code& error);

} // namespace kpmsim
