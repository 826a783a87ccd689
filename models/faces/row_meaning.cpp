#include "models/faces/row_meaning.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kpmsim {

namespace {

/// The name of a value of a setting's role; empty where they have none.
std::string name_of_value(const MeterType& type, const SettingRow& setting, double shown) {
    const auto names = setting.role ? value_names(type, *setting.role) : std::vector<std::string>{};
    const auto place = static_cast<std::size_t>(std::max(0.0, shown));
    return shown >= 0 && place < names.size() && static_cast<double>(place) == shown ? names[place]
                                                                                     : "";
}

std::string codes_text(const MeterType& type, PointId point, const std::vector<Code>& codes) {
    std::string text;
    for (const Code& each : codes)
        text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", each.code,
                            coded_text(type, point, each));
    return text;
}

std::string bits_text(const MeterType& type, const PackedField& field) {
    const std::string where =
        field.bits == 1 ? fmt::format("bit {}", field.bit)
                        : fmt::format("bits {} to {}", field.bit, field.bit + field.bits - 1);
    const std::string codes = codes_text(type, field.point, field.codes);
    return fmt::format("{} {}{}", where, type.points[field.point].name,
                       codes.empty() ? "" : " (" + codes + ")");
}

} // namespace

std::string value_text(const MeterType& type, const SettingRow& setting, double shown) {
    const std::string name = name_of_value(type, setting, shown);
    return name.empty() ? fmt::format("{}", shown) : fmt::format("{} ({})", shown, name);
}

std::string coded_text(const MeterType& type, PointId point, const Code& code) {
    const Point& of = type.points[point];
    const std::string name =
        of.kind == PointKind::setting
            ? name_of_value(type, type.settings[of.index], static_cast<double>(code.value))
            : "";
    return name.empty() ? fmt::to_string(code.value) : name;
}

std::string none_text(const RegisterRow& row) {
    return row.none ? fmt::format("{:0{}X}", *row.none, 4 * row.words) : "";
}

std::string meaning_of(const MeterType& type, const RegisterRow& row) {
    std::string text;
    const auto add = [&](const std::string& part) {
        if (!part.empty())
            text += (text.empty() ? "" : "; ") + part;
    };
    switch (row.holds) {
    case RegisterHolds::point:
        add(codes_text(type, row.point, row.codes));
        if (row.none)
            add(none_text(row) + "H = no value");
        break;
    case RegisterHolds::packed:
        for (const PackedField& field : row.fields)
            add(bits_text(type, field));
        break;
    case RegisterHolds::command:
        for (const RegisterCommand& command : row.commands)
            add(fmt::format("{:04X}H = {}", command.value, type.points[command.point].name));
        break;
    }
    return text;
}

} // namespace kpmsim
