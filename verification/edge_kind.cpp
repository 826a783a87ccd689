// Which windows may stand for others, where waves come near to the end of a converter's range.
//
// Sines through converters with gains, offsets and noise of their own, in some set-ups one of them
// coarse. Its noise ends: the sum of four bytes is at most 510 off its mean, 3.4506 deviations. A
// window may be repeated when no row can leave the range with that, be it never so unlikely; between
// 3.45 and 3.48 deviations the meter may say either, and where a wave is safe only because its taller
// side is the one that the offset leads away from.
//
//   repeatable   1 where the meter says otherwise, windows
#include "sim/meter_errors.hpp"
#include "verification/script.hpp"
#include "waveforms/terminal_sums.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

namespace {

constexpr double noise_ends = 3.45;
constexpr double noise_surely_over = 3.48;
constexpr int full_bits = 24;

struct Case {
    ScriptSpec script;
    Wiring wiring{Wiring::p4l};
    Parameter noise{0.0};  ///< rms, of full scale
    Parameter offset{0.0}; ///< of full scale
    Parameter gain{0.0};   ///< error
    Parameter bits{24.0};  ///< of the last channel's converter
};

/// The greatest that a channel's rows come to, with so many deviations of noise; `either`: whichever side the
/// offset is on.
double most_of(const SampleBlock& block, int channel, const AdcChannel& adc, double deviations,
               bool either) {
    double most = 0;
    for (const double x : block.channel(channel)) {
        const double clean = x * (1 + adc.gain_error);
        most = std::max(most, either ? std::abs(clean) + std::abs(adc.offset)
                                     : std::abs(clean + adc.offset));
    }
    return most + deviations * adc.noise_rms;
}

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    Script script{c.script, draw};
    const Drawn& d = script.source();
    WiringSpec wiring;
    wiring.mode = c.wiring;
    MeteringConfig config = converter(wiring, d.f_hz, mode, d.full_u_v, d.full_i_a);
    config.circuits = c.script.circuits;
    const int channels = config.channels().size();
    for (int n = 0; n < channels; ++n) {
        AdcChannel& adc = config.adc[static_cast<std::size_t>(n)];
        const double noise = draw(c.noise);
        adc.noise_rms = mode == Mode::clean ? 0 : noise;
        adc.offset = draw(c.offset);
        adc.gain_error = draw(c.gain);
    }
    // The converter is as coarse as the coarser one of the model's and the unit's says.
    const auto last = static_cast<std::size_t>(channels - 1);
    MeterErrors unit;
    const int bits = static_cast<int>(draw(c.bits));
    const bool of_the_unit = draw.between(0, 2) < 1;
    (of_the_unit ? unit.channel[last].bits : config.adc[last].bits) = bits;
    add_errors(unit, reference_c, config);
    const bool is_coarse = bits < full_bits;
    Rig rig{d.supply, wiring, config, told(wiring), draw};
    for (int n = 0; n < settling_windows; ++n) {
        rig.open();
        for (std::size_t p = 0; p < 3; ++p)
            rig.window.u[p] = turned(d.u[p], 0.5, 0);
        rig.close(std::vector<PhaseSpectra>(static_cast<std::size_t>(c.script.circuits)), {});
    }
    for (int n = 0; n < c.script.windows; ++n) {
        const ScriptWindow w = script.next(draw);
        rig.open();
        rig.window.u = w.u;
        rig.close(w.i, {});
        bool may = rig.block.coherent() && !is_coarse;
        bool may_not = !may;
        for (int k = 0; k < channels; ++k) {
            const AdcChannel& adc = rig.metering.config().adc[static_cast<std::size_t>(k)];
            may = may && most_of(rig.block, k, adc, noise_surely_over, true) < 1;
            may_not = may_not || most_of(rig.block, k, adc, noise_ends, false) > 1;
        }
        WindowSums sums;
        terminal_sums(rig.terminals, rig.metering.config(), rig.block.window.samples(), sums);
        const bool says = rig.metering.hold_steady(rig.block, &sums);
        errors.add("repeatable", (says && may_not) || (!says && may) ? 1 : 0);
    }
}

} // namespace

Run edge_kind(TomlTable& signal) {
    Case c;
    take(signal, c.script);
    c.wiring = take_wiring(signal);
    take(signal, "noise", c.noise);
    take(signal, "offset", c.offset);
    take(signal, "gain", c.gain);
    take(signal, "bits", c.bits);
    return [c](Draw draw, Mode mode, Errors& errors) { run(c, draw, mode, errors); };
}

} // namespace kpmsim
