#include "files/pcapng.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string_view>

using namespace kpmsim;
using namespace std::string_view_literals;

TEST_SUITE("exchange") {
    TEST_CASE("a capture, byte by byte") {
        const std::array<std::uint8_t, 5> bytes{1, 3, 0x99, 0xAB, 0xCD};
        const std::array interfaces{CaptureInterface{"line1", LinkType::user0}};
        const std::array packets{CapturedPacket{0, 0x0123456789ABCDEF, false, "c", bytes}};
        const std::string out = pcapng(interfaces, packets);
        const auto section = "\x0A\x0D\x0D\x0A\x2C\0\0\0" // type, 44 bytes
                             "\x4D\x3C\x2B\x1A\x01\0\0\0" // byte order, 1.0
                             "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                             "\x04\0\x06\0kpmsim\0\0"
                             "\0\0\0\0\x2C\0\0\0"sv;
        const auto interface = "\x01\0\0\0\x2C\0\0\0"    // type, 44 bytes
                               "\x93\0\0\0\0\0\0\0"      // 147, any length
                               "\x02\0\x05\0line1\0\0\0" // its name
                               "\x09\0\x01\0\x09\0\0\0"  // nanoseconds
                               "\0\0\0\0\x2C\0\0\0"sv;
        const auto packet = "\x06\0\0\0\x3C\0\0\0" // type, 60 bytes
                            "\0\0\0\0\x67\x45\x23\x01\xEF\xCD\xAB\x89"
                            "\x05\0\0\0\x05\0\0\0"
                            "\x01\x03\x99\xAB\xCD\0\0\0"
                            "\x02\0\x04\0\x02\0\0\0" // outbound
                            "\x01\0\x01\0c\0\0\0"    // a comment
                            "\0\0\0\0\x3C\0\0\0"sv;
        CHECK(out.substr(0, section.size()) == section);
        CHECK(out.substr(section.size(), interface.size()) == interface);
        CHECK(out.substr(section.size() + interface.size()) == packet);
    }
}
