#include "scenarios/play/amount.hpp"

#include "files/number.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace kpmsim {
namespace {

struct Prefix {
    std::string_view sign;
    double factor;
};
constexpr std::array prefixes{Prefix{"", 1},    Prefix{"m", 1e-3}, Prefix{"u", 1e-6},
                              Prefix{"k", 1e3}, Prefix{"M", 1e6},  Prefix{"G", 1e9}};

constexpr std::array<std::string_view, 13> bases{"V",  "A",    "W",   "var", "VA",  "Hz",  "%",
                                                 "Wh", "varh", "VAh", "s",   "deg", "degC"};

/// kWh is Wh a thousand times; what begins like a prefix and is a unit itself has none.
Prefix own_prefix(std::string_view unit) {
    for (const Prefix& prefix : prefixes)
        if (unit.starts_with(prefix.sign) &&
            std::find(bases.begin(), bases.end(), unit.substr(prefix.sign.size())) != bases.end())
            return prefix;
    return prefixes[0];
}

/// Where the number ends.
std::size_t number_end(std::string_view text) {
    const std::size_t end = text.find_first_not_of("0123456789+-.eE");
    return end == std::string_view::npos ? text.size() : end;
}

} // namespace

std::optional<double> read_amount(std::string_view text, std::string_view unit, Fault& fault) {
    const auto fail = [&] {
        fault = {fmt::format("\"{}\" is no amount{}{}", text, unit.empty() ? "" : " in ", unit),
                 unit.empty() ? std::string{"write a number without a unit"}
                              : fmt::format("write \"{} {}\"", unit == "V" ? "230" : "12", unit)};
        return std::nullopt;
    };
    // "1 kWh": an e of a unit follows a blank.
    const std::size_t end = std::min(number_end(text), text.find(' '));
    const auto number = read_number(text.substr(0, end));
    if (!number)
        return fail();
    std::string_view rest = text.substr(end);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (rest.empty() || rest == unit)
        return *number;
    const Prefix own = own_prefix(unit);
    const std::string_view base = unit.substr(own.sign.size());
    for (const Prefix& prefix : prefixes)
        if (!base.empty() && base != "%" && base != "deg" && base != "degC" &&
            rest == std::string{prefix.sign} + std::string{base})
            return *number * prefix.factor / own.factor;
    return fail();
}

bool is_unit(std::string_view unit) {
    const std::string_view base = unit.substr(own_prefix(unit).sign.size());
    return std::find(bases.begin(), bases.end(), base) != bases.end();
}

std::optional<double> unit_factor(std::string_view from, std::string_view to) {
    const Prefix of_from = own_prefix(from);
    const Prefix of_to = own_prefix(to);
    if (from.substr(of_from.sign.size()) != to.substr(of_to.sign.size()))
        return std::nullopt;
    return of_from.factor / of_to.factor;
}

double Tolerance::around(double expected) const {
    return std::max(absolute, relative * std::abs(expected));
}

std::optional<Tolerance> read_tolerance(std::string_view text, std::string_view unit,
                                        Fault& fault) {
    Tolerance tolerance;
    if (text.ends_with('%')) {
        const auto percent = read_amount(text, "%", fault);
        if (!percent)
            return std::nullopt;
        tolerance.relative = *percent / 100;
    } else {
        const auto amount = read_amount(text, unit, fault);
        if (!amount)
            return std::nullopt;
        tolerance.absolute = *amount;
    }
    if (tolerance.absolute < 0 || tolerance.relative < 0) {
        fault = {fmt::format("\"{}\" is less than nothing", text), "write \"0.1 %\" or \"0.5 V\""};
        return std::nullopt;
    }
    return tolerance;
}

std::string amount_text(double value, std::string_view unit) {
    return fmt::format("{:.7g}{}{}", value, unit.empty() ? "" : " ", unit);
}

} // namespace kpmsim
