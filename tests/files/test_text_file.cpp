#include "files/text_file.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <unistd.h>

using namespace kpmsim;
namespace fs = std::filesystem;

namespace {

struct Folder {
    fs::path path = fs::temp_directory_path() / ("kpmsim-text-" + std::to_string(::getpid()));
    Folder() { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }
};

bool write_hello(const std::string& path) {
    return write_text(
        path, [](std::ostream& out) { out << "hello\n"; });
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a written file holds what was written, in place of what was there") {
        const Folder folder;
        const std::string path = folder.path / "a.txt";
        for (int n = 0; n < 2; ++n) {
            CHECK(write_hello(path));
            std::vector<Mistake> mistakes;
            CHECK(read_text(path, mistakes) == "hello\n");
        }
    }

    TEST_CASE("what could not be written leaves no half, and takes nothing of others away") {
        const Folder folder;
        // A full disk, by way of a link: the device and the link stay.
        const fs::path link = folder.path / "full";
        fs::create_symlink("/dev/full", link);
        CHECK_FALSE(write_hello(link));
        CHECK(fs::is_symlink(link));
        CHECK(fs::is_character_file("/dev/full"));
        // A writer that fails half way.
        const fs::path half = folder.path / "half";
        CHECK_FALSE(write_text(half, [](std::ostream& out) {
            out << "hello";
            out.setstate(std::ios::failbit);
        }));
        CHECK_FALSE(fs::exists(half));
        // A folder of that name.
        const fs::path inner = folder.path / "inner";
        fs::create_directory(inner);
        CHECK_FALSE(write_hello(inner));
        CHECK(fs::is_directory(inner));
        remove_half_written(inner);
        CHECK(fs::is_directory(inner));
    }
}
