#include "scenarios/keep/folder_lock.hpp"

#include "scenarios/keep/state_fault.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace kpmsim {
namespace {

std::string whose(int fd) {
    std::array<char, 32> text{};
    const auto size = ::pread(fd, text.data(), text.size() - 1, 0);
    std::string holder{text.data(), static_cast<std::size_t>(size > 0 ? size : 0)};
    while (!holder.empty() && holder.back() == '\n')
        holder.pop_back();
    return holder.empty() ? "another process" : "process " + holder;
}

} // namespace

FolderLock::FolderLock(const std::string& folder) {
    const std::string path = folder + "/lock";
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    const auto refuse = [&](Fault fault) {
        if (fd_ >= 0)
            ::close(fd_);
        throw StateFault{StateFault::Kind::of_machine, std::move(fault)};
    };
    if (fd_ < 0)
        refuse({fmt::format("{} cannot be written ({})", path, std::strerror(errno)),
                "make the folder writable, or take another"});
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0)
        refuse({fmt::format("{} is kept by {}", folder, whose(fd_)),
                "stop that farm, or give this one a folder of its own"});
    const std::string mine = fmt::format("{}\n", ::getpid());
    // Only for the message above: it is no harm where there is no room for it.
    if (::ftruncate(fd_, 0) != 0 ||
        ::pwrite(fd_, mine.data(), mine.size(), 0) != static_cast<ssize_t>(mine.size()))
        return;
}

FolderLock::~FolderLock() { ::close(fd_); }

} // namespace kpmsim
