#include "models/faces/json_writer.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace kpmsim {

void append_text(std::string& json, std::string_view text) {
    // What is no UTF-8 becomes U+FFFD: a name may be anything, and a packet goes out all the same.
    json += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void append_number(std::string& json, double value, int decimals, bool truncate) {
    if (!std::isfinite(value)) {
        json += "null";
        return;
    }
    if (truncate) {
        // A thousandth of the last digit counts as reached: the float nearest to 0.996 is a little
        // below it, and a resistive load's P/S may be.
        const double unit = std::pow(10.0, decimals);
        value = std::trunc(value * unit + std::copysign(1e-3, value)) / unit;
    }
    const std::size_t from = json.size();
    json += fmt::format("{:.{}f}", value, decimals);
    if (json.find_first_not_of("-0.", from) == std::string::npos && json[from] == '-')
        json.erase(from, 1); // no minus before a zero
}

} // namespace kpmsim
