#include "models/type/load_type.hpp"

#include <fmt/format.h>

namespace kpmsim {

std::string required_text(TomlTable& table, const std::string& key, const std::string& example) {
    if (table.node(key) == nullptr)
        table.missing(key, example);
    return table.text(key).value_or("");
}

std::int64_t required_integer(TomlTable& table, const std::string& key, std::int64_t least,
                              std::int64_t most, const std::string& example) {
    if (table.node(key) == nullptr)
        table.missing(key, example);
    return table.integer(key, least, most).value_or(least);
}

double required_positive(TomlTable& table, const std::string& key, const std::string& example) {
    if (table.node(key) == nullptr) {
        table.missing(key, example);
        return 1;
    }
    const double value = table.number(key).value_or(1);
    if (value > 0)
        return value;
    table.wrong(key, fmt::format("{} is {}", key, value), "write a number above 0: " + example);
    return 1;
}

std::optional<std::vector<std::int64_t>> integers(TomlTable& table, const std::string& key,
                                                  std::int64_t least, std::int64_t most,
                                                  std::vector<Mistake>& mistakes) {
    const TomlNode* list = table.array(key);
    if (list == nullptr)
        return {};
    std::vector<std::int64_t> numbers;
    for (const TomlNode& item : std::get<TomlArray>(list->value)) {
        const auto* number = std::get_if<std::int64_t>(&item.value);
        if (number != nullptr && *number >= least && *number <= most)
            numbers.push_back(*number);
        else
            mistakes.push_back({item.place, fmt::format("a value of {} is out of place", key),
                                fmt::format("write whole numbers from {} to {}", least, most)});
    }
    return numbers;
}

void each_table(TomlTable& table, const std::string& key, std::vector<Mistake>& mistakes,
                const std::function<void(const TomlNode&)>& read) {
    const TomlNode* list = table.array(key);
    if (list == nullptr)
        return;
    for (const TomlNode& item : std::get<TomlArray>(list->value)) {
        if (item.is_table())
            read(item);
        else
            mistakes.push_back({item.place, key + " holds something that is no table",
                                fmt::format("write [[{}]] or {{ … }}", key)});
    }
}

std::optional<PointId> named_point(const MeterType& type, const std::string& name,
                                   const Place& place, std::vector<Mistake>& mistakes) {
    const auto found = type.points.find(name);
    if (!found) {
        const std::string near = nearest(name, type.points.names());
        mistakes.push_back({place, fmt::format("this meter has no point \"{}\"", name),
                            near.empty()
                                ? "take a quantity of the catalogue, such as u_a or e_p_import, or "
                                  "a setting of meter.toml"
                                : "nearest: " + near});
    }
    return found;
}

} // namespace kpmsim
