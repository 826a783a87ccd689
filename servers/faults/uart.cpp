#include "servers/faults/uart.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <iterator>

namespace kpmsim {
namespace {

constexpr std::size_t bits = 10; // start, eight data, stop

/// The level of the wire at a moment, in bits of the sender; idle is one.
bool level(std::span<const std::uint8_t> bytes, double at) {
    if (at < 0 || at >= static_cast<double>(bits * bytes.size()))
        return true;
    const auto bit = static_cast<std::size_t>(at);
    const std::size_t place = bit % bits;
    if (place == 0)
        return false;
    return place == bits - 1 || (bytes[bit / bits] >> (place - 1) & 1) != 0;
}

} // namespace

std::vector<std::uint8_t> heard_at(std::span<const std::uint8_t> bytes, double sent, double heard) {
    std::vector<std::uint8_t> out;
    const double bit = sent / heard; // of the receiver, in bits of the sender
    const auto end = static_cast<double>(bits * bytes.size());
    for (double at = 0; at < end;) {
        if (level(bytes, at)) { // an edge is where a bit of the sender begins
            at = static_cast<double>(static_cast<std::size_t>(at)) + 1;
            continue;
        }
        std::uint8_t byte = 0;
        for (std::size_t n = 0; n < 8; ++n)
            if (level(bytes, at + (static_cast<double>(n) + 1.5) * bit))
                byte |= static_cast<std::uint8_t>(1u << n);
        out.push_back(byte);
        at += 9.5 * bit; // the middle of its stop bit
        while (at < end && !level(bytes, at))
            at = static_cast<double>(static_cast<std::size_t>(at)) + 1;
    }
    return out;
}

std::vector<std::uint8_t> heard_with_parity(std::span<const std::uint8_t> bytes, bool odd) {
    std::vector<std::uint8_t> out;
    std::copy_if(bytes.begin(), bytes.end(), std::back_inserter(out),
                 [&](std::uint8_t byte) { return (std::popcount(byte) % 2 != 0) != odd; });
    return out;
}

} // namespace kpmsim
