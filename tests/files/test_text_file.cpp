#include "files/text_file.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <sys/stat.h>
#include <thread>
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

    TEST_CASE("what is no file, or too large a one, is a mistake; a pipe is read to its end") {
        const Folder folder;
        const auto mistake = [](const fs::path& path) {
            std::vector<Mistake> mistakes;
            CHECK_FALSE(read_file(path, mistakes, 100));
            return mistakes.size() == 1 ? mistakes[0].what + "; " + mistakes[0].cure : "";
        };
        const std::string device = "is a device, not a file; name a file, or a pipe that ends";
        CHECK(mistake("/dev/zero") == device);
        fs::create_symlink("/dev/zero", folder.path / "link.toml");
        CHECK(mistake(folder.path / "link.toml") == device);
        CHECK(mistake(folder.path) == "is a folder, not a file; name a file inside it");
        CHECK(mistake(folder.path / "gone").starts_with("cannot be read: No such file"));

        const fs::path file = folder.path / "file";
        const auto sized = [&](std::size_t size) {
            std::ofstream{file, std::ios::binary} << std::string(size, 'x');
        };
        sized(101);
        CHECK(mistake(file) == "is larger than 100 bytes; is it the file that was meant?");
        std::vector<Mistake> mistakes;
        sized(100);
        CHECK(read_file(file, mistakes, 100)->size() == 100);
        sized(0);
        CHECK(read_file(file, mistakes, 100) == "");
        CHECK(mistakes.empty());

        const fs::path pipe = folder.path / "pipe";
        REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
        CHECK(mistake(pipe) == "is a pipe into which nobody writes; start its writer first");
        std::thread writer{[&] { std::ofstream{pipe} << "through"; }};
        std::optional<std::string> read;
        while (!read) // the writer may not have come yet
            read = read_file(pipe, mistakes, 100);
        writer.join();
        CHECK(read == "through");
    }
}
