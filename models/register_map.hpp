#pragma once

#include "sim/quantity.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

enum class RegisterType : std::uint8_t { u16, i16, u32, i32, f32, bcd, ascii, clock };
enum class RegisterAccess : std::uint8_t { read, write, read_write };
enum class WordOrder : std::uint8_t { abcd, cdab };

/// Where a register's value comes from.
enum class RegisterSource : std::uint8_t {
    quantity, ///< a quantity of the catalogue
    setting,  ///< a setting of the device
    serial,   ///< the 13-character id
    clock,    ///< the meter's clock: year month day hour minute second, one byte each
    command,  ///< a write-only action: `command` says which
    history,  ///< the energy of this month (0) or of the 1..12 before it
    status,   ///< a word of the device's state: `command` says which (wireless)
    spare,    ///< reads as it was written; nothing hangs on it
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
    double scale{1.0}; ///< register = value / scale
    std::string unit;  ///< unit of register * scale
    std::string title;
    bool vendor{false}; ///< source = "vendor" | "ours"
};

struct RegisterMap {
    WordOrder word_order{WordOrder::abcd};
    std::vector<RegisterRow> rows; ///< ascending, without overlap

    /// The row that holds the address; null in a hole.
    const RegisterRow* at(std::uint16_t address) const;
    const RegisterRow* find(const std::string& name) const;
};

/// A value as the register's words (scale, type and word order applied), and back.
void encode(const RegisterRow& row, WordOrder order, double value, std::span<std::uint16_t> out);
double decode(const RegisterRow& row, WordOrder order, std::span<const std::uint16_t> words);

} // namespace kpmsim
