#pragma once

#include <stdexcept>
#include <string>

namespace boost::asio {
class io_context;
}

namespace kpmsim {

/// The one loop that serves; every transport lives on it and on its thread.
using EventLoop = boost::asio::io_context;

/// A listener that could not be opened: what, why and the cure, in one sentence.
struct CannotListen : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// "127.0.0.1:1502" in its parts; throws CannotListen when it is no such thing.
struct Endpoint {
    std::string host;
    unsigned short port{0};
};
Endpoint parse_endpoint(const std::string& text);
std::string to_text(const Endpoint& endpoint);

} // namespace kpmsim
