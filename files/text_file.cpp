#include "files/text_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

namespace kpmsim {

namespace {

namespace fs = std::filesystem;

/// "16 MB", for a bound; "900 bytes" where that is no million.
std::string size_text(std::size_t bytes) {
    constexpr std::size_t million = 1'000'000;
    return bytes < million ? std::to_string(bytes) + " bytes"
                           : std::to_string(bytes / million) + " MB";
}

/// Opens for reading, and does not wait for somebody to write into a pipe.
int open_at_once(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (file >= 0) // from here on a pipe's writer is waited for
        ::fcntl(file, F_SETFL, ::fcntl(file, F_GETFL) & ~O_NONBLOCK);
    return file;
}

} // namespace

std::optional<std::string> read_file(const std::string& path, std::vector<Mistake>& mistakes,
                                     std::size_t most) {
    const auto fail = [&](const std::string& why, const std::string& cure) {
        note(mistakes, {path, 0, 0}, why, cure);
        return std::nullopt;
    };
    std::error_code ignored;
    const fs::file_status status = fs::status(path, ignored);
    if (fs::is_directory(status))
        return fail("is a folder, not a file", "name a file inside it");
    if (fs::is_character_file(status) || fs::is_block_file(status) || fs::is_socket(status))
        return fail("is a device, not a file", "name a file, or a pipe that ends");
    const int descriptor = open_at_once(path);
    if (descriptor < 0) {
        return fail(std::string{"cannot be read: "} + std::strerror(errno),
                    errno == ENOENT ? "check the path; it counts from the folder you are in, or "
                                      "from the file that names it"
                                    : "check the file's permissions");
    }
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{::fdopen(descriptor, "rb"),
                                                               &std::fclose};
    std::string bytes;
    char piece[65536];
    for (std::size_t n = 0; (n = std::fread(piece, 1, sizeof piece, file.get())) > 0;) {
        if (n > most - bytes.size())
            return fail("is larger than " + size_text(most), "is it the file that was meant?");
        bytes.append(piece, n);
    }
    if (std::ferror(file.get()) != 0)
        return fail("cannot be read to its end", "check the disk it is on");
    if (bytes.empty() && fs::is_fifo(status))
        return fail("is a pipe into which nobody writes", "start its writer first");
    return bytes;
}

std::optional<std::string> read_text(const std::string& path, std::vector<Mistake>& mistakes,
                                     std::size_t most) {
    auto text = read_file(path, mistakes, most);
    if (text && text->starts_with("\xEF\xBB\xBF"))
        text->erase(0, 3);
    return text;
}

void remove_half_written(const std::string& path) {
    std::error_code ignored;
    if (fs::is_regular_file(fs::symlink_status(path, ignored)))
        fs::remove(path, ignored);
}

bool write_text(const std::string& path, const std::function<void(std::ostream&)>& write) {
    std::ofstream out{path, std::ios::binary};
    if (!out.is_open())
        return false; // whatever has that name is none of ours
    write(out);
    out.close();
    if (out)
        return true;
    remove_half_written(path);
    return false;
}

} // namespace kpmsim
