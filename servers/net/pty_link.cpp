#include "servers/net/pty_link.hpp"

#include "files/path.hpp"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace kpmsim {
namespace {

namespace fs = std::filesystem;

/// Whether nobody misses what has that name: a link to a pty, or one that leads nowhere, which is
/// what a line that was killed leaves behind.
bool may_be_replaced(const fs::path& path) {
    std::error_code error;
    const auto there = fs::symlink_status(path, error);
    if (!fs::exists(there))
        return true;
    if (!fs::is_symlink(there))
        return false;
    return fs::status(path, error).type() == fs::file_type::not_found ||
           fs::read_symlink(path, error).parent_path() == "/dev/pts";
}

} // namespace

CannotListen no_link(const std::string& link, const std::string& why) {
    return CannotListen{"cannot make the pty link " + link + ": " + why};
}

std::string place_of_link(const std::string& link) {
    if (!fs::path{link}.has_filename())
        throw no_link(link, "it needs a name, for example run/line1");
    return fs::absolute(link).string();
}

/// A socket in the abstract name space, which leaves no file.
Descriptor reserve_link(const std::string& link) {
    const std::string place = canonical_path(link);
    std::uint64_t hash = 0xCBF29CE484222325; // FNV-1a: a path may be longer than a socket's name
    for (const char c : place)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    const std::string claim = fmt::format("kpmsim-pty-{:016x}", hash);
    assert(claim.size() < sizeof name.sun_path);
    const char* const end = std::copy(claim.begin(), claim.end(), name.sun_path + 1);
    Descriptor held{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const auto size = static_cast<socklen_t>(end - reinterpret_cast<const char*>(&name));
    if (!held)
        throw no_link(link, "no descriptor is left (ulimit -n)");
    if (::bind(held.get(), reinterpret_cast<const sockaddr*>(&name), size) != 0)
        throw no_link(link, "another running line has that name; stop it or choose another name");
    return held;
}

void make_link(const std::string& link, const std::string& device) {
    std::error_code error;
    const fs::path path{link};
    if (!may_be_replaced(path))
        throw no_link(link, "something else has that name; move it away or choose another name");

    const std::string cure = "; choose a folder that this program may write to";
    if (path.has_parent_path()) {
        fs::create_directories(path.parent_path(), error);
        if (error)
            throw no_link(link, "no folder " + path.parent_path().string() + ": " +
                                    error.message() + cure);
    }
    // Made aside and moved into place, so that a client never finds a moment without a link.
    const fs::path aside{link + ".new-" + std::to_string(::getpid())};
    fs::remove(aside, error);
    fs::create_symlink(device, aside, error);
    if (!error)
        fs::rename(aside, path, error);
    if (error) {
        std::error_code ignored;
        fs::remove(aside, ignored);
        throw no_link(link, error.message() + cure);
    }
}

void take_link_away(const std::string& link, const std::string& device) {
    std::error_code error;
    if (fs::read_symlink(link, error) == device && !error)
        fs::remove(link, error);
}

} // namespace kpmsim
