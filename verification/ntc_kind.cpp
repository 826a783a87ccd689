// Temperature inputs.
//
//   T         a sensor's own resistance read again, °C; through 12 bits in adc
//   table     what a resistance from a table means, °C
//   broken    1 where an open or a shorted input has a temperature, or one a code from there has none
//   sensor    a sensor whose resistance is 1 % off, °C; through 12 bits in adc
#include "sim/ntc.hpp"
#include "verification/kind.hpp"

#include <cmath>
#include <utility>

namespace kpmsim {

namespace {

struct Case {
    Parameter celsius{25.0};
    double tolerance{0.01};
    std::vector<std::vector<double>> table; ///< °C and ohm
};

/// What an input makes of a resistance.
double read_celsius(const Ntc& sensor, double ohm, Mode mode) {
    if (mode == Mode::clean)
        return sensor.celsius(ohm);
    const RatioConverter converter;
    const auto seen = converter.resistance_ohm(converter.code(ohm));
    return seen ? sensor.celsius(*seen) : std::nan("");
}

/// What a meter shows of a sensor at t that is off by a part of its resistance.
double shown_celsius(const Ntc& sensor, double t, double off, Mode mode) {
    if (mode == Mode::clean)
        return sensor.celsius(sensor.resistance_ohm(t) * (1 + off));
    return measured_celsius(sensor, RatioConverter{}, t, off).value_or(std::nan(""));
}

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const Ntc sensor;
    const double t = draw(c.celsius);
    const double ohm = sensor.resistance_ohm(t);
    errors.add("T", read_celsius(sensor, ohm, mode) - t);
    const double off = draw.setup() % 2 == 0 ? c.tolerance : -c.tolerance;
    errors.add("sensor", shown_celsius(sensor, t, off, mode) - t);
    const RatioConverter converter;
    const int most = (1 << 12) - 1;
    for (const auto& [code, works] :
         {std::pair{0, false}, {1, true}, {most - 1, true}, {most, false}})
        errors.add("broken", converter.resistance_ohm(code).has_value() == works ? 0 : 1);
    for (const auto& [at_ohm, code] : {std::pair{1e-3, 0}, {1e9, most}})
        errors.add("broken", converter.code(at_ohm) == code ? 0 : 1);
    for (const double nothing :
         {-200.0, 2000.0}) // no different from an input that is open or shorted
        errors.add("broken", measured_celsius(sensor, converter, nothing, 0).has_value() ? 1 : 0);
    if (!c.table.empty()) {
        const auto& point = c.table[static_cast<std::size_t>(draw.setup()) % c.table.size()];
        errors.add("table", read_celsius(sensor, point[1], mode) - point[0]);
    }
}

} // namespace

Run ntc_kind(TomlTable& signal) {
    Case c;
    take(signal, "celsius", c.celsius);
    c.tolerance = signal.number("tolerance").value_or(c.tolerance);
    c.table = number_lists(signal, "table", 2);
    return [c](Draw draw, Mode mode, Errors& errors) { run(c, draw, mode, errors); };
}

} // namespace kpmsim
