#pragma once

#include "sim/clock.hpp"
#include "sim/quantity.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

enum class RegisterType : std::uint8_t { u16, i16, u32, i32, f32, bcd, ascii, clock };
enum class RegisterAccess : std::uint8_t { read, write, read_write };
/// Which word of a 32-bit value comes first: abcd = the high one.
enum class WordOrder : std::uint8_t { abcd, cdab };

/// Where a register's value comes from.
enum class RegisterSource : std::uint8_t {
    quantity, ///< a quantity of the catalogue
    setting,  ///< a setting of the device
    serial,   ///< the 13-character id
    clock,    ///< the meter's clock: year month day hour minute second, one byte each
    command,  ///< an action on write: `actions` says which; reads 0
    history,  ///< the energy of this month (0) or of the 1..12 before it
    status,   ///< a word of the device's state: wireless, relays, inputs
    line,     ///< low byte: place of the baud rate in the type's list; high byte: format
    spare,    ///< reads as it was written; nothing hangs on it
};

/// What a written command word does.
enum class CommandAction : std::uint8_t { clear_energy, clear_prepaid, clear_demand_maxima };
struct RegisterCommand {
    std::uint16_t value{0}; ///< 0x5578
    CommandAction action{};
};

struct RegisterRow {
    std::uint16_t address{0};
    std::uint16_t words{1};
    RegisterType type{RegisterType::f32};
    RegisterSource source{RegisterSource::quantity};
    RegisterAccess access{RegisterAccess::read};
    Quantity quantity{};
    int month{0};      ///< for history
    std::string name;  ///< catalogue, setting or command name; unique in a map
    double scale{1.0}; ///< register = value / scale; a setting's value is the shown one
    std::string unit;  ///< unit of register * scale
    std::string title;
    bool vendor{false};                   ///< source = "vendor" | "ours"
    std::vector<RegisterCommand> actions; ///< for command

    bool readable() const { return access != RegisterAccess::write; }
    bool writable() const { return access != RegisterAccess::read; }
    int end() const { return address + words; }
};

struct RegisterMap {
    WordOrder word_order{WordOrder::abcd};
    std::vector<RegisterRow> rows; ///< ascending, without overlap

    /// The row that holds the address; null in a hole.
    const RegisterRow* at(std::uint16_t address) const;
    const RegisterRow* find(const std::string& name) const;
};

/// A value as the register's words (scale, type and word order applied), and back.
///
/// f32 takes the nearest float; whole numbers are rounded to nearest and stop at the ends of their
/// range; bcd has four digits a word and no sign. A clock's value is its civil time in seconds
/// since 1970-01-01T00:00:00; words that are no date decode to NaN. Not for ascii.
void encode(const RegisterRow& row, WordOrder order, double value, std::span<std::uint16_t> out);
double decode(const RegisterRow& row, WordOrder order, std::span<const std::uint16_t> words);

/// Two characters a word, high byte first, padded with zeros; and back, up to the first zero.
void encode_text(std::string_view text, std::span<std::uint16_t> out);
std::string decode_text(std::span<const std::uint16_t> words);

/// Years that a meter's clock shows: two digits.
inline constexpr int first_clock_year{2000};
inline constexpr int last_clock_year{2099};
bool on_meter_clock(CivilTime t);

/// Year since 2000, month, day, hour, minute, second: one byte each, in three words. A year that
/// does not fit is shown modulo 100.
void encode_clock(CivilTime t, std::span<std::uint16_t> out);
bool decode_clock(std::span<const std::uint16_t> words, CivilTime& out);

std::string_view name_of(RegisterType type);     ///< f32
std::string_view name_of(RegisterAccess access); ///< read_write
std::string_view name_of(RegisterSource source); ///< quantity

} // namespace kpmsim
