#pragma once

#include "files/mistake.hpp"

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// Writes a whole file; what cannot be written is one mistake.
bool write_bytes(const std::string& path, std::string_view bytes, std::vector<Mistake>& mistakes);

// Little-endian numbers in a string of bytes, on any machine.

inline std::uint32_t get_u(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < size; ++i)
        number |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    return number;
}
inline std::uint32_t get_u32(std::string_view bytes, std::size_t at) { return get_u(bytes, at, 4); }
inline std::uint16_t get_u16(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>(get_u(bytes, at, 2));
}
inline std::int32_t get_i32(std::string_view bytes, std::size_t at) {
    return static_cast<std::int32_t>(get_u32(bytes, at));
}
inline std::int16_t get_i16(std::string_view bytes, std::size_t at) {
    return static_cast<std::int16_t>(get_u16(bytes, at));
}
inline float get_f32(std::string_view bytes, std::size_t at) {
    return std::bit_cast<float>(get_u32(bytes, at));
}

/// The lowest `size` bytes of a number.
inline void put_u(std::string& bytes, std::uint32_t number, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        bytes += static_cast<char>(static_cast<unsigned char>(number >> (8 * i)));
}
inline void put_u32(std::string& bytes, std::uint32_t number) { put_u(bytes, number, 4); }
inline void put_f32(std::string& bytes, float number) {
    put_u32(bytes, std::bit_cast<std::uint32_t>(number));
}

} // namespace kpmsim
