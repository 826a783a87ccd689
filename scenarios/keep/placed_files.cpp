#include "scenarios/keep/placed_files.hpp"

#include <sys/stat.h>
#include <utility>

namespace kpmsim {
namespace {

/// 0, which no file has, where there is none.
std::pair<std::uint64_t, std::uint64_t> number_of(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0)
        return {0, 0};
    return {found.st_dev, found.st_ino};
}

} // namespace

void PlacedFiles::add(std::string path) {
    const auto number = number_of(path);
    files_.push_back({std::move(path), number});
}

std::string PlacedFiles::missing() const {
    for (const Placed& file : files_)
        if (number_of(file.path) != file.number)
            return file.path;
    return {};
}

} // namespace kpmsim
