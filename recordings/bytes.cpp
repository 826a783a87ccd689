#include "recordings/bytes.hpp"
#include "files/text_file.hpp"
#include "recordings/note.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace kpmsim {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

} // namespace

std::optional<std::string> read_bytes(const std::string& path, std::vector<Mistake>& mistakes) {
    const auto fail = [&](const std::string& why, const std::string& cure) {
        note(mistakes, path, 0, why, cure);
        return std::nullopt;
    };
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        return fail("is a folder, not a file", "name a file inside it");
    const File file{std::fopen(path.c_str(), "rb"), &std::fclose};
    if (!file) {
        return fail(std::string{"cannot be read: "} + std::strerror(errno),
                    "check the path and the file's permissions");
    }
    std::string bytes;
    char piece[65536];
    for (std::size_t n = 0; (n = std::fread(piece, 1, sizeof piece, file.get())) > 0;)
        bytes.append(piece, n);
    if (std::ferror(file.get()) != 0)
        return fail("cannot be read to its end", "check the disk it is on");
    return bytes;
}

bool write_bytes(const std::string& path, std::string_view bytes, std::vector<Mistake>& mistakes) {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    bool written = file != nullptr;
    if (written) {
        written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
        written = std::fclose(file) == 0 && written;
    }
    if (!written) {
        note(mistakes, path, 0, std::string{"cannot be written: "} + std::strerror(errno),
             "check the folder, its permissions and the space on the disk");
        if (file != nullptr)
            remove_half_written(path);
    }
    return written;
}

} // namespace kpmsim
