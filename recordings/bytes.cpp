#include "recordings/bytes.hpp"
#include "files/text_file.hpp"
#include "recordings/note.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace kpmsim {

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
