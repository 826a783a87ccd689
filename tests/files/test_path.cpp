#include "files/path.hpp"
#include "files/utf8.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <unistd.h>

using namespace kpmsim;
namespace fs = std::filesystem;

namespace {

std::string fault_of(const std::string& text) {
    Fault fault;
    return is_new_name(text, fault) ? "" : fault.what + "; " + fault.cure;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a name to be made is a path with a name at its end, that no shell has to read") {
        for (const char* text : {"q1", "./q1", "run/line1", "/tmp/q1", "../q1", "a~", "./~", "q 1"})
            CHECK(fault_of(text) == "");
        CHECK(fault_of("") == "\"\" is no path; write a name");
        CHECK(fault_of("~") == "\"~\" begins with a ~, which only a shell follows; write the whole "
                               "path, or \"./~\" for a name that begins so");
        CHECK(fault_of("~/q1").starts_with("\"~/q1\" begins with a ~"));
        CHECK(fault_of("~me/q1").starts_with("\"~me/q1\" begins with a ~"));
        for (const char* text : {"run/", "/", ".", "..", "run/.", "run/.."})
            CHECK(fault_of(text) ==
                  '"' + std::string{text} + "\" names a folder; add a name: \"run/line1\"");
        CHECK(fault_of(std::string{"q\0q", 3})
                  .starts_with("holds a control character; leave it out"));
        CHECK(fault_of("q\n").starts_with("holds a control character"));
        CHECK(fault_of(std::string(223, 'q')) == "");
        CHECK(fault_of(std::string(224, 'q'))
                  .starts_with("has 224 characters; a name has room for "
                               "223"));
        std::string deep = "/";
        while (deep.size() < 4096)
            deep += "folder/";
        CHECK(fault_of(deep + "q").find("the whole path for 4032") != std::string::npos);
    }

    TEST_CASE("all spellings of one name are one path") {
        const fs::path folder =
            fs::temp_directory_path() / ("kpmsim-path-" + std::to_string(::getpid()));
        fs::create_directories(folder / "real");
        fs::create_directory_symlink("real", folder / "alias");
        const std::string real = canonical_path((folder / "real/q1").string());
        CHECK(canonical_path((folder / "real/./q1").string()) == real);
        CHECK(canonical_path((folder / "real/../real//q1").string()) == real);
        CHECK(canonical_path((folder / "alias/q1").string()) == real);
        CHECK(canonical_path((folder / "real/q2").string()) != real);
        CHECK(canonical_path("q1") == canonical_path("./q1"));
        CHECK(canonical_path("not/there/q1") == canonical_path("not/./there/q1"));
        // A line's link leads to /dev/pts: its own name counts.
        fs::create_symlink("/dev/null", folder / "real/q1");
        CHECK(canonical_path((folder / "alias/q1").string()) == real);
        fs::remove_all(folder);
    }

    TEST_CASE("UTF-8 is told from other bytes, character by character") {
        CHECK(is_utf8("plain"));
        CHECK(is_utf8("K\xC3\xA4se \xE2\x82\xAC \xF0\x9F\x98\x80"));
        CHECK(utf8_length("\xE2\x82\xAC", 0) == 3);
        for (const char* text : {"\xE4", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80",
                                 "\xF4\x90\x80\x80", "\xFF", "a\x80"}) {
            CAPTURE(text);
            CHECK_FALSE(is_utf8(text));
        }
    }
}
