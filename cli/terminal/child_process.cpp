#include "cli/terminal/child_process.hpp"

#include "cli/terminal/report.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ;

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_output = 1 << 20;

/// Ours, with others in the place of those of the same name.
std::vector<std::string>
environment_with(const std::vector<std::pair<std::string, std::string>>& more) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text{*entry};
        const std::string name = text.substr(0, text.find('='));
        bool replaced = false;
        for (const auto& [key, value] : more)
            replaced = replaced || key == name;
        if (!replaced)
            all.push_back(text);
    }
    for (const auto& [key, value] : more)
        all.push_back(key + '=' + value);
    return all;
}

} // namespace

ChildProcess::ChildProcess(const Options& options) {
    std::array<int, 2> ends{-1, -1};
    if (options.captured && ::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw CouldNotStart{fmt::format("no pipe for a command: {}", std::strerror(errno))};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (options.captured)
        posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t usual; // what this program ignores
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    posix_spawnattr_setsigdefault(&attributes, &usual);

    std::string shell = "sh";
    std::string flag = "-c";
    std::string command = options.command;
    std::array<char*, 4> arguments{shell.data(), flag.data(), command.data(), nullptr};
    std::vector<std::string> texts = environment_with(options.environment);
    std::vector<char*> variables;
    for (std::string& text : texts)
        variables.push_back(text.data());
    variables.push_back(nullptr);
    const int error =
        ::posix_spawn(&pid_, "/bin/sh", &files, &attributes, arguments.data(), variables.data());
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (options.captured) {
        ::close(ends[1]);
        pipe_ = ends[0];
        ::fcntl(pipe_, F_SETFL, O_NONBLOCK);
    }
    if (error != 0) {
        pid_ = -1;
        throw CouldNotStart{fmt::format("the command \"{}\" cannot be started: {}", options.command,
                                        std::strerror(error))};
    }
}

ChildProcess::~ChildProcess() {
    end();
    if (pipe_ >= 0)
        ::close(pipe_);
}

void ChildProcess::take_output() {
    std::array<char, 4096> some{};
    while (pipe_ >= 0) {
        const ssize_t n = ::read(pipe_, some.data(), some.size());
        if (n <= 0)
            return;
        if (output_.size() < most_output)
            output_.append(some.data(), static_cast<std::size_t>(n));
    }
}

/// It stays unreaped until end(): as long as that its number, and its group's, are nobody else's.
std::optional<int> ChildProcess::exit_code() {
    if (code_ || pid_ <= 0)
        return code_;
    take_output();
    siginfo_t seen{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &seen, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        seen.si_pid != pid_)
        return std::nullopt;
    take_output();
    code_ = seen.si_code == CLD_EXITED ? seen.si_status : 128 + seen.si_status;
    return code_;
}

void ChildProcess::end() {
    if (pid_ <= 0)
        return;
    // What it left behind in its group is asked, too.
    ::kill(-pid_, SIGTERM);
    const auto patience = std::chrono::steady_clock::now() + 2s;
    while (!exit_code() && std::chrono::steady_clock::now() < patience)
        std::this_thread::sleep_for(5ms);
    ::kill(-pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    if (!code_)
        code_ = 128 + SIGKILL;
    pid_ = -1;
}

} // namespace kpmsim
