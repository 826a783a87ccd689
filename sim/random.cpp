#include "sim/random.hpp"

namespace kpmsim {

namespace {

constexpr std::uint64_t golden = 0x9E3779B97F4A7C15u; // 2^64 / golden ratio, odd

/// Four 16-bit numbers, added.
constexpr std::uint32_t quarters(std::uint64_t b) {
    return static_cast<std::uint32_t>((b & 0xFFFF) + (b >> 16 & 0xFFFF) + (b >> 32 & 0xFFFF) +
                                      (b >> 48));
}

} // namespace

std::uint64_t hash_name(std::string_view text) noexcept {
    std::uint64_t h = 0xCBF29CE484222325u;
    for (const char c : text)
        h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
    return h;
}

// Both are mixed before they meet, so that neither close seeds nor close names give close keys.
Random::Random(std::uint64_t seed, std::string_view name) noexcept
    : key_{mix_bits(mix_bits(seed + golden) ^ hash_name(name))} {}

// The key enters twice: entering once, two streams would be one sequence at two places.
std::uint64_t Random::bits(std::uint64_t n) const noexcept {
    return mix_bits(mix_bits(n * golden + key_) ^ (key_ << 32 | key_ >> 32));
}

double Random::uniform(std::uint64_t n) const noexcept {
    return static_cast<double>(bits(n) >> 11) * 0x1p-53;
}

double Random::normal(std::uint64_t n) const noexcept {
    const std::uint64_t first = bits(n);
    const std::uint32_t sum = quarters(first) + quarters(mix_bits(first + golden)) +
                              quarters(mix_bits(first + 2 * golden));
    // Twelve numbers of 0..65535: mean 12 * 65535 / 2, variance 12 * (2^32 - 1) / 12.
    constexpr double one_over_deviation = 1.0 / 65535.99999237060546875;
    return (static_cast<double>(sum) - 393210.0) * one_over_deviation;
}

} // namespace kpmsim
