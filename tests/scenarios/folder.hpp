#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace kpmsim::test {

/// A folder of its own for a test's files.
class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "kpmsim-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string operator/(const std::string& name) const { return path_ / name; }
    std::string path() const { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace kpmsim::test
