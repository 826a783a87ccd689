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
/// Of what can be written, which points neither a register nor a coil nor a command over MQTT reaches.
void find_keys_alone(MeterType& type);

// Parts of meter.toml, called by read_device() -------------------------------------------------

void read_serial(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes);
void read_identification(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes);
/// `options` and `menu_actions`.
void read_options(TomlTable& table, MeterType& type);
void read_tariff(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes);
/// One of [[constant]], and one of [[derived]], which may name the points that were read before it.
void read_constant(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes);
void read_derived(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes);
/// What the roles of prepayment need of a meter.
void check_prepayment(const MeterType& type, TomlTable& table);
/// One of [[alarm]], which may name quantities and settings.
void read_alarm(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes);
/// [range], [range_data_sheet], [overload], [auxiliary].
void read_limits(TomlTable& table, MeterType& type, std::vector<Mistake>& mistakes);
/// What [temperature] says of its sensors' range and errors.
void read_sensor_limits(TomlTable& temperature, MeterType& type);
/// [output], which names readings; with it the point output_ma.
void read_output(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes);

// Parts of mqtt.toml, called by read_uploads() ------------------------------------------------

/// One of [[message]].
void read_message(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes);
/// `point` and how its number is written.
void read_upload_field(TomlTable& t, const MeterType& type, UploadField& field,
                       std::vector<Mistake>& mistakes);

// What they share ------------------------------------------------------------------------------

/// A key that must be there; its absence is noted with an example, and the fallback returned.
std::string required_text(TomlTable& table, const std::string& key, const std::string& example);
/// Notes a name that could not be asked for: over the API, in a condition, on a command line.
void check_name(TomlTable& table, const std::string& key, const std::string& name);
std::int64_t required_integer(TomlTable& table, const std::string& key, std::int64_t least,
                              std::int64_t most, const std::string& example);
double required_positive(TomlTable& table, const std::string& key, const std::string& example,
                         double least = 1e-12, double most = 1e12);
/// Notes a list or a table that is there and holds nothing.
void not_empty(TomlTable& table, const std::string& key, const TomlNode& node,
               const std::string& example);
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
/// … the entries of its tariff tables, and what it writes down of the past besides months of energies.
void add_tariff_points(MeterType& type);
void add_record_points(MeterType& type);
/// What an energy was in a month (0 = the running one); nothing when the point is no energy.
std::optional<PointId> month_point(MeterType& type, PointId energy, int month);
/// A whole number as a key of a table is written: "7", "0x5578"; nothing when it is none.
std::optional<std::int64_t> key_number(const std::string& key);
/// The value that a setting or a code is written as: a whole number within bounds or, where the
/// role's values have names, one of those. Anything else is noted.
std::optional<std::int64_t> named_value(const TomlNode& node, const std::string& key,
                                        std::int64_t least, std::int64_t most,
                                        const std::vector<std::string>& names,
                                        std::vector<Mistake>& mistakes);
/// A point that belongs to the type alone: no writing, no bounds.
Point plain_point(std::string name, std::string title, PointKind kind, Rights rights);
/// A point by name; an unknown one is noted with the nearest.
std::optional<PointId> named_point(const MeterType& type, const std::string& name,
                                   const Place& place, std::vector<Mistake>& mistakes);

/// The readings under a key; what is none is noted with the cure.
std::vector<PointId> named_readings(TomlTable& table, const std::string& key, const MeterType& type,
                                    const std::string& cure, std::vector<Mistake>& mistakes);

} // namespace kpmsim
