#pragma once

// For .cpp files of this room only.
#include "servers/net/asio.hpp"

#include <memory>

namespace kpmsim {

/// Remembers the T of its loop; Asio keeps one such service per loop.
template <class T>
class SharedOnLoop : public boost::asio::execution_context::service {
public:
    using key_type = SharedOnLoop;
    static inline boost::asio::execution_context::id id;
    explicit SharedOnLoop(boost::asio::execution_context& loop) : service{loop} {}

    std::weak_ptr<T> current;

private:
    void shutdown() override {}
};

/// The one T of a loop: made for the first that asks, gone with the last that holds it.
template <class T, class Make>
std::shared_ptr<T> shared_on(boost::asio::io_context& loop, Make make) {
    auto& service = boost::asio::use_service<SharedOnLoop<T>>(loop);
    auto one = service.current.lock();
    if (!one) {
        one.reset(make());
        service.current = one;
    }
    return one;
}

} // namespace kpmsim
