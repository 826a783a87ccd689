#pragma once

#include "models/type/register_map.hpp"
#include "sim/clock.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kpmsim {

/// A value as the register's words (scale, type and word order applied), and back.
///
/// f32 takes the nearest float; whole numbers are rounded to nearest and stop at the ends of their
/// range; bcd has four digits a word and no sign. A clock's value is its civil time in seconds
/// since 1970-01-01T00:00:00; words that are no date decode to NaN, and so do those that stand for
/// no value. Not for ascii.
void encode(const RegisterRow& row, WordOrder order, double value, std::span<std::uint16_t> out);
double decode(const RegisterRow& row, WordOrder order, std::span<const std::uint16_t> words);

/// The value that a register's number stands for: of a row with codes the code's, else the number itself.
double meant(const RegisterRow& row, double number);

/// The words that stand for no value, for a row that has such.
void encode_none(const RegisterRow& row, WordOrder order, std::span<std::uint16_t> out);

/// Two characters a word, high byte first, padded with zeros; and back, up to the first zero.
void encode_text(std::string_view text, std::span<std::uint16_t> out);
std::string decode_text(std::span<const std::uint16_t> words);

/// Year since 2000, month, day, hour, minute, second: one byte each, in three words. A year that
/// does not fit is shown modulo 100.
void encode_clock(CivilTime t, std::span<std::uint16_t> out);
bool decode_clock(std::span<const std::uint16_t> words, CivilTime& out);

} // namespace kpmsim
