#include "files/units.hpp"

#include "files/number.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace kpmsim {
namespace {

struct Kind {
    Unit unit;
    std::string_view name;
    std::string_view with_article;
    std::string_view example;
};
constexpr std::array kinds{
    Kind{Unit::volt, "voltage", "a voltage", "230 V"},
    Kind{Unit::ampere, "current", "a current", "16 A"},
    Kind{Unit::watt, "power", "a power", "12 kW"},
    Kind{Unit::var, "reactive power", "a reactive power", "3 kvar"},
    Kind{Unit::volt_ampere, "apparent power", "an apparent power", "12 kVA"},
    Kind{Unit::hertz, "frequency", "a frequency", "50 Hz"},
    Kind{Unit::second, "time", "a time", "30 s"},
    Kind{Unit::degree, "angle", "an angle", "120 deg"},
    Kind{Unit::fraction, "ratio", "a ratio", "2.5 %"},
    Kind{Unit::celsius, "temperature", "a temperature", "25 degC"},
};

/// SI = written * times / by: a power of ten below one is divided by, which rounds once.
struct Symbol {
    std::string_view text;
    Unit unit;
    double times;
    double by;
};
constexpr std::array symbols{
    Symbol{"V", Unit::volt, 1, 1},
    Symbol{"kV", Unit::volt, 1e3, 1},
    Symbol{"mV", Unit::volt, 1, 1e3},
    Symbol{"A", Unit::ampere, 1, 1},
    Symbol{"mA", Unit::ampere, 1, 1e3},
    Symbol{"kA", Unit::ampere, 1e3, 1},
    Symbol{"W", Unit::watt, 1, 1},
    Symbol{"kW", Unit::watt, 1e3, 1},
    Symbol{"MW", Unit::watt, 1e6, 1},
    Symbol{"var", Unit::var, 1, 1},
    Symbol{"kvar", Unit::var, 1e3, 1},
    Symbol{"VA", Unit::volt_ampere, 1, 1},
    Symbol{"kVA", Unit::volt_ampere, 1e3, 1},
    Symbol{"Hz", Unit::hertz, 1, 1},
    Symbol{"mHz", Unit::hertz, 1, 1e3},
    Symbol{"s", Unit::second, 1, 1},
    Symbol{"ms", Unit::second, 1, 1e3},
    Symbol{"us", Unit::second, 1, 1e6},
    Symbol{"min", Unit::second, 60, 1},
    Symbol{"m", Unit::second, 60, 1}, // nobody here writes metres
    Symbol{"h", Unit::second, 3600, 1},
    Symbol{"d", Unit::second, 86400, 1},
    Symbol{"deg", Unit::degree, 1, 1},
    Symbol{"%", Unit::fraction, 1, 100},
    Symbol{"degC", Unit::celsius, 1, 1},
};

const Kind& kind_of(Unit unit) {
    for (const Kind& kind : kinds)
        if (kind.unit == unit)
            return kind;
    return kinds.front();
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

} // namespace

std::optional<double> parse_quantity(std::string_view text, Unit unit, std::string& why) {
    const Kind& wanted = kind_of(unit);
    const auto fail = [&](std::string_view fault) {
        why = '"';
        why += text;
        why += "\" ";
        why += fault;
        why += "; write ";
        why += wanted.with_article;
        why += " such as \"";
        why += wanted.example;
        why += '"';
        return std::nullopt;
    };

    const std::string_view rest = without_plus(trimmed(text));
    double written = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), written);
    if (error == std::errc::invalid_argument)
        return fail("does not begin with a number");
    constexpr std::string_view beyond = "is beyond any number that a meter could meet";
    if (error != std::errc{} || !std::isfinite(written))
        return fail(beyond);
    const std::string_view symbol =
        trimmed(rest.substr(static_cast<std::size_t>(end - rest.data())));
    if (symbol.empty())
        return fail("lacks its unit");
    if (symbol.front() == ',')
        return fail("has a comma in its number, where a point belongs");
    for (const Symbol& known : symbols) {
        if (known.text != symbol)
            continue;
        if (known.unit != unit)
            return fail("is " + std::string{kind_of(known.unit).with_article});
        const double value = written * known.times / known.by;
        if (!std::isfinite(value))
            return fail(beyond);
        return value;
    }
    return fail("has the unknown unit " + std::string{symbol});
}

std::string quantity_text(double si, Unit unit) {
    for (const Symbol& symbol : symbols)
        if (symbol.unit == unit && (symbol.times == symbol.by || unit == Unit::fraction))
            return number_text(si * symbol.by / symbol.times) + ' ' + std::string{symbol.text};
    return number_text(si);
}

std::string_view name_of(Unit unit) { return kind_of(unit).name; }
std::string_view example_of(Unit unit) { return kind_of(unit).example; }

} // namespace kpmsim
