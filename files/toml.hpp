#pragma once

#include "files/mistake.hpp"
#include "files/units.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kpmsim {

struct TomlNode;
struct TomlEntry;
using TomlArray = std::vector<TomlNode>;
/// Keys in the order of the file.
using TomlEntries = std::vector<TomlEntry>;

/// One value of a TOML file with the place it stands at.
struct TomlNode {
    Place place;
    /// A date or time is kept as its text.
    std::variant<bool, std::int64_t, double, std::string, TomlArray, TomlEntries> value;
    Place key; ///< of an entry of a table: where its key stands

    bool is_table() const { return std::holds_alternative<TomlEntries>(value); }
    bool is_array() const { return std::holds_alternative<TomlArray>(value); }
    bool is_text() const { return std::holds_alternative<std::string>(value); }
    const TomlNode* find(const std::string& key) const; ///< in a table; null when absent
};

/// Parses a text; a syntax error becomes one mistake (and the result is an empty table), and so does
/// what is nested deeper than any file of ours.
TomlNode parse_toml(const std::string& text, const std::string& file,
                    std::vector<Mistake>& mistakes);
/// The same from a file; one that cannot be read is a mistake too.
TomlNode load_toml(const std::string& path, std::vector<Mistake>& mistakes);

/// A text as TOML writes it, in quotes.
std::string toml_quoted(std::string_view text);

struct TomlEntry {
    std::string key;
    TomlNode value;
};

/// Reads one table: takes its keys by name, notes what is wrong, and complains at the end of keys
/// that nobody took. A getter returns the value, or nothing when the key is absent or wrong (a
/// wrong one has been noted).
class TomlTable {
public:
    /// `what` names the table in messages: "load office".
    TomlTable(const TomlNode& table, std::string what, std::vector<Mistake>& mistakes);

    std::optional<bool> boolean(const std::string& key);
    std::optional<std::int64_t> integer(const std::string& key, std::int64_t least,
                                        std::int64_t most);
    std::optional<double> number(const std::string& key); ///< an integer will do
    /// `cure` says what to write where the value is no text at all.
    std::optional<std::string> text(const std::string& key,
                                    const std::string& cure = "write a text in quotes");
    std::optional<double> quantity(const std::string& key, Unit unit); ///< a text with a unit
    /// As read_duration() takes it.
    std::optional<std::chrono::nanoseconds> duration(const std::string& key,
                                                     std::optional<double> cycle_hz = {});
    std::optional<std::vector<std::string>> texts(const std::string& key);
    /// One of `known`; the message lists them.
    std::optional<std::string> choice(const std::string& key,
                                      const std::vector<std::string>& known);
    const TomlNode* table(const std::string& key);
    const TomlNode* array(const std::string& key);
    const TomlNode* node(const std::string& key); ///< any kind

    /// Notes a mistake at the key's value (at the table when the key is absent).
    void wrong(const std::string& key, std::string what, std::string cure);
    /// The same of a text that a reader refused.
    void wrong(const std::string& key, const Fault& fault);
    /// Notes that the key is missing.
    void missing(const std::string& key, const std::string& example);
    Place place_of(const std::string& key) const;

    /// Every key that was not taken is a mistake, with the nearest known one. Call once, last.
    void finish();

private:
    /// Of a value that is no text.
    void lacks_unit(const std::string& key, const TomlNode& value, Unit unit);

    const TomlNode& table_;
    std::string what_;
    std::vector<Mistake>& mistakes_;
    std::vector<std::string> taken_;
};

} // namespace kpmsim
