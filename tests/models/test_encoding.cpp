#include "fixture.hpp"

#include <cmath>
#include <limits>

using namespace kpmsim;
using Words = std::vector<std::uint16_t>;

namespace {

RegisterRow row(RegisterType type, int words, double scale = 1.0) {
    RegisterRow r;
    r.type = type;
    r.words = static_cast<std::uint16_t>(words);
    r.scale = scale;
    return r;
}

Words coded(const RegisterRow& r, double value, WordOrder order = WordOrder::abcd) {
    Words out(r.words);
    encode(r, order, value, out);
    return out;
}

double back(const RegisterRow& r, const Words& words, WordOrder order = WordOrder::abcd) {
    return decode(r, order, words);
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("A float is the nearest one, high word first unless the map turns it round") {
        const RegisterRow f = row(RegisterType::f32, 2);
        CHECK(coded(f, 229.097) == Words{0x4365, 0x18D5}); // the manual's example
        CHECK(coded(f, 229.097, WordOrder::cdab) == Words{0x18D5, 0x4365});
        CHECK(back(f, {0x18D5, 0x4365}, WordOrder::cdab) == doctest::Approx(229.097).epsilon(1e-7));
        // 2^24 + 1 has no float; a tie goes to the even one.
        CHECK(coded(f, 16777217.0) == coded(f, 16777216.0));
        CHECK(coded(f, 16777219.0) == coded(f, 16777220.0));
        CHECK(coded(f, 1e300) == Words{0x7F7F, 0xFFFF}); // the largest, not infinity
    }

    TEST_CASE("Whole numbers round to nearest and stop at the ends of their range") {
        const RegisterRow u16 = row(RegisterType::u16, 1, 0.01);
        CHECK(coded(u16, 49.958) == Words{4996});
        CHECK(coded(u16, -1) == Words{0});
        CHECK(coded(u16, 1e9) == Words{0xFFFF});
        CHECK(back(u16, {4996}) == doctest::Approx(49.96));
        CHECK(coded(u16, std::numeric_limits<double>::quiet_NaN()) == Words{0});

        const RegisterRow i16 = row(RegisterType::i16, 1);
        CHECK(coded(i16, -2.5) == Words{0xFFFD}); // away from zero, as lround
        CHECK(coded(i16, -99999) == Words{0x8000});
        CHECK(back(i16, {0xFFFD}) == -3);

        const RegisterRow u32 = row(RegisterType::u32, 2);
        CHECK(coded(u32, 4294967295.0) == Words{0xFFFF, 0xFFFF});
        CHECK(coded(u32, 5e9) == Words{0xFFFF, 0xFFFF});
        CHECK(coded(u32, 0x12345678, WordOrder::cdab) == Words{0x5678, 0x1234});

        const RegisterRow i32 = row(RegisterType::i32, 2);
        CHECK(coded(i32, -1) == Words{0xFFFF, 0xFFFF});
        CHECK(coded(i32, -3e9) == Words{0x8000, 0x0000});
        CHECK(coded(i32, 3e9) == Words{0x7FFF, 0xFFFF});
        CHECK(back(i32, {0x8000, 0x0000}) == -2147483648.0);
    }

    TEST_CASE("BCD keeps four digits a word, and a nibble above nine is no number") {
        const RegisterRow bcd = row(RegisterType::bcd, 2, 0.01);
        CHECK(coded(bcd, 123456.78) == Words{0x1234, 0x5678});
        CHECK(coded(bcd, 1e9) == Words{0x9999, 0x9999});
        CHECK(coded(bcd, -5) == Words{0, 0});
        CHECK(back(bcd, {0x1234, 0x5678}) == doctest::Approx(123456.78));
        CHECK(std::isnan(back(bcd, {0x12A4, 0})));
    }

    TEST_CASE("A text has two characters a word and ends at the first zero") {
        Words words(7);
        encode_text("33B1225950027", words);
        CHECK(words == Words{0x3333, 0x4231, 0x3232, 0x3539, 0x3530, 0x3032, 0x3700});
        CHECK(decode_text(words) == "33B1225950027");
    }

    TEST_CASE("A clock is six bytes, and what is no date is refused") {
        Words words(3);
        const CivilTime t = test::civil("2026-01-12T16:39:05");
        encode_clock(t, words);
        CHECK(words == Words{0x1A01, 0x0C10, 0x2705}); // 26-01 12 16 39 05
        CivilTime read;
        CHECK(decode_clock(words, read));
        CHECK(read == t);
        CHECK_FALSE(decode_clock(Words{0x1A02, 0x1E00, 0}, read)); // 30 February
        CHECK_FALSE(decode_clock(Words{0x1A01, 0x0118, 0}, read)); // 24 h
        const RegisterRow r = row(RegisterType::clock, 3);
        CHECK(coded(r, static_cast<double>(t.time_since_epoch().count())) == words);
        CHECK(std::isnan(back(r, {0, 0, 0})));
    }

    TEST_CASE("An address belongs to the row that covers it, and to none in a hole") {
        RegisterMap map;
        for (const int at : {0x10, 0x14}) {
            map.rows.push_back(row(RegisterType::f32, 2));
            map.rows.back().address = static_cast<std::uint16_t>(at);
        }
        CHECK(map.at(0x0F) == nullptr);
        CHECK(map.at(0x10) == &map.rows[0]);
        CHECK(map.at(0x11) == &map.rows[0]);
        CHECK(map.at(0x12) == nullptr);
        CHECK(map.at(0x15) == &map.rows[1]);
        CHECK(map.at(0xFFFF) == nullptr);
    }
}
