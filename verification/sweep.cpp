// Limits of ours are made as those of the table are (docs/explanation/verification.md): so many
// sigmas of 24 bits, 4.3e-9 of full scale in a window, and of noise, 2.5e-7. They grow where the
// signal is small against full scale.
#include "verification/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>

namespace kpmsim {

namespace {

/// Both limits of one quantity; `standard` 0 = there is none.
std::string quantity_text(std::string_view name, std::string_view unit, double standard,
                          std::string_view whose, double clean, double adc) {
    std::string text = fmt::format("[[quantity]]\nname = \"{}\"\nunit = \"{}\"\n", name, unit);
    if (standard > 0)
        text += fmt::format("standard = {{ limit = {}, text = \"{}\" }}\n", standard, whose);
    return text + fmt::format("clean = {{ limit = {} }}\nadc = {{ limit = {} }}\n", clean, adc);
}

std::string frequency_case(double f_hz) {
    return fmt::format(R"(id = "frequency"
title = "Harmonics on U and I, full load"
clause = "IEC 61000-4-30, 6.1: 42.5 to 69 Hz"
kind = "readings"
setups = 12
[signal]
f = {}
u_shape = "en50160"
i_shape = "random"
angle = [-60, 60]
u_room = 1.6
i_room = 1.6
)",
                       f_hz) +
           quantity_text("U of Un", "of Un", 0.001, "IEC 61000-4-30 class A", 5e-8, 3e-6) +
           quantity_text("I of In", "of In", 0.002, "KPM53", 5e-8, 3e-6) +
           quantity_text("P", "of S", 0.002, "IEC 62053-22 class 0.2S", 7e-8, 4e-6) +
           quantity_text("Q", "of S", 0, "", 7e-8, 4e-6) +
           quantity_text("f", "Hz", 0.01, "IEC 61000-4-30 class A", 1e-7, 5e-6);
}

std::string current_case(double i) {
    const double class_02s = i < 0.01 ? 0 : i < 0.05 ? 0.004 : 0.002;
    return fmt::format(R"(id = "current"
title = "Sines, PF 1"
clause = "IEC 62053-22, 8.1"
kind = "readings"
setups = 20
[signal]
in = 5
i = {}
i_room = 1.02
f = [45, 65]
)",
                       i) +
           quantity_text("I", "of reading", i < 0.05 ? 0 : 0.002, "KPM53", 4e-8 / i, 1.5e-6 / i) +
           quantity_text("P", "of S", class_02s, "IEC 62053-22 class 0.2S", 3e-8 * (1 + 1 / i),
                         1.5e-6 * (1 + 1 / i));
}

std::string order_case(double order) {
    return fmt::format(R"(id = "order"
title = "One order of 10 % on U and I, the worst of all orders read"
clause = "IEC 61000-4-7, class I"
kind = "readings"
setups = 12
[signal]
u_shape = "single"
i_shape = "single"
order = {}
fraction = 0.1
f = [45, 65]
u_room = 1.6
i_room = 1.6
)",
                       order) +
           quantity_text("harmonics U", "of U1", 0.0005, "IEC 61000-4-7 class I", 5e-8, 3e-6) +
           quantity_text("harmonics I", "of I1", 0.0015, "IEC 61000-4-7 class I", 5e-8, 3e-6);
}

std::vector<double> even(double first, double last, double step) {
    std::vector<double> x;
    for (int n = 0; first + n * step <= last; ++n)
        x.push_back(first + n * step);
    return x;
}

/// Eight to a decade, from 0.001 to 1.
std::vector<double> decades() {
    std::vector<double> x;
    for (int n = -24; n <= 0; ++n)
        x.push_back(std::pow(10, n / 8.0));
    return x;
}

} // namespace

const std::vector<Sweep>& sweeps() {
    static const std::vector<Sweep> all{
        {"frequency", "Error against frequency: EN 50160's harmonics on U, random ones on I", "Hz",
         even(42.5, 69, 0.5), frequency_case},
        {"current", "Error against current: sines, PF 1, full scale at rated current", "of In",
         decades(), current_case},
        {"order", "Error of the harmonics against the order that is there", "", even(2, 31, 1),
         order_case},
    };
    return all;
}

const Sweep* find_sweep(std::string_view name) {
    const auto at = std::find_if(sweeps().begin(), sweeps().end(),
                                 [&](const Sweep& s) { return s.name == name; });
    return at == sweeps().end() ? nullptr : &*at;
}

std::vector<SweepPoint> run_sweep(const Sweep& sweep, int threads,
                                  const std::function<void(int, int)>& progress) {
    std::vector<std::string> names, texts;
    std::map<std::string, double> x_of;
    for (const double x : sweep.x) {
        names.push_back(fmt::format("{}-{:08.4f}/case.toml", sweep.name, x));
        texts.push_back(sweep.case_text(x));
        x_of[names.back().substr(0, names.back().find('/'))] = x;
    }
    std::vector<EmbeddedFile> files;
    for (std::size_t n = 0; n < names.size(); ++n)
        files.push_back({names[n], texts[n]});
    std::vector<SweepPoint> points;
    for (VerifiedRow& row : verify(load_cases(files), threads, progress)) {
        const double x = x_of.at(row.case_name);
        points.push_back({x, std::move(row)});
    }
    return points;
}

} // namespace kpmsim
