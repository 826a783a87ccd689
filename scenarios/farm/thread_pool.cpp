#include "scenarios/farm/thread_pool.hpp"

namespace kpmsim {

ThreadPool::ThreadPool(int workers) {
    for (int i = 1; i < workers; ++i)
        threads_.emplace_back([this] { serve(); });
}

ThreadPool::~ThreadPool() {
    {
        const std::lock_guard lock{mutex_};
        stop_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
}

void ThreadPool::take(std::unique_lock<std::mutex>& lock) {
    while (next_ < pieces_) {
        const std::size_t piece = next_++;
        const auto& work = *work_;
        lock.unlock();
        work(piece);
        lock.lock();
        if (--unfinished_ == 0)
            done_.notify_all();
    }
}

void ThreadPool::serve() {
    std::unique_lock lock{mutex_};
    for (;;) {
        wake_.wait(lock, [this] { return stop_ || next_ < pieces_; });
        if (stop_)
            return;
        take(lock);
    }
}

void ThreadPool::each(std::size_t pieces, const std::function<void(std::size_t)>& work) {
    std::unique_lock lock{mutex_};
    work_ = &work;
    pieces_ = pieces;
    next_ = 0;
    unfinished_ = pieces;
    if (pieces > 1)
        wake_.notify_all();
    take(lock);
    done_.wait(lock, [this] { return unfinished_ == 0; });
    pieces_ = 0;
}

} // namespace kpmsim
