#include "cli/terminal/progress.hpp"

#include "cli/terminal/standard_streams.hpp"

#include <fmt/format.h>
#include <string>
#include <unistd.h>

namespace kpmsim {

Progress::Progress() : terminal_{isatty(STDERR_FILENO) != 0} {}

void Progress::operator()(int done, int all) {
    constexpr int width = 40;
    const int percent = 100 * done / all;
    if (!terminal_ || percent == shown_)
        return;
    shown_ = percent;
    const auto full = static_cast<std::size_t>(width * done / all);
    std::string bar = fmt::format("\r[{}{}] {:3} %", std::string(full, '#'),
                                  std::string(width - full, '.'), percent);
    if (done == all)
        bar += fmt::format("\r{}\r", std::string(width + 9, ' '));
    write_without_waiting(STDERR_FILENO, bar);
}

} // namespace kpmsim
