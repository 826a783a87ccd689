#pragma once

#include "files/toml.hpp"
#include "models/type/meter_type.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

// The readers of models/<name>/*.toml. Each fills its part of the type and notes every mistake;
// type_library.cpp calls them in this order, since the later ones look up what the first has read.

void read_device(const TomlNode& file, MeterType& type, std::vector<Mistake>& mistakes);
void read_registers(const TomlNode& file, MeterType& type, std::vector<Mistake>& mistakes);
void read_uploads(const TomlNode& file, MeterType& type, std::vector<Mistake>& mistakes);

// What they share ------------------------------------------------------------------------------

/// A key that must be there; its absence is noted with an example, and the fallback returned.
std::string required_text(TomlTable& table, const std::string& key, const std::string& example);
std::int64_t required_integer(TomlTable& table, const std::string& key, std::int64_t least,
                              std::int64_t most, const std::string& example);
double required_positive(TomlTable& table, const std::string& key, const std::string& example);
/// A list of whole numbers within bounds; nothing when the key is absent.
std::optional<std::vector<std::int64_t>> integers(TomlTable& table, const std::string& key,
                                                  std::int64_t least, std::int64_t most,
                                                  std::vector<Mistake>& mistakes);
/// Calls `read` for each table of a list of tables (`[[key]]`); anything else in it is noted.
void each_table(TomlTable& table, const std::string& key, std::vector<Mistake>& mistakes,
                const std::function<void(const TomlNode&)>& read);
/// Adds a setting under its name, and the point that it is.
PointId add_setting(MeterType& type, SettingRow row);
/// The points that every meter of the type has: the catalogue's quantities, relays, inputs, clock,
/// serial number, radio, actions.
void add_common_points(MeterType& type);
/// What an energy was in a month (0 = the running one); nothing when the point is no energy.
std::optional<PointId> month_point(MeterType& type, PointId energy, int month);
/// A point by name; an unknown one is noted with the nearest.
std::optional<PointId> named_point(const MeterType& type, const std::string& name,
                                   const Place& place, std::vector<Mistake>& mistakes);

} // namespace kpmsim
