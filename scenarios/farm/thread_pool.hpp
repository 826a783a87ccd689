#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kpmsim {

/// Workers that share out numbered pieces of work. Who does which piece is left to chance, so a
/// piece must not care.
class ThreadPool {
public:
    /// The caller of each() is one of them: 1 starts no thread.
    explicit ThreadPool(int workers);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    int workers() const { return static_cast<int>(threads_.size()) + 1; }
    /// Does piece 0 … pieces - 1 and returns when all are done. The pieces must not throw.
    void each(std::size_t pieces, const std::function<void(std::size_t)>& work);

private:
    void serve();
    void take(std::unique_lock<std::mutex>& lock);

    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable done_;
    const std::function<void(std::size_t)>* work_{nullptr};
    std::size_t pieces_{0};
    std::size_t next_{0};
    std::size_t unfinished_{0};
    bool stop_{false};
};

} // namespace kpmsim
