#include "verification/shown_number.hpp"

#include <array>
#include <bit>
#include <chrono>
#include <cmath>

namespace kpmsim {

ShownNumber number_of(const RegisterRow& row, WordOrder order,
                      const std::vector<std::uint16_t>& words) {
    std::uint64_t bits = 0;
    for (std::size_t n = 0; n < words.size(); ++n)
        bits = bits << 16 | words[order == WordOrder::abcd ? n : words.size() - 1 - n];
    const auto whole = [&](auto value) {
        return ShownNumber{static_cast<double>(value) * row.scale, row.scale / 2};
    };
    switch (row.type) {
    case RegisterType::u16:
    case RegisterType::u32:
    case RegisterType::u64:
        return whole(bits);
    case RegisterType::i16:
        return whole(static_cast<std::int16_t>(bits));
    case RegisterType::i32:
        return whole(static_cast<std::int32_t>(bits));
    case RegisterType::i64:
        return whole(static_cast<std::int64_t>(bits));
    case RegisterType::f32: {
        const double value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
        return {value * row.scale, std::abs(value) * 0x1p-24 * row.scale};
    }
    case RegisterType::bcd: {
        double value = 0;
        for (int digit = static_cast<int>(4 * words.size()) - 1; digit >= 0; --digit)
            value = 10 * value + static_cast<double>(bits >> 4 * digit & 0xF);
        return whole(value);
    }
    case RegisterType::ascii:
    case RegisterType::clock:
        break;
    }
    return {std::nan(""), 0};
}

std::string text_of(const std::vector<std::uint16_t>& words) {
    std::string text;
    for (const std::uint16_t word : words)
        for (const int byte : {word >> 8, word & 0xFF})
            if (byte != 0)
                text += static_cast<char>(byte);
    return text;
}

std::string digits_of(CivilTime t) {
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(t)};
    const auto seconds = (t - std::chrono::floor<std::chrono::days>(t)).count();
    const std::array<std::int64_t, 6> parts{static_cast<int>(date.year()),
                                            static_cast<unsigned>(date.month()),
                                            static_cast<unsigned>(date.day()),
                                            seconds / 3600,
                                            seconds / 60 % 60,
                                            seconds % 60};
    std::string text;
    for (const std::int64_t part : parts)
        text += (part < 10 ? "0" : "") + std::to_string(part);
    return text;
}

bool is_clock(const std::vector<std::uint16_t>& words, CivilTime t) {
    const CivilFields f = fields_of(t);
    return words ==
           std::vector<std::uint16_t>{static_cast<std::uint16_t>((f.year - 2000) * 256 + f.month),
                                      static_cast<std::uint16_t>(f.day * 256 + f.hour),
                                      static_cast<std::uint16_t>(f.minute * 256 + f.second)};
}

} // namespace kpmsim
