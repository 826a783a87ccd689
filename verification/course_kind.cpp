// When, within a window, a part of its energy has come: what moments of pulses go by.
//
// Sines of unlike phases, so that the power swings; on paper the course of u i, or of u a quarter of a
// period before times i, is added up in steps of a hundredth of a row. The circuit is any of four: the others
// have less current at other angles, and their sensors are the other way round.
//
//   active, reactive   what had come on paper by the meter's moment, less that part, or by any moment
//                      before it more than that, in rows of the greatest power
//   folded             1 where a window of which there is one cycle alone is given a moment
#include "sim/energy_course.hpp"
#include "verification/source.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

namespace kpmsim {

namespace {

constexpr int steps_per_row = 100;

struct Case {
    Source source;
    Wiring wiring{Wiring::p4l};
};

/// Rms phasors of one product, and how it counts.
struct Product {
    std::complex<double> u, i;
    double sign{1};
};

std::vector<Product> products(const Case& c, const Drawn& d, unsigned reversed) {
    const auto sign = [&](unsigned phase) { return (reversed >> phase & 1) != 0 ? -1.0 : 1.0; };
    if (c.wiring == Wiring::p4l)
        return {{d.u[0][1], d.i[0][1], sign(0)},
                {d.u[1][1], d.i[1][1], sign(1)},
                {d.u[2][1], d.i[2][1], sign(2)}};
    return {{d.u[0][1] - d.u[1][1], d.i[0][1], sign(0)},
            {d.u[2][1] - d.u[1][1], d.i[2][1], sign(2)}};
}

/// By how much more or less than `part` of the window's energy had come at a moment, or more at any
/// before it, in rows of the greatest power. `moment` in rows.
double off_course(const std::vector<Product>& of, const SupplyWindow& window, double back_turns,
                  double part, double moment) {
    const int rows = window.window.samples();
    const auto steps = static_cast<std::size_t>(rows * steps_per_row);
    const double start = window.start_phase.turns();
    std::vector<double> course(steps + 1);
    double greatest = 0;
    for (std::size_t n = 0; n < steps; ++n) {
        const double turns =
            start + (static_cast<double>(n) + 0.5) / steps_per_row / samples_per_cycle;
        const auto now = std::polar(1.0, 2 * std::numbers::pi * turns);
        const auto before = std::polar(1.0, 2 * std::numbers::pi * (turns - back_turns));
        double power = 0;
        for (const Product& p : of)
            power += p.sign * (p.u * before).imag() * (p.i * now).imag();
        course[n + 1] = course[n] + power / steps_per_row;
        greatest = std::max(greatest, std::abs(power));
    }
    const double sign = course.back() < 0 ? -1 : 1;
    const double target = part * std::abs(course.back());
    const auto at = std::min(static_cast<std::size_t>(std::lround(moment * steps_per_row)), steps);
    double off = std::abs(sign * course[at] - target);
    for (std::size_t n = 0; n < at; ++n)
        off = std::max(off, sign * course[n] - target);
    return off / greatest;
}

/// A settled meter of four circuits, of which `circuit` has the drawn currents.
Rig among_others(const Drawn& d, const WiringSpec& wiring, std::size_t circuit, Mode mode,
                 const Draw& draw) {
    MeteringConfig config = converter(wiring, d.f_hz, mode, d.full_u_v, d.full_i_a);
    config.circuits = max_circuits;
    std::array<PhaseSpectra, max_circuits> currents;
    for (std::size_t n = 0; n < currents.size(); ++n)
        for (std::size_t phase = 0; phase < 3; ++phase)
            currents[n][phase] = n == circuit
                                     ? d.i[phase]
                                     : turned(d.i[phase], 0.2 + 0.15 * static_cast<double>(n),
                                              70.0 * static_cast<double>(n + phase));
    Rig rig{d.supply, wiring, config, told(wiring), draw};
    for (int n = 0; n <= settling_windows; ++n) {
        rig.open();
        d.into(rig.window);
        rig.close(currents, {});
    }
    return rig;
}

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const Drawn d = draw_source(c.source, draw);
    WiringSpec wiring;
    wiring.mode = c.wiring;
    const auto circuit = static_cast<std::size_t>(draw.between(0, max_circuits));
    Rig rig = among_others(d, wiring, circuit, mode, draw);
    std::vector<double> data;
    const SampleBlock block = unfolded(rig.block, data);
    MeteringSettings settings = told(wiring);
    const auto reversed = static_cast<std::uint8_t>(draw.between(0, 8));
    settings.reversed.fill(static_cast<std::uint8_t>(~reversed & 7));
    settings.reversed[circuit] = reversed;
    for (const bool reactive : {false, true}) {
        const MeteredProducts of =
            metered_products(rig.metering.config(), settings, static_cast<int>(circuit), reactive);
        const double part = draw.between(0.02, 0.98);
        const auto shown = time_of_part(block, of, part);
        const double row_s = seconds(block.window.length) / block.window.samples();
        errors.add(reactive ? "reactive" : "active",
                   shown ? off_course(products(c, d, reversed), rig.window, reactive ? 0.25 : 0,
                                      part, seconds(*shown) / row_s)
                         : std::nan(""));
        if (rig.block.rows < block.rows)
            errors.add("folded", time_of_part(rig.block, of, part) ? 1 : 0);
    }
}

} // namespace

Run course_kind(TomlTable& signal) {
    Case c;
    take(signal, c.source);
    c.wiring = take_wiring(signal);
    return [c](Draw draw, Mode mode, Errors& errors) { run(c, draw, mode, errors); };
}

} // namespace kpmsim
