#pragma once

#include "models/type/load_type.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

/// The running month and the twelve before it.
inline constexpr int most_months = 13;

/// One registers.toml being read.
class MapReader {
public:
    MapReader(const TomlNode& file, MeterType& type, std::vector<Mistake>& mistakes)
        : file_{file}, type_{type}, mistakes_{mistakes} {}

    void read();

private:
    // load_registers.cpp: the whole map, and runs of rows
    void read_spaces(TomlTable& table);
    void read_block(const TomlNode& node, bool history);
    void add(RegisterRow row, const Place& place);
    void check_order();
    void check_functions(TomlTable& table);

    // load_register_row.cpp: one row
    void read_single(const TomlNode& node);
    /// The keys that a row shares with a run of rows.
    void read_common(RegisterRow& row, TomlTable& t);
    void read_access(RegisterRow& row, TomlTable& t);
    void read_packed(const TomlNode& list, RegisterRow& row, TomlTable& of_row);
    void read_actions(const TomlNode& actions, RegisterRow& row, TomlTable& t);
    void read_spare(RegisterRow& row, TomlTable& t);
    void read_point(RegisterRow& row, TomlTable& t);
    std::vector<Code> read_codes(TomlTable& t, PointId point);
    void read_none(RegisterRow& row, TomlTable& t);
    bool fits(const RegisterRow& row, TomlTable& t);
    std::string misfit(const RegisterRow& row, const Point& of) const;
    bool vendor(TomlTable& t);
    std::optional<PointId> point(const std::string& name, const Place& place) {
        return named_point(type_, name, place, mistakes_);
    }

    const TomlNode& file_;
    MeterType& type_;
    std::vector<Mistake>& mistakes_;
    bool vendor_{false};
    std::vector<std::pair<RegisterRow, Place>> rows_;
};

} // namespace kpmsim
