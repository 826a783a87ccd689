#include "scenarios/keep/zero_runs.hpp"

#include <algorithm>
#include <cstring>

namespace kpmsim {
namespace {

constexpr std::size_t count_bytes = 4;
/// Zeros that are fewer cost more to leave out than to keep.
constexpr std::ptrdiff_t worth_leaving_out = 2 * count_bytes;

using Byte = const std::uint8_t*;

Byte end_of_zeros(Byte from, Byte end) {
    // Eight at a time, as long as they are.
    for (std::uint64_t word = 0; end - from >= 8; from += 8) {
        std::memcpy(&word, from, 8);
        if (word != 0)
            break;
    }
    return std::find_if(from, end, [](std::uint8_t byte) { return byte != 0; });
}

/// Where the next zeros begin that are worth it.
Byte end_of_others(Byte from, Byte end) {
    for (Byte at = from;;) {
        const auto* const zero =
            static_cast<Byte>(std::memchr(at, 0, static_cast<std::size_t>(end - at)));
        const Byte zeros = zero == nullptr ? end : zero;
        at = end_of_zeros(zeros, end);
        if (at - zeros >= worth_leaving_out || at == end)
            return at == zeros ? end : zeros;
    }
}

void append_count(Bytes& to, std::ptrdiff_t count) {
    for (std::size_t n = 0; n < count_bytes; ++n)
        to.push_back(static_cast<std::uint8_t>(count >> 8 * n));
}

std::size_t count_at(std::span<const std::uint8_t> bytes) {
    std::size_t count = 0;
    for (std::size_t n = 0; n < count_bytes; ++n)
        count |= static_cast<std::size_t>(bytes[n]) << 8 * n;
    return count;
}

} // namespace

Bytes without_zeros(std::span<const std::uint8_t> bytes) {
    Bytes packed;
    const Byte end = bytes.data() + bytes.size();
    for (Byte at = bytes.data(); at != end;) {
        const Byte others = end_of_zeros(at, end);
        const Byte next = end_of_others(others, end);
        append_count(packed, others - at);
        append_count(packed, next - others);
        packed.insert(packed.end(), others, next);
        at = next;
    }
    return packed;
}

bool put_zeros_back(std::span<const std::uint8_t> packed, std::size_t most, Bytes& to) {
    std::size_t room = most;
    while (!packed.empty()) {
        if (packed.size() < 2 * count_bytes)
            return false;
        const std::size_t zeros = count_at(packed);
        const std::size_t others = count_at(packed.subspan(count_bytes));
        packed = packed.subspan(2 * count_bytes);
        if (others > packed.size() || zeros > room || others > room - zeros)
            return false;
        room -= zeros + others;
        to.resize(to.size() + zeros);
        to.insert(to.end(), packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(others));
        packed = packed.subspan(others);
    }
    return true;
}

} // namespace kpmsim
