#include "cli/control/detach.hpp"

#include "cli/control/ready_file.hpp"
#include "cli/terminal/report.hpp"
#include "cli/terminal/standard_streams.hpp"
#include "files/text_file.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace kpmsim {

namespace {

int open_log(const std::string& log) {
    const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0)
        throw CouldNotStart{fmt::format("the log {} cannot be written: {}; choose another ready "
                                        "file",
                                        log, std::strerror(errno))};
    return file;
}

[[noreturn]] void run_away(const std::function<Exit()>& run, int log) {
    ::setsid();
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    std::_Exit(static_cast<int>(guarded(run)));
}

} // namespace

Exit detached(const std::function<Exit()>& run, const std::string& ready_file,
              const std::string& log) {
    remove_old_ready_file(ready_file);
    const int log_file = open_log(log);
    const pid_t child = ::fork();
    if (child < 0)
        throw CouldNotStart{fmt::format("no process of its own: {}", std::strerror(errno))};
    if (child == 0)
        run_away(run, log_file);
    ::close(log_file);
    std::error_code ignored;
    for (;;) {
        int status = 0;
        const bool over = ::waitpid(child, &status, WNOHANG) == child;
        if (std::filesystem::exists(ready_file, ignored) && !over)
            return Exit::ok;
        if (over) {
            std::vector<Mistake> mistakes;
            say(read_text(log, mistakes).value_or(""));
            return WIFEXITED(status) ? static_cast<Exit>(WEXITSTATUS(status)) : Exit::failed;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
}

} // namespace kpmsim
