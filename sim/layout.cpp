#include "sim/layout.hpp"

#include <algorithm>

namespace kpmsim {

namespace {

constexpr std::size_t number = sizeof(std::uint64_t);

/// FNV-1a over words of 64 bits and then over the bytes that are left, each step one to one: a change of
/// one word is a change of the sum.
std::uint64_t sum_of(std::span<const std::uint8_t> bytes) {
    constexpr std::uint64_t prime = 0x100000001B3u;
    std::uint64_t sum = 0xCBF29CE484222325u;
    for (; bytes.size() >= number; bytes = bytes.subspan(number)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), number);
        sum = (sum ^ word) * prime;
        sum ^= sum >> 32;
    }
    for (const std::uint8_t byte : bytes)
        sum = (sum ^ byte) * prime;
    return sum;
}

} // namespace

Bytes seal(std::uint64_t layout, std::span<const std::uint8_t> bytes) {
    Bytes out(number + bytes.size() + number);
    std::memcpy(out.data(), &layout, number);
    std::copy(bytes.begin(), bytes.end(), out.begin() + number);
    const std::uint64_t sum = sum_of(std::span{out}.first(number + bytes.size()));
    std::memcpy(out.data() + number + bytes.size(), &sum, number);
    return out;
}

std::span<const std::uint8_t> unseal(std::uint64_t layout, std::span<const std::uint8_t> sealed) {
    if (sealed.size() < 2 * number)
        throw BadState{"", "cut off"};
    std::uint64_t sum = 0;
    std::memcpy(&sum, sealed.data() + sealed.size() - number, number);
    if (sum != sum_of(sealed.first(sealed.size() - number)))
        throw BadState{"", "not as it was written: cut off or damaged"};
    std::uint64_t of = 0;
    std::memcpy(&of, sealed.data(), number);
    if (of != layout)
        throw BadState{"", "written by a version of this program that keeps other things"};
    return sealed.subspan(number, sealed.size() - 2 * number);
}

} // namespace kpmsim
