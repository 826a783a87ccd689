// The residual current input: three loads and a neutral that brings back all of them but the leak.
//
//   I        the leak's rms, fundamental and 3rd, of 1 A
//   clipped  samples beyond full scale in all windows, less those of the rows at the input that are
//   noise    deviation of I from window to window over that of a mean square of N samples, s / sqrt N,
//            less 1
#include "sim/residual_current.hpp"
#include "verification/kind.hpp"

#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace kpmsim {

namespace {

constexpr double two_pi = 2 * std::numbers::pi;

struct Case {
    Parameter leak_a{0.5};  ///< rms of the leak's fundamental
    Parameter third{0.2};   ///< of it
    Parameter load_a{20.0}; ///< rms of each phase's load
    Parameter f{50.0};
    Parameter offset{0.0}; ///< of the input's full scale; no current has a mean
    int windows{1};
};

/// Fundamental and 3rd as rms phasors.
using Current = std::array<std::complex<double>, 2>;

double at(const Current& i, double turns) {
    return std::numbers::sqrt2 * ((i[0] * std::polar(1.0, two_pi * turns)).real() +
                                  (i[1] * std::polar(1.0, two_pi * 3 * turns)).real());
}

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const auto some = [&](double rms, double third) {
        const double first_at = draw.between(0, two_pi);
        return Current{std::polar(rms, first_at), std::polar(rms * third, draw.between(0, two_pi))};
    };
    const double rms = draw(c.leak_a);
    const double third = draw(c.third);
    const Current leak = some(rms, third);
    std::array<Current, 4> conductor;
    for (std::size_t p = 0; p < 3; ++p) {
        const double load = draw(c.load_a);
        conductor[p] = some(load, 0.3);
    }
    for (std::size_t n = 0; n < 2; ++n)
        conductor[3][n] = leak[n] - conductor[0][n] - conductor[1][n] - conductor[2][n];
    ResidualInput input;
    input.adc.noise_rms = noise_of(mode);
    input.adc.offset = draw(c.offset);
    ResidualMeter meter{input, draw.stream("converter")};
    std::array<double, max_samples_per_window> rows{};
    SampleBlock block;
    block.window.length = SimDuration{std::llround(10e9 / draw(c.f))};
    block.channels = 1;
    block.rows = block.window.samples();
    block.data = rows;
    double beyond = 0;
    for (int n = 0; n < block.rows; ++n) {
        double sum = 0;
        for (const Current& i : conductor)
            sum += at(i, static_cast<double>(n % samples_per_cycle) / samples_per_cycle);
        const double x = sum / input.full_primary_a();
        rows[static_cast<std::size_t>(n)] = x;
        beyond += std::abs(x) > 1 ? 1 : 0;
    }
    const double right = rms * std::hypot(1, third);
    double sum = 0;
    double square = 0;
    for (int n = 0; n < c.windows; ++n) {
        const double off = meter.push(block, 0) - right;
        errors.add("I", off);
        sum += off;
        square += off * off;
        block.window.start = block.window.end();
    }
    errors.add("clipped", static_cast<double>(meter.clipped()) - c.windows * beyond);
    const double of_window =
        noise_of(mode) * input.full_primary_a() / std::sqrt(static_cast<double>(block.rows));
    if (c.windows > 1)
        errors.add("noise",
                   std::sqrt((square - sum * sum / c.windows) / (c.windows - 1)) / of_window - 1);
}

} // namespace

Run residual_kind(TomlTable& signal) {
    Case c;
    take(signal, "leak", c.leak_a);
    take(signal, "third", c.third);
    take(signal, "load", c.load_a);
    take(signal, "f", c.f);
    take(signal, "offset", c.offset);
    c.windows = static_cast<int>(signal.integer("windows", 1, 10'000).value_or(c.windows));
    return [c](Draw draw, Mode mode, Errors& errors) { run(c, draw, mode, errors); };
}

} // namespace kpmsim
