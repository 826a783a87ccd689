#pragma once

#include <stdexcept>

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

} // namespace kpmsim
