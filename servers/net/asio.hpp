#pragma once

// For .cpp files of this room only, and no more of Asio than they use: the whole of it is parsed in
// twice the time. Boost 1.74's coroutine header uses std::exchange without including it, so
// <utility> has to come first.
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>

namespace kpmsim {

// Bound to the loop's executor and not to any: less code for the compiler, and nothing to look up at
// run time.
using LoopExecutor = boost::asio::io_context::executor_type;
using LoopTimer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>;
using LoopDescriptor = boost::asio::posix::basic_stream_descriptor<LoopExecutor>;
using LoopSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, LoopExecutor>;
using LoopAcceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, LoopExecutor>;

} // namespace kpmsim
