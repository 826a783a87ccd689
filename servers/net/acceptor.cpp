#include "servers/net/acceptor.hpp"

#include <cerrno>

namespace kpmsim {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int backlog = 4096; // thousands of clients may come in one moment

tcp::endpoint address_of(const Endpoint& endpoint) {
    error_code error;
    const auto address = asio::ip::make_address(endpoint.host, error);
    if (error)
        throw CannotListen{"\"" + endpoint.host +
                           "\" is no IP address; use 127.0.0.1 (this machine only) or 0.0.0.0 "
                           "(every interface)"};
    return {address, endpoint.port};
}

CannotListen cannot_listen(const Endpoint& endpoint, const error_code& error) {
    const auto where = to_text(endpoint);
    switch (error.value()) {
    case EADDRINUSE:
        return CannotListen{where + " is taken by another program; choose another port or 0 for "
                                    "any free one"};
    case EACCES:
        return CannotListen{where + " needs rights that this program does not have; choose a port "
                                    "from 1024 on"};
    case EADDRNOTAVAIL:
        return CannotListen{where + ": this machine has no such address; use 127.0.0.1 (this "
                                    "machine only) or 0.0.0.0 (every interface)"};
    default:
        return CannotListen{where + " cannot be listened on: " + error.message()};
    }
}

} // namespace

LoopAcceptor bind_acceptor(EventLoop& loop, const Endpoint& wanted) {
    const auto address = address_of(wanted);
    LoopAcceptor acceptor{loop};
    error_code error;
    acceptor.open(address.protocol(), error);
    if (!error)
        acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error)
        acceptor.bind(address, error);
    if (error)
        throw cannot_listen(wanted, error);
    return acceptor;
}

void listen_on(LoopAcceptor& acceptor, const Endpoint& wanted) {
    error_code error;
    acceptor.listen(backlog, error);
    if (!error)
        acceptor.non_blocking(true, error);
    if (error)
        throw cannot_listen(wanted, error);
}

LoopAcceptor open_acceptor(EventLoop& loop, const Endpoint& wanted) {
    LoopAcceptor acceptor = bind_acceptor(loop, wanted);
    listen_on(acceptor, wanted);
    return acceptor;
}

bool out_of_resources(const error_code& error) {
    const int e = error.value();
    return e == EMFILE || e == ENFILE || e == ENOBUFS || e == ENOMEM;
}

} // namespace kpmsim
