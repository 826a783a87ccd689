#pragma once

#include "models/type/point.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

enum class RegisterType : std::uint8_t { u16, i16, u32, i32, f32, bcd, ascii, clock };
/// Which word of a 32-bit value comes first: abcd = the high one.
enum class WordOrder : std::uint8_t { abcd, cdab };

/// What stands behind a register.
enum class RegisterHolds : std::uint8_t {
    point,   ///< one point's value
    packed,  ///< several points' values side by side in one word
    command, ///< a written word does what `commands` says; reads 0
};

/// Some bits of a word.
struct PackedField {
    PointId point{};
    int bit{0}; ///< the lowest
    int bits{1};
    std::vector<std::int64_t> codes; ///< when not empty, the word has the value's place in it
};

/// What a written command word sets.
struct RegisterCommand {
    std::uint16_t value{0}; ///< 0x5578
    PointId point{};
    double sets{1};
};

/// How a value is written down: where, in which words, and of which point.
struct RegisterRow {
    std::uint16_t address{0};
    std::uint16_t words{1};
    RegisterType type{RegisterType::f32};
    RegisterHolds holds{RegisterHolds::point};
    Rights access{Rights::read};
    PointId point{};   ///< for point
    std::string name;  ///< unique in a map; the point's, where it holds one
    double scale{1.0}; ///< register = value / scale
    std::string unit;  ///< unit of register * scale
    std::string title;
    bool vendor{false};                    ///< source = "vendor" | "ours"
    std::vector<std::int64_t> codes;       ///< for point: the register has the value's place in it
    std::vector<PackedField> fields;       ///< for packed
    std::vector<RegisterCommand> commands; ///< for command

    bool readable() const { return may_read(access); }
    bool writable() const { return may_write(access); }
    int end() const { return address + words; }
};

struct RegisterMap {
    WordOrder word_order{WordOrder::abcd};
    std::vector<RegisterRow> rows; ///< ascending, without overlap

    /// The row that holds the address; null in a hole.
    const RegisterRow* at(std::uint16_t address) const;
    const RegisterRow* find(const std::string& name) const;
};

std::string_view name_of(RegisterType type);   ///< f32
std::string_view name_of(RegisterHolds holds); ///< packed

} // namespace kpmsim
