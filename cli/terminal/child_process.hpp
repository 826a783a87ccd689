#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace kpmsim {

/// A shell command in a process group of its own, without stdin. It ends with this object.
class ChildProcess {
public:
    struct Options {
        std::string command;
        std::vector<std::pair<std::string, std::string>> environment{}; ///< on top of ours
        bool captured{false}; ///< its stdout is kept; else it goes where ours goes
    };
    /// Throws CouldNotStart.
    explicit ChildProcess(const Options& options);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// Its exit code, as a shell tells it (128 + a signal's number); nothing while it runs. Waits for
    /// nothing.
    std::optional<int> exit_code();
    /// What it has written, up to a megabyte.
    const std::string& output() const { return output_; }
    /// The whole group: asked, and after two seconds made to.
    void end();

private:
    void take_output();

    pid_t pid_{-1};
    int pipe_{-1};
    std::string output_;
    std::optional<int> code_;
};

} // namespace kpmsim
