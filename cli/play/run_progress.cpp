#include "cli/play/run_progress.hpp"

#include "cli/terminal/standard_streams.hpp"
#include "files/printable.hpp"
#include "scenarios/verdict/reports.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace kpmsim {

using namespace std::chrono_literals;

RunProgress::RunProgress(std::size_t scenarios)
    : terminal_{isatty(STDERR_FILENO) != 0}, scenarios_{scenarios} {}

void RunProgress::at(const std::string& scenario, SimDuration now, SimDuration end) {
    const std::lock_guard lock{mutex_};
    if (std::chrono::steady_clock::now() - drawn_ < 100ms)
        return;
    draw(fmt::format("{} {} of {}", printable(scenario), clock_text(now), clock_text(end)));
}

void RunProgress::done() {
    const std::lock_guard lock{mutex_};
    ++done_;
}

void RunProgress::draw(const std::string& what) {
    if (!terminal_)
        return;
    constexpr std::size_t width = 24;
    drawn_ = std::chrono::steady_clock::now();
    const auto full = width * done_ / std::max<std::size_t>(scenarios_, 1);
    std::string line = fmt::format("[{}{}] {}/{} {}, {:.1f} s", std::string(full, '#'),
                                   std::string(width - full, '.'), done_, scenarios_, what,
                                   std::chrono::duration<double>(drawn_ - begun_).count());
    const std::size_t size = line.size();
    if (size < width_)
        line += std::string(width_ - size, ' ');
    width_ = size;
    write_without_waiting(STDERR_FILENO, '\r' + line);
}

void RunProgress::wipe() {
    const std::lock_guard lock{mutex_};
    if (terminal_ && width_ > 0)
        write_without_waiting(STDERR_FILENO, '\r' + std::string(width_, ' ') + '\r');
    width_ = 0;
}

} // namespace kpmsim
