#include "files/duration.hpp"
#include "files/number.hpp"
#include "files/toml.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace kpmsim {
namespace {

/// A whole one with .0, as it is told from a whole number in TOML.
std::string toml_number(double value) {
    const std::string text = number_text(value);
    return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
}

/// What a value is, for "… is a table, not a text".
std::string kind_text(const TomlNode& node) {
    static constexpr std::array<const char*, 6> kinds{"true or false", "a whole number", "a number",
                                                      "a text",        "a list",         "a table"};
    return kinds[node.value.index()];
}

/// The value as written, where it is short enough to repeat.
std::string shown(const TomlNode& node) {
    if (const auto* flag = std::get_if<bool>(&node.value))
        return *flag ? "true" : "false";
    if (const auto* whole = std::get_if<std::int64_t>(&node.value))
        return std::to_string(*whole);
    if (const auto* number = std::get_if<double>(&node.value))
        return toml_number(*number);
    if (const auto* text = std::get_if<std::string>(&node.value))
        return fmt::format("\"{}\"", *text);
    return kind_text(node);
}

} // namespace

TomlTable::TomlTable(const TomlNode& table, std::string what, std::vector<Mistake>& mistakes)
    : table_{table}, what_{std::move(what)}, mistakes_{mistakes} {}

const TomlNode* TomlTable::node(const std::string& key) {
    if (std::find(taken_.begin(), taken_.end(), key) == taken_.end())
        taken_.push_back(key);
    return table_.find(key);
}

Place TomlTable::place_of(const std::string& key) const {
    const TomlNode* value = table_.find(key);
    return value != nullptr ? value->place : table_.place;
}

void TomlTable::wrong(const std::string& key, std::string what, std::string cure) {
    note(mistakes_, place_of(key), std::move(what), std::move(cure));
}

void TomlTable::wrong(const std::string& key, const Fault& fault) {
    wrong(key, key + ' ' + fault.what, fault.cure);
}

void TomlTable::missing(const std::string& key, const std::string& example) {
    note(mistakes_, table_.place, what_ + " lacks \"" + key + '"', "add " + example);
}

std::optional<bool> TomlTable::boolean(const std::string& key) {
    const TomlNode* value = node(key);
    if (value == nullptr)
        return std::nullopt;
    if (const auto* flag = std::get_if<bool>(&value->value))
        return *flag;
    wrong(key, key + " is " + shown(*value), "write true or false, without quotes");
    return std::nullopt;
}

std::optional<std::int64_t> TomlTable::integer(const std::string& key, std::int64_t least,
                                               std::int64_t most) {
    const TomlNode* value = node(key);
    if (value == nullptr)
        return std::nullopt;
    const auto* whole = std::get_if<std::int64_t>(&value->value);
    if (whole != nullptr && *whole >= least && *whole <= most)
        return *whole;
    wrong(key, key + " is " + shown(*value),
          "write a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
}

std::optional<double> TomlTable::number(const std::string& key) {
    const TomlNode* value = node(key);
    if (value == nullptr)
        return std::nullopt;
    if (const auto* whole = std::get_if<std::int64_t>(&value->value))
        return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(&value->value); real && std::isfinite(*real))
        return *real;
    wrong(key, key + " is " + shown(*value), "write a number, without quotes or unit");
    return std::nullopt;
}

std::optional<std::string> TomlTable::text(const std::string& key, const std::string& cure) {
    const TomlNode* value = node(key);
    if (value == nullptr)
        return std::nullopt;
    if (const auto* text = std::get_if<std::string>(&value->value))
        return *text;
    wrong(key, key + " is " + shown(*value), cure);
    return std::nullopt;
}

std::optional<double> TomlTable::quantity(const std::string& key, Unit unit) {
    const TomlNode* value = node(key);
    if (value == nullptr)
        return std::nullopt;
    if (const auto* text = std::get_if<std::string>(&value->value)) {
        std::string why;
        if (const auto read = parse_quantity(*text, unit, why))
            return read;
        const auto split = why.find("; ");
        wrong(key, key + ": " + why.substr(0, split),
              split == std::string::npos ? "" : why.substr(split + 2));
        return std::nullopt;
    }
    lacks_unit(key, *value, unit);
    return std::nullopt;
}

std::optional<std::chrono::nanoseconds> TomlTable::duration(const std::string& key,
                                                            std::optional<double> cycle_hz) {
    const TomlNode* value = node(key);
    if (value == nullptr)
        return std::nullopt;
    const auto* text = std::get_if<std::string>(&value->value);
    if (text == nullptr) {
        lacks_unit(key, *value, Unit::second);
        return std::nullopt;
    }
    Fault fault;
    const auto length = read_duration(*text, cycle_hz, fault);
    if (!length)
        wrong(key, fault);
    return length;
}

void TomlTable::lacks_unit(const std::string& key, const TomlNode& value, Unit unit) {
    const bool bare = std::holds_alternative<std::int64_t>(value.value) ||
                      std::holds_alternative<double>(value.value);
    wrong(key, key + " is " + shown(value) + (bare ? " without a unit" : ""),
          fmt::format("write a {} such as \"{}\"", name_of(unit), example_of(unit)));
}

std::optional<std::vector<std::string>> TomlTable::texts(const std::string& key) {
    const TomlNode* value = node(key);
    if (value == nullptr)
        return std::nullopt;
    if (const auto* items = std::get_if<TomlArray>(&value->value)) {
        std::vector<std::string> list;
        for (const TomlNode& item : *items) {
            const auto* text = std::get_if<std::string>(&item.value);
            if (text == nullptr) {
                note(mistakes_, item.place, key + " holds " + shown(item),
                     "write every item as a text in quotes");
                return std::nullopt;
            }
            list.push_back(*text);
        }
        return list;
    }
    wrong(key, key + " is " + shown(*value), "write a list of texts: [\"a\", \"b\"]");
    return std::nullopt;
}

std::optional<std::string> TomlTable::choice(const std::string& key,
                                             const std::vector<std::string>& known) {
    auto written = text(key);
    if (!written)
        return std::nullopt;
    if (std::find(known.begin(), known.end(), *written) != known.end())
        return written;
    const std::string near = nearest(*written, known);
    wrong(key, "unknown " + key + " \"" + *written + '"',
          (near.empty() ? "" : "did you mean " + near + "? ") + "known: " + listed(known));
    return std::nullopt;
}

const TomlNode* TomlTable::table(const std::string& key) {
    const TomlNode* value = node(key);
    if (value != nullptr && !value->is_table()) {
        wrong(key, key + " is " + shown(*value), "write a table: " + key + " = { … }");
        return nullptr;
    }
    return value;
}

const TomlNode* TomlTable::array(const std::string& key) {
    const TomlNode* value = node(key);
    if (value != nullptr && !value->is_array()) {
        wrong(key, key + " is " + shown(*value), "write a list: " + key + " = [ … ]");
        return nullptr;
    }
    return value;
}

void TomlTable::finish() {
    const auto* entries = std::get_if<TomlEntries>(&table_.value);
    if (entries == nullptr)
        return;
    for (const auto& [key, value] : *entries) {
        if (std::find(taken_.begin(), taken_.end(), key) != taken_.end())
            continue;
        const std::string near = nearest(key, taken_);
        note(mistakes_, value.key.line > 0 ? value.key : value.place,
             "unknown key \"" + key + "\" in " + what_,
             near.empty() ? "known: " + listed(taken_) : "did you mean " + near + '?');
    }
}

} // namespace kpmsim
