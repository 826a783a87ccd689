#include "files/text_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

namespace kpmsim {

std::optional<std::string> read_text(const std::string& path, std::vector<Mistake>& mistakes) {
    const auto fail = [&](const std::string& why, const std::string& cure) {
        note(mistakes, {path, 0, 0}, why, cure);
        return std::nullopt;
    };
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        return fail("is a folder, not a file", "name a file inside it");
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "rb"),
                                                               &std::fclose};
    if (!file) {
        return fail(std::string{"cannot be read: "} + std::strerror(errno),
                    errno == ENOENT ? "check the path; it counts from the folder you are in, or "
                                      "from the file that names it"
                                    : "check the file's permissions");
    }
    std::string text;
    char piece[16384];
    for (std::size_t n = 0; (n = std::fread(piece, 1, sizeof piece, file.get())) > 0;)
        text.append(piece, n);
    if (std::ferror(file.get()) != 0)
        return fail("cannot be read to its end", "check the disk it is on");
    if (text.starts_with("\xEF\xBB\xBF"))
        text.erase(0, 3);
    return text;
}

void remove_half_written(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(std::filesystem::symlink_status(path, ignored)))
        std::filesystem::remove(path, ignored);
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
