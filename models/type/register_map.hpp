#pragma once

#include "models/type/point.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

enum class RegisterType : std::uint8_t { u16, i16, u32, i32, u64, i64, f32, bcd, ascii, clock };
/// Which word of a value of several words comes first: abcd = the highest.
enum class WordOrder : std::uint8_t { abcd, cdab };
/// Modbus's two tables of words.
enum class RegisterSpace : std::uint8_t { holding, input };
/// What a read gets where the map has nothing.
enum class HolePolicy : std::uint8_t { refuse, zero };

/// How a value is written down that is not written as itself: 0 = 2400 Bd.
struct Code {
    std::int64_t code{0};
    std::int64_t value{0};
};

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
    std::vector<Code> codes; ///< when not empty, the word has the value's code
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
    RegisterSpace space{RegisterSpace::holding};
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
    std::vector<Code> codes;               ///< for point: the register has the value's code
    std::optional<std::uint64_t> none;     ///< for point: the words, as one number, without a value
    std::vector<PackedField> fields;       ///< for packed
    std::vector<RegisterCommand> commands; ///< for command

    bool readable() const { return may_read(access); }
    bool writable() const { return may_write(access); }
    int end() const { return address + words; }
};

struct RegisterMap {
    WordOrder word_order{WordOrder::abcd};
    bool separate{false}; ///< function 04 has registers of its own; else it reads those of 03
    std::array<HolePolicy, 2> holes{}; ///< by RegisterSpace
    std::vector<RegisterRow> rows;     ///< by space, then ascending, without overlap

    /// The registers that a function reaches.
    RegisterSpace space_of(int function) const {
        return separate && function == 4 ? RegisterSpace::input : RegisterSpace::holding;
    }
    std::span<const RegisterRow> rows_of(RegisterSpace space) const;
    /// The row that holds the address; null in a hole.
    const RegisterRow* at(std::uint16_t address,
                          RegisterSpace space = RegisterSpace::holding) const;
    /// The row of the name; where both spaces have one, the holding one.
    const RegisterRow* find(const std::string& name) const;
};

std::string_view name_of(RegisterType type);   ///< f32
std::string_view name_of(RegisterHolds holds); ///< packed
std::string_view name_of(RegisterSpace space); ///< input
/// Words that a value of the type takes; of bcd and ascii, the fewest.
int words_of(RegisterType type);

} // namespace kpmsim
