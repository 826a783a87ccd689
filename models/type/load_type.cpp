#include "models/type/load_type.hpp"

#include "files/number.hpp"

#include <fmt/format.h>

#include <algorithm>

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

void check_name(TomlTable& table, const std::string& key, const std::string& name) {
    constexpr std::string_view known =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const TomlNode* node = table.node(key);
    const bool written = node != nullptr && (node->is_text() || node->is_array());
    if (written && (name.empty() || name.find_first_not_of(known) != std::string::npos))
        table.wrong(key, fmt::format("nobody could ask for \"{}\"", name),
                    "a name has letters from a to z, digits and _, such as \"baud_rate\"");
}

double required_positive(TomlTable& table, const std::string& key, const std::string& example,
                         double least, double most) {
    if (table.node(key) == nullptr) {
        table.missing(key, example);
        return least;
    }
    const auto value = table.number(key);
    if (!value)
        return least;
    if (*value >= least && *value <= most)
        return *value;
    table.wrong(key, fmt::format("{} is {}", key, *value),
                fmt::format("write a number from {:g} to {:g}: {}", least, most, example));
    return least;
}

void not_empty(TomlTable& table, const std::string& key, const TomlNode& node,
               const std::string& example) {
    const auto* list = std::get_if<TomlArray>(&node.value);
    const auto* entries = std::get_if<TomlEntries>(&node.value);
    if ((list != nullptr && list->empty()) || (entries != nullptr && entries->empty()))
        table.wrong(key, key + " names nothing", "write " + example + ", or leave it out");
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

std::optional<std::int64_t> key_number(const std::string& key) {
    const bool hex = key.starts_with("0x");
    return whole_number(std::string_view{key}.substr(hex ? 2 : 0), hex ? 16 : 10);
}

std::optional<std::int64_t> named_value(const TomlNode& node, const std::string& key,
                                        std::int64_t least, std::int64_t most,
                                        const std::vector<std::string>& names,
                                        std::vector<Mistake>& mistakes) {
    if (const auto* number = std::get_if<std::int64_t>(&node.value))
        if (*number >= least && *number <= most)
            return *number;
    if (const auto* text = std::get_if<std::string>(&node.value)) {
        const auto at = std::find(names.begin(), names.end(), *text);
        if (at != names.end())
            return at - names.begin();
    }
    std::string cure = fmt::format("write whole numbers from {} to {}", least, most);
    for (std::size_t n = 0; n < names.size(); ++n)
        cure += fmt::format("{}\"{}\"", n == 0 ? ", or " : ", ", names[n]);
    mistakes.push_back({node.place, fmt::format("a value of {} is out of place", key), cure});
    return {};
}

namespace {

/// The readings of one phase, harmonics aside.
std::string one_phase_names() {
    std::string names;
    for (std::size_t n = 0; n < static_cast<std::size_t>(Slot::temp); ++n)
        if (has_quantity(channel_list(Wiring::one_phase, 1, false),
                         Quantity{static_cast<std::uint16_t>(n)}))
            names += (names.empty() ? "" : ", ") + catalogue()[n].name;
    return names;
}

/// Why a quantity of the catalogue is no point of this type.
Mistake not_there(const MeterType& type, Quantity quantity, const std::string& name,
                  const Place& place) {
    if (type.shows(quantity))
        return {place, fmt::format("this meter has no tariffs, so no \"{}\"", name),
                "add [tariff] to meter.toml"};
    if (quantity == kpmsim::quantity(Slot::i_n))
        return {place, "this meter has no i_n",
                "leave it out, or write neutral_current = true in meter.toml (only with the wiring "
                "1P2W)"};
    if (quantity == kpmsim::quantity(Slot::temp))
        return {place, "this meter has no temp",
                type.temperature_points.empty() ? "leave it out, or add [temperature] to meter.toml"
                                                : "take one of temperature.points"};
    return {place, fmt::format("this meter has no {}", name),
            "leave it out: one phase (wirings = [\"1P2W\"]) has no phases b and c, no lines and no "
            "unbalance, but " +
                one_phase_names()};
}

} // namespace

std::optional<PointId> named_point(const MeterType& type, const std::string& name,
                                   const Place& place, std::vector<Mistake>& mistakes) {
    const auto found = type.points.find(name);
    if (const auto known = found ? std::nullopt : find_quantity(name)) {
        mistakes.push_back(not_there(type, *known, name, place));
    } else if (!found) {
        const std::string near = nearest(name, type.points.names());
        mistakes.push_back({place, fmt::format("this meter has no point \"{}\"", name),
                            near.empty()
                                ? "take a quantity of the catalogue, such as u_a or e_p_import, or "
                                  "a setting of meter.toml"
                                : "nearest: " + near});
    }
    return found;
}

std::vector<PointId> named_readings(TomlTable& t, const std::string& key, const MeterType& type,
                                    const std::string& cure, std::vector<Mistake>& mistakes) {
    std::vector<PointId> points;
    const TomlNode* list = t.array(key);
    if (list == nullptr)
        return points;
    for (const TomlNode& item : std::get<TomlArray>(list->value)) {
        const auto* name = std::get_if<std::string>(&item.value);
        const auto found = named_point(type, name == nullptr ? "" : *name, item.place, mistakes);
        if (!found)
            continue;
        const Point& point = type.points[*found];
        if (point.kind == PointKind::quantity &&
            info(Quantity{point.index}).kind == QuantityKind::reading)
            points.push_back(*found);
        else
            mistakes.push_back({item.place, fmt::format("\"{}\" is no reading", point.name), cure});
    }
    return points;
}

} // namespace kpmsim
