#include "cli/terminal/log.hpp"

#include "cli/terminal/report.hpp"
#include "cli/terminal/standard_streams.hpp"
#include "files/printable.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <string>
#include <unistd.h>

namespace kpmsim {

namespace {

/// Lines on stderr, counted where they are lost.
class StderrSink : public spdlog::sinks::base_sink<std::mutex> {
public:
    void bare(const std::string& line) {
        const std::lock_guard lock{mutex_};
        write(line);
    }

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t formatted;
        formatter_->format(message, formatted);
        write(terminal_ ? coloured({formatted.data(), formatted.size()}, message)
                        : std::string{formatted.data(), formatted.size()});
    }
    void flush_() override {}

    void write(const std::string& line) {
        if (lost_ > 0) {
            const std::string lost =
                fmt::format("{}… {} line{} of this log {} lost: {}\n", torn_ ? "\n" : "", lost_,
                            lost_ == 1 ? "" : "s", lost_ == 1 ? "was" : "were", why_);
            if (!arrives(lost)) {
                ++lost_;
                return;
            }
            lost_ = 0;
        }
        if (!arrives(line))
            ++lost_;
    }

    bool arrives(const std::string& text) {
        errno = EAGAIN; // nobody reads it
        const std::size_t written = write_without_waiting(STDERR_FILENO, text);
        if (written < text.size())
            why_ = errno == EAGAIN ? "nobody read it" : std::strerror(errno);
        if (written > 0)
            torn_ = written < text.size();
        return written == text.size();
    }

    static std::string coloured(std::string line, const spdlog::details::log_msg& message) {
        const char* const colour = message.level >= spdlog::level::err    ? "\x1b[31m"
                                   : message.level == spdlog::level::warn ? "\x1b[33m"
                                                                          : "\x1b[32m";
        line.insert(message.color_range_end, "\x1b[m");
        line.insert(message.color_range_start, colour);
        return line;
    }

    const bool terminal_{isatty(STDERR_FILENO) != 0};
    std::size_t lost_{0}; ///< lines, since the last one that arrived
    bool torn_{false};    ///< the last that arrived did in part
    std::string why_;
};

/// What is logged may be of a file or a client, and hold any bytes.
class PrintableMessage : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& out) override {
        const std::string text = printable({message.payload.data(), message.payload.size()});
        out.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<PrintableMessage>();
    }
};

const std::shared_ptr<StderrSink>& sink() {
    static const auto the_one = std::make_shared<StderrSink>();
    return the_one;
}

spdlog::level::level_enum level_of(const char* text, spdlog::level::level_enum otherwise) {
    if (text == nullptr || *text == '\0')
        return otherwise;
    const std::string name{text};
    const auto level = spdlog::level::from_str(name); // what it does not know is off
    if (level == spdlog::level::off && name != "off")
        wrong_flag("KPMSIM_LOG_LEVEL", fmt::format("\"{}\" is no level", name),
                   "write trace, debug, info, warn, error, critical or off");
    return level;
}

} // namespace

void set_up_log(bool beside_live_table) {
    auto log = std::make_shared<spdlog::logger>("kpmsim", sink());
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    formatter->add_flag<PrintableMessage>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %*");
    log->set_formatter(std::move(formatter));
    log->set_level(level_of(std::getenv("KPMSIM_LOG_LEVEL"),
                            beside_live_table ? spdlog::level::warn : spdlog::level::info));
    spdlog::set_default_logger(log);
}

void log_bare(const std::string& line) { sink()->bare(line + '\n'); }

} // namespace kpmsim
