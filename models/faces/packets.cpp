#include "models/faces/packets.hpp"

#include <fmt/format.h>

#include <cmath>

namespace kpmsim {

namespace {

/// The digits of a packet's number, trailing zeros kept.
void append_number(std::string& json, const UploadField& field, double value) {
    double shown = value / field.scale;
    if (field.truncate) {
        // A thousandth of the last digit counts as reached: the float nearest to 0.996 is a little
        // below it, and a resistive load's P/S may be.
        const double unit = std::pow(10.0, field.decimals);
        shown = std::trunc(shown * unit + std::copysign(1e-3, shown)) / unit;
    }
    const std::size_t from = json.size();
    json += fmt::format("{:.{}f}", shown, field.decimals);
    if (json.find_first_not_of("-0.", from) == std::string::npos && json[from] == '-')
        json.erase(from, 1); // no minus before a zero
}

} // namespace

std::vector<std::string> packets(const UploadTopic& topic, const MeterView& meter, int circuit,
                                 CivilTime stamp) {
    const std::string id = serial_of(meter, circuit);
    std::vector<std::string> all;
    const std::string time = compact_text(stamp);
    for (std::size_t n = 0; n < topic.packets.size(); ++n) {
        std::string json = fmt::format("{{\"id\":\"{}\"", id);
        for (const UploadField& field : topic.packets[n]) {
            const std::string_view quote = field.as_text ? "\"" : "";
            json += fmt::format(",\"{}\":{}", field.key, quote);
            append_number(json, field, number(meter, field.point, circuit));
            json += quote;
        }
        const bool last = n + 1 == topic.packets.size();
        json += fmt::format(",\"time\":\"{}\",\"isend\":\"{}\"}}", time, last ? 1 : 0);
        all.push_back(std::move(json));
    }
    return all;
}

} // namespace kpmsim
