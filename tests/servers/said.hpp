#pragma once

// The library's own build flags: without them the header would bring a second logger registry.
#ifndef SPDLOG_COMPILED_LIB
#define SPDLOG_COMPILED_LIB
#endif
#ifndef SPDLOG_FMT_EXTERNAL
#define SPDLOG_FMT_EXTERNAL
#endif
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <string>

namespace kpmsim::test {

/// What is logged while it lives, by any thread.
class Said {
public:
    Said() : before_(spdlog::default_logger()) {
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink_));
    }
    ~Said() { spdlog::set_default_logger(before_); }
    Said(const Said&) = delete;
    Said& operator=(const Said&) = delete;

    std::string text() const { return sink_->text(); }
    std::size_t count(const std::string& part) const {
        const std::string all = text();
        std::size_t n = 0;
        for (auto at = all.find(part); at != std::string::npos; at = all.find(part, at + 1))
            ++n;
        return n;
    }

private:
    class Sink : public spdlog::sinks::base_sink<std::mutex> {
    public:
        std::string text() {
            const std::lock_guard lock{mutex_};
            return text_;
        }

    private:
        void sink_it_(const spdlog::details::log_msg& message) override {
            text_.append(message.payload.data(), message.payload.size());
            text_ += '\n';
        }
        void flush_() override {}
        std::string text_;
    };
    std::shared_ptr<Sink> sink_ = std::make_shared<Sink>();
    std::shared_ptr<spdlog::logger> before_;
};

} // namespace kpmsim::test
