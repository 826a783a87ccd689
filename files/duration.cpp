#include "files/duration.hpp"

#include "files/number.hpp"
#include "files/units.hpp"

#include <cmath>
#include <string>

namespace kpmsim {
namespace {

/// The text in front of "cycle" or "cycles"; nothing when it ends in neither.
std::optional<std::string_view> before_cycles(std::string_view text) {
    for (const std::string_view unit : {"cycles", "cycle"}) {
        if (!text.ends_with(unit))
            continue;
        text.remove_suffix(unit.size());
        return text.substr(0, text.find_last_not_of(" \t") + 1);
    }
    return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    return first == std::string_view::npos
               ? std::string_view{}
               : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string quoted(std::string_view text) { return '"' + std::string{text} + '"'; }

} // namespace

std::optional<std::chrono::nanoseconds>
read_duration(std::string_view text, std::optional<double> cycle_hz, Fault& fault) {
    const std::string cure = cycle_hz ? R"(write a time such as "200 ms", "15m" or "10 cycles")"
                                      : R"(write a time such as "200 ms", "15m" or "2h")";
    const auto fail = [&](std::string what) {
        fault = {quoted(text) + ' ' + std::move(what), cure};
        return std::nullopt;
    };

    double length_s = 0.0;
    if (const auto number = before_cycles(trimmed(text))) {
        const auto cycles = read_number(*number);
        if (!cycles)
            return fail("cannot be read");
        if (!cycle_hz)
            return fail("is in cycles, and nothing here has any");
        length_s = *cycles / *cycle_hz;
    } else {
        std::string why;
        const auto value = parse_quantity(text, Unit::second, why);
        if (!value) {
            const auto end = why.rfind("; write ");
            fault = {why.substr(0, end), cure};
            return std::nullopt;
        }
        length_s = *value;
    }
    if (length_s < 0.0)
        return fail("is not a time that can pass");
    if (length_s > static_cast<double>(longest_duration.count()))
        return fail("is longer than 47 years");
    return std::chrono::nanoseconds{std::llround(length_s * 1e9)};
}

} // namespace kpmsim
