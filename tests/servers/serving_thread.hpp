#pragma once

#include "servers/net/asio.hpp"

#include <thread>

namespace rig {

/// A loop that serves on a thread of its own. What lives on the loop is made before start() and
/// looked at or destroyed after stop().
class ServingThread {
public:
    kpmsim::EventLoop loop{1};

    void start() {
        loop.restart();
        thread_ = std::thread{[this] { loop.run(); }};
    }
    void stop() {
        loop.stop();
        if (thread_.joinable())
            thread_.join();
    }
    ~ServingThread() { stop(); }

private:
    std::thread thread_;
};

} // namespace rig
