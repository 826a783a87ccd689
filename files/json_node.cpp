#include "files/json_node.hpp"

#include "files/json_parse.hpp"

#include <cstdint>

namespace kpmsim {
namespace {

using Json = nlohmann::ordered_json;
constexpr int most_depth = 16;

TomlNode node_of(const Json& json, const std::string& path, int depth,
                 std::vector<Mistake>& mistakes) {
    TomlNode node;
    node.place = node.key = Place{path, 0, 0};
    if (depth > most_depth) {
        note(mistakes, node.place, "this is nested too deeply", "no value of ours is");
        node.value = std::string{};
    } else if (json.is_boolean()) {
        node.value = json.get<bool>();
    } else if (json.is_number_integer() &&
               !(json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX)) {
        node.value = json.get<std::int64_t>();
    } else if (json.is_number()) {
        node.value = json.get<double>();
    } else if (json.is_string()) {
        node.value = json.get<std::string>();
    } else if (json.is_array()) {
        TomlArray list;
        for (std::size_t n = 0; n < json.size(); ++n)
            list.push_back(node_of(json[n], path + "/" + std::to_string(n), depth + 1, mistakes));
        node.value = std::move(list);
    } else if (json.is_object()) {
        TomlEntries entries;
        for (const auto& [key, value] : json.items())
            entries.push_back({key, node_of(value, path + "/" + key, depth + 1, mistakes)});
        node.value = std::move(entries);
    } else {
        note(mistakes, node.place, "null is no value", "leave the key out");
        node.value = std::string{};
    }
    return node;
}

Json json_of(const TomlNode& node) {
    if (const auto* list = std::get_if<TomlArray>(&node.value)) {
        Json out = Json::array();
        for (const TomlNode& one : *list)
            out.push_back(json_of(one));
        return out;
    }
    if (const auto* entries = std::get_if<TomlEntries>(&node.value)) {
        Json out = Json::object();
        for (const auto& [key, value] : *entries)
            out[key] = json_of(value);
        return out;
    }
    if (const auto* flag = std::get_if<bool>(&node.value))
        return *flag;
    if (const auto* whole = std::get_if<std::int64_t>(&node.value))
        return *whole;
    if (const auto* number = std::get_if<double>(&node.value))
        return *number;
    return std::get<std::string>(node.value);
}

} // namespace

TomlNode parse_json(const std::string& text, const std::string& file,
                    std::vector<Mistake>& mistakes, const std::string& example) {
    TomlNode empty;
    empty.place = empty.key = Place{file, 0, 0};
    empty.value = TomlEntries{};
    const std::size_t before = mistakes.size();
    const Json json = parse_sent_json(text, file, example, mistakes);
    if (mistakes.size() != before)
        return empty;
    return node_of(json, file, 0, mistakes);
}

std::string json_text(const TomlNode& node) {
    return json_of(node).dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace kpmsim
