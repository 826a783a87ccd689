#include "models/type/meter_type.hpp"

#include "models/type/serial.hpp"

#include <algorithm>
#include <array>

namespace kpmsim {

bool SettingRow::allows(std::int64_t value) const {
    if (!choices.empty())
        return std::find(choices.begin(), choices.end(), value) != choices.end();
    return value >= least && value <= most;
}

const SettingRow* MeterType::setting(const std::string& setting_name) const {
    const int n = setting_index(setting_name);
    return n < 0 ? nullptr : &settings[static_cast<std::size_t>(n)];
}

int MeterType::setting_index(const std::string& setting_name) const {
    for (std::size_t n = 0; n < settings.size(); ++n)
        if (settings[n].name == setting_name)
            return static_cast<int>(n);
    return -1;
}

const CurrentRating* MeterType::current(const std::string& code) const {
    const auto found = std::find_if(currents.begin(), currents.end(),
                                    [&](const CurrentRating& c) { return c.code == code; });
    return found == currents.end() ? nullptr : &*found;
}

const AccuracyRow* MeterType::accuracy_of(const std::string& code, bool data_sheet) const {
    const AccuracyRow* otherwise = nullptr;
    for (const AccuracyRow& row : accuracy) {
        if (row.data_sheet != data_sheet)
            continue;
        if (std::find(row.currents.begin(), row.currents.end(), code) != row.currents.end())
            return &row;
        if (row.currents.empty())
            otherwise = &row;
    }
    return otherwise == nullptr && data_sheet ? accuracy_of(code) : otherwise;
}

bool MeterType::knows(Ruling ruling) const {
    switch (ruling) {
    case Ruling::menu:
        return std::any_of(settings.begin(), settings.end(),
                           [](const SettingRow& row) { return !row.beyond_menu.empty(); });
    case Ruling::plain_ma:
        return setting(Role::metering_start_current) != nullptr &&
               std::any_of(currents.begin(), currents.end(),
                           [](const CurrentRating& each) { return each.ct_included; });
    case Ruling::data_sheet:
        return sheet_range || std::any_of(accuracy.begin(), accuracy.end(),
                                          [](const AccuracyRow& row) { return row.data_sheet; });
    case Ruling::straight_line:
        return !output.empty();
    case Ruling::day_data: {
        const auto topics = upload.topics();
        return std::any_of(topics.begin(), topics.end(),
                           [&](const UploadTopic* topic) { return topic->firmware == ruling; });
    }
    }
    return false;
}

int MeterType::wiring_index(const std::string& wiring) const {
    if (wiring.empty())
        return 0;
    for (std::size_t n = 0; n < wirings.size(); ++n)
        if (wirings[n] == wiring)
            return static_cast<int>(n);
    Wiring wanted{};
    if (!wiring_from(wiring, wanted))
        return -1;
    for (std::size_t n = 0; n < wirings.size(); ++n)
        if (Wiring one{}; wiring_from(wirings[n], one) && one == wanted)
            return static_cast<int>(n);
    return -1;
}

std::vector<std::string> value_names(const MeterType& type, Role role) {
    if (role == Role::metering_wiring)
        return type.wirings;
    if (role == Role::line_format)
        return {line_formats().begin(), line_formats().end()};
    return {};
}

bool MeterType::shows(Quantity quantity) const {
    if (quantity == kpmsim::quantity(Slot::temp) && sensors_per_unit() != 1)
        return false; // none, or several with names of their own
    return std::any_of(wirings.begin(), wirings.end(), [&](const std::string& named) {
        Wiring wiring{};
        if (!wiring_from(named, wiring))
            return false;
        const bool neutral = neutral_current && wiring == Wiring::one_phase;
        return has_quantity(channel_list(wiring, circuits, neutral), quantity);
    });
}

const UploadPlan& upload_plan(const MeterType& type, const std::string& serial) {
    const bool gsm = carrier_of(type.serial, serial) == Carrier::gsm;
    return gsm && !type.upload_4g.empty() ? type.upload_4g : type.upload;
}

std::span<const std::string_view> line_formats() {
    static constexpr std::array<std::string_view, 4> formats{"8E1", "8O1", "8N1", "8N2"};
    return formats;
}

bool wiring_from(const std::string& name, Wiring& out) {
    if (name == "P4L" || name == "3Ln3CT" || name == "3P4W")
        out = Wiring::p4l;
    else if (name == "P3L3" || name == "2LL3CT")
        out = Wiring::p3l3;
    else if (name == "P3L2" || name == "2LL2CT")
        out = Wiring::p3l2;
    else if (name == "1P2W")
        out = Wiring::one_phase;
    else
        return false;
    return true;
}

} // namespace kpmsim
