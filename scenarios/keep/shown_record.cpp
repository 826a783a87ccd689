#include "scenarios/keep/shown_record.hpp"

#include "scenarios/keep/state_fault.hpp"
#include "sim/layout.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kpmsim {
namespace {

constexpr std::string_view forget{"forget"};

std::uint64_t layout() {
    static const std::uint64_t layout = layout_of<Promised>();
    return layout;
}

} // namespace

std::uint64_t boot_number() {
    std::ifstream file{"/proc/sys/kernel/random/boot_id"};
    std::string id;
    return std::getline(file, id) ? hash_name(id) : 0;
}

ShownRecord::ShownRecord(const std::string& folder) : folder_{folder}, path_{folder + "/shown"} {
    struct stat there {};
    if (::stat(path_.c_str(), &there) != 0 && errno == ENOENT)
        return;
    fd_ = ::open(path_.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    hold();
}

ShownRecord::~ShownRecord() {
    if (fd_ >= 0)
        ::close(fd_);
}

void ShownRecord::hold() {
    Fault fault;
    if (fd_ < 0)
        fault = {fmt::format("{} cannot be written ({})", path_, std::strerror(errno)),
                 "make the folder writable, or take another"};
    else if (::flock(fd_, LOCK_EX | LOCK_NB) != 0)
        fault = {fmt::format("{} is kept by another process, and its lock is gone", folder_),
                 "stop that farm, or give this one a folder of its own"};
    else
        return;
    if (fd_ >= 0)
        ::close(fd_);
    fd_ = -1;
    throw StateFault{StateFault::Kind::of_machine, std::move(fault)};
}

ShownRecord::Found ShownRecord::read() const {
    if (fd_ < 0)
        return Nothing{};
    std::array<std::uint8_t, 256> bytes{};
    const auto size = ::pread(fd_, bytes.data(), bytes.size(), 0);
    if (size < 0)
        return Damaged{fmt::format("it cannot be read ({})", std::strerror(errno))};
    const std::span<const std::uint8_t> there{bytes.data(), static_cast<std::size_t>(size)};
    std::string_view text{reinterpret_cast<const char*>(there.data()), there.size()};
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.remove_suffix(1);
    if (text == forget)
        return Forgotten{};
    try {
        Promised promised;
        from_bytes(unseal(layout(), there), promised);
        return promised;
    } catch (const BadState& bad) {
        return Damaged{bad.what()};
    }
}

void ShownRecord::make(const Promised& promised) {
    if (fd_ < 0) {
        fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
        hold();
    }
    struct stat there {};
    const auto size = static_cast<off_t>(seal(layout(), bytes_of(promised)).size());
    if (!write(promised) || ::fstat(fd_, &there) != 0 ||
        (there.st_size > size && ::ftruncate(fd_, size) != 0) || ::fsync(fd_) != 0)
        throw not_writable(path_, std::strerror(errno));
}

bool ShownRecord::write(const Promised& promised) {
    const Bytes bytes = seal(layout(), bytes_of(promised));
    errno = ENOSPC; // what a short write means
    return ::pwrite(fd_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
}

} // namespace kpmsim
