#include "files/toml.hpp"

#include "files/text_file.hpp"
#include "files/toml_depth.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>
#include <utility>

namespace kpmsim {
namespace {

constexpr std::size_t largest_toml = 16'000'000;
/// Of tables and lists in each other; ours have five.
constexpr int deepest = 32;
const char* const nested = "is nested deeper than 32 tables and lists";
const char* const nested_cure = "bring it nearer to the top of the file";

Place place_at(const toml::source_position& at, const std::string& file) {
    return {file, static_cast<int>(at.line), static_cast<int>(at.column)};
}

/// Throws a Mistake where it is too deep.
TomlNode converted(const toml::node& from, const std::string& file, int depth) {
    TomlNode node;
    node.place = place_at(from.source().begin, file);
    if (depth > deepest)
        throw Mistake{node.place, nested, nested_cure};
    switch (from.type()) {
    case toml::node_type::table: {
        // toml++ sorts keys by name; the reader of a message expects the order of the file.
        TomlEntries entries;
        for (auto&& [key, child] : *from.as_table()) {
            TomlNode value = converted(child, file, depth + 1);
            value.key = place_at(key.source().begin, file);
            entries.push_back({std::string{key.str()}, std::move(value)});
        }
        std::stable_sort(
            entries.begin(), entries.end(), [](const TomlEntry& a, const TomlEntry& b) {
                const Place& left = a.value.key;
                const Place& right = b.value.key;
                return std::pair{left.line, left.column} < std::pair{right.line, right.column};
            });
        node.value = std::move(entries);
        break;
    }
    case toml::node_type::array: {
        TomlArray items;
        for (const toml::node& item : *from.as_array())
            items.push_back(converted(item, file, depth + 1));
        node.value = std::move(items);
        break;
    }
    case toml::node_type::boolean:
        node.value = from.as_boolean()->get();
        break;
    case toml::node_type::integer:
        node.value = from.as_integer()->get();
        break;
    case toml::node_type::floating_point:
        node.value = from.as_floating_point()->get();
        break;
    case toml::node_type::string:
        node.value = from.as_string()->get();
        break;
    default: { // dates and times
        std::ostringstream text;
        from.visit([&](const auto& date) {
            using Kind = std::decay_t<decltype(date)>;
            if constexpr (toml::is_date<Kind> || toml::is_time<Kind> || toml::is_date_time<Kind>)
                text << date.get();
        });
        node.value = text.str();
        break;
    }
    }
    return node;
}

TomlNode parsed(const std::string& text, const std::string& file) {
    if (const auto at = too_many_parts(text, deepest))
        throw Mistake{{file, at->line, at->column}, nested, nested_cure};
    return converted(toml::parse(text, file), file, 0);
}

} // namespace

const TomlNode* TomlNode::find(const std::string& wanted) const {
    if (const auto* entries = std::get_if<TomlEntries>(&value)) {
        for (const auto& [name, node] : *entries)
            if (name == wanted)
                return &node;
    }
    return nullptr;
}

TomlNode parse_toml(const std::string& text, const std::string& file,
                    std::vector<Mistake>& mistakes) {
    try {
        return parsed(text, file);
    } catch (const Mistake& mistake) {
        mistakes.push_back(mistake);
    } catch (const toml::parse_error& error) {
        const std::string what{error.description()};
        note(mistakes, place_at(error.source().begin, file), what,
             what.find("not representable in 64 bits") != std::string::npos
                 ? "write -9223372036854775808 to 9223372036854775807; -1 is 64 one-bits"
                 : "see https://toml.io/en/v1.0.0 for how TOML is written");
    }
    TomlNode empty;
    empty.place = {file, 1, 1};
    empty.value = TomlEntries{};
    return empty;
}

std::string toml_quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text)
        if (c == '"' || c == '\\')
            out += {'\\', c};
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
        else
            out += c;
    return out + '"';
}

TomlNode load_toml(const std::string& path, std::vector<Mistake>& mistakes) {
    if (const auto text = read_text(path, mistakes, largest_toml))
        return parse_toml(*text, path, mistakes);
    TomlNode empty;
    empty.place = {path, 0, 0};
    empty.value = TomlEntries{};
    return empty;
}

} // namespace kpmsim
