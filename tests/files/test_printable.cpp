#include "files/mistake.hpp"
#include "files/printable.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

TEST_SUITE("unit") {
    TEST_CASE("bytes that are no text, and what a terminal obeys, are escaped; nothing else is") {
        CHECK(printable("Straße, 5 µV \xF0\x9F\x94\x8C") == "Straße, 5 µV \xF0\x9F\x94\x8C");
        CHECK(printable("Z\xE4hler") == "Z\\xE4hler");
        CHECK(printable("\x1B[31mred\x7F\r\n\t") == "\\x1B[31mred\\x7F\\x0D\\x0A\\x09");
        CHECK(printable(std::string_view{"a\0b", 3}) == "a\\x00b");
        CHECK(printable("\xC2\x9B"
                        "31m\xC2\xA0") == "\\xC2\\x9B31m\xC2\xA0"); // C1, and a blank
        // Cut off, too long, a surrogate, beyond Unicode.
        CHECK(printable("\xE2\x82") == "\\xE2\\x82");
        CHECK(printable("\xC0\xAF") == "\\xC0\\xAF");
        CHECK(printable("\xED\xA0\x80") == "\\xED\\xA0\\x80");
        CHECK(printable("\xF5\x80\x80\x80") == "\\xF5\\x80\\x80\\x80");
        const std::string once = printable("\xE4\x1B\\");
        CHECK(printable(once) == once);
        CHECK(printable_lines("a\x07\n\nb\xFF\n") == "a\\x07\n\nb\\xFF\n");
        CHECK(printable_lines("a\n\x07") == "a\n\\x07");
    }

    TEST_CASE("a mistake is shown printable, on a line of its own, and told once") {
        const Mistake mistake{{"Z\xE4hler.toml", 3, 7}, "has \"\x1B[2J\"", "write\na name"};
        CHECK(to_text(mistake) == "Z\\xE4hler.toml:3:7: has \"\\x1B[2J\"; write\\x0Aa name");
        CHECK(to_text(mistake.place) == "Z\\xE4hler.toml:3:7");
        const Mistake other{{"f", 1, 0}, "is wrong", ""};
        const FileError error{{mistake, other, mistake}};
        CHECK(error.mistakes().size() == 2);
        CHECK(std::string{error.what()} == to_text(mistake) + "\nf:1: is wrong");
    }
}
