#include "models/faces/register_words.hpp"

#include "models/engine/command.hpp"
#include "sim/guard.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace kpmsim {

namespace {

/// Rounded to nearest and held inside the type; not-a-number becomes 0.
template <class Whole>
Whole whole(double value) {
    const double rounded = std::round(value);
    if (std::isnan(rounded))
        return 0;
    if (rounded <= static_cast<double>(std::numeric_limits<Whole>::min()))
        return std::numeric_limits<Whole>::min();
    // The end of 64 bits is no double: what is nearest to it lies beyond.
    if (rounded >= static_cast<double>(std::numeric_limits<Whole>::max()))
        return std::numeric_limits<Whole>::max();
    return static_cast<Whole>(rounded);
}

float nearest_float(double value) {
    constexpr auto most = static_cast<double>(std::numeric_limits<float>::max());
    return static_cast<float>(std::isnan(value) ? value : std::clamp(value, -most, most));
}

void split(std::uint64_t bits, WordOrder order, std::span<std::uint16_t> out) {
    for (std::size_t n = 0; n < out.size(); ++n, bits >>= 16)
        out[order == WordOrder::abcd ? out.size() - 1 - n : n] =
            static_cast<std::uint16_t>(bits & 0xFFFF);
}

std::uint64_t join(WordOrder order, std::span<const std::uint16_t> words) {
    std::uint64_t bits = 0;
    for (std::size_t n = 0; n < words.size(); ++n)
        bits = bits << 16 | words[order == WordOrder::abcd ? n : words.size() - 1 - n];
    return bits;
}

std::uint32_t join_32(WordOrder order, std::span<const std::uint16_t> words) {
    return static_cast<std::uint32_t>(join(order, words));
}

void encode_bcd(double value, std::span<std::uint16_t> out) {
    const auto digits = static_cast<int>(4 * out.size());
    const double most = std::pow(10.0, digits) - 1;
    auto rest = static_cast<std::uint64_t>(
        std::isnan(value) ? 0.0 : std::clamp(std::round(value), 0.0, most));
    for (std::size_t w = out.size(); w-- > 0;) {
        unsigned word = 0;
        for (unsigned place = 0; place < 4; ++place, rest /= 10)
            word |= static_cast<unsigned>(rest % 10) << (4 * place);
        out[w] = static_cast<std::uint16_t>(word);
    }
}

/// Not-a-number when a nibble is no digit.
double decode_bcd(std::span<const std::uint16_t> words) {
    double value = 0;
    for (const std::uint16_t word : words)
        for (int place = 3; place >= 0; --place) {
            const int digit = word >> (4 * place) & 0xF;
            if (digit > 9)
                return std::numeric_limits<double>::quiet_NaN();
            value = value * 10 + digit;
        }
    return value;
}

} // namespace

void encode(const RegisterRow& row, WordOrder order, double value, std::span<std::uint16_t> out) {
    guard(out.size() == row.words);
    const double shown = value / row.scale;
    switch (row.type) {
    case RegisterType::u16:
        out[0] = whole<std::uint16_t>(shown);
        return;
    case RegisterType::i16:
        out[0] = static_cast<std::uint16_t>(whole<std::int16_t>(shown));
        return;
    case RegisterType::u32:
        return split(whole<std::uint32_t>(shown), order, out);
    case RegisterType::i32:
        return split(static_cast<std::uint32_t>(whole<std::int32_t>(shown)), order, out);
    case RegisterType::u64:
        return split(whole<std::uint64_t>(shown), order, out);
    case RegisterType::i64:
        return split(static_cast<std::uint64_t>(whole<std::int64_t>(shown)), order, out);
    case RegisterType::f32:
        return split(std::bit_cast<std::uint32_t>(nearest_float(shown)), order, out);
    case RegisterType::bcd:
        return encode_bcd(shown, out);
    case RegisterType::clock:
        return encode_clock(CivilTime{std::chrono::seconds{whole<std::int64_t>(value)}}, out);
    case RegisterType::ascii:
        guard(false); // a text has no number
        return;
    }
}

double decode(const RegisterRow& row, WordOrder order, std::span<const std::uint16_t> words) {
    guard(words.size() == row.words);
    if (row.none && join(order, words) == *row.none)
        return std::numeric_limits<double>::quiet_NaN();
    switch (row.type) {
    case RegisterType::u16:
        return words[0] * row.scale;
    case RegisterType::i16:
        return static_cast<std::int16_t>(words[0]) * row.scale;
    case RegisterType::u32:
        return join_32(order, words) * row.scale;
    case RegisterType::i32:
        return static_cast<std::int32_t>(join_32(order, words)) * row.scale;
    case RegisterType::u64:
        return static_cast<double>(join(order, words)) * row.scale;
    case RegisterType::i64:
        return static_cast<double>(static_cast<std::int64_t>(join(order, words))) * row.scale;
    case RegisterType::f32:
        return static_cast<double>(std::bit_cast<float>(join_32(order, words))) * row.scale;
    case RegisterType::bcd:
        return decode_bcd(words) * row.scale;
    case RegisterType::clock: {
        CivilTime t;
        return decode_clock(words, t) ? static_cast<double>(t.time_since_epoch().count())
                                      : std::numeric_limits<double>::quiet_NaN();
    }
    case RegisterType::ascii:
        break;
    }
    guard(false); // a text has no number
    return 0;
}

double meant(const RegisterRow& row, double number) {
    const auto code = std::find_if(row.codes.begin(), row.codes.end(), [&](const Code& each) {
        return static_cast<double>(each.code) == number;
    });
    return code == row.codes.end() ? number : static_cast<double>(code->value);
}

void encode_none(const RegisterRow& row, WordOrder order, std::span<std::uint16_t> out) {
    split(row.none.value_or(0), order, out);
}

void encode_text(std::string_view text, std::span<std::uint16_t> out) {
    const auto byte = [&](std::size_t n) {
        return n < text.size() ? static_cast<unsigned>(static_cast<unsigned char>(text[n])) : 0U;
    };
    for (std::size_t w = 0; w < out.size(); ++w)
        out[w] = static_cast<std::uint16_t>(byte(2 * w) << 8 | byte(2 * w + 1));
}

std::string decode_text(std::span<const std::uint16_t> words) {
    std::string text;
    for (const std::uint16_t word : words)
        for (const int byte : {word >> 8, word & 0xFF}) {
            if (byte == 0)
                return text;
            text.push_back(static_cast<char>(byte));
        }
    return text;
}

void encode_clock(CivilTime t, std::span<std::uint16_t> out) {
    const CivilFields f = fields_of(t);
    const auto word = [](int high, int low) { return static_cast<std::uint16_t>(high << 8 | low); };
    out[0] = word(((f.year % 100) + 100) % 100, f.month);
    out[1] = word(f.day, f.hour);
    out[2] = word(f.minute, f.second);
}

bool decode_clock(std::span<const std::uint16_t> words, CivilTime& out) {
    const CivilFields f{first_clock_year + (words[0] >> 8),
                        words[0] & 0xFF,
                        words[1] >> 8,
                        words[1] & 0xFF,
                        words[2] >> 8,
                        words[2] & 0xFF};
    return f.year <= last_clock_year && from_fields(f, out);
}

} // namespace kpmsim
