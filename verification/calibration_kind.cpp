// A bad meter on a calibration bench: errors of gain, phase, offset and skew on all six channels,
// two points, trims; then other currents, angles and waves at the trimmed meter.
//
//   U, I     residual, of reading
//   P, Q     residual, of S; "P of reading"
#include "sim/calibration.hpp"
#include "verification/source.hpp"

#include <cmath>
#include <numbers>
#include <string>

namespace kpmsim {

namespace {

constexpr double pi = std::numbers::pi;

struct Case {
    Source source;
    Parameter gain{0.0};      ///< of each channel, fraction
    Parameter phase_deg{0.0}; ///< of each channel
    Parameter offset{0.0};    ///< of each channel, of full scale
    Parameter skew_us{0.0};   ///< by which each channel is sampled later
    int windows{10};          ///< of a reading
};

struct Seen {
    Readings got, right;
};

/// Means over some windows; only what adds up is used of them.
Seen seen(const Drawn& d, const MeteringConfig& config, int windows, const Draw& draw,
          const std::string& noise) {
    const WiringSpec wiring;
    Rig rig{d.supply, wiring, config, told(wiring), draw, noise};
    Seen sum;
    for (int n = 0; n < settling_windows + windows; ++n) {
        rig.open();
        d.into(rig.window);
        rig.close(d.i);
        if (n < settling_windows)
            continue;
        const Readings right = rig.right();
        for (std::size_t k = 0; k < reading_slots; ++k) {
            sum.got.value[k] += rig.shown().value[k] / windows;
            sum.right.value[k] += right.value[k] / windows;
        }
    }
    return sum;
}

CalibrationPoint point(const Seen& at, int phase) {
    CalibrationPoint p;
    p.u_v = at.right[slot_at(Slot::u_a, phase)];
    p.i_a = at.right[slot_at(Slot::i_a, phase)];
    p.p_w = at.right[slot_at(Slot::p_a, phase)];
    p.read_u_v = at.got[slot_at(Slot::u_a, phase)];
    p.read_i_a = at.got[slot_at(Slot::i_a, phase)];
    p.read_p_w = at.got[slot_at(Slot::p_a, phase)];
    return p;
}

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    Source bench = c.source;
    bench.f = Parameter{draw(c.source.f)}; // a skew is an angle at one frequency only
    bench.i_shape = bench.u_shape = "sine";
    bench.i = Parameter{1.0};
    bench.angle_deg = Parameter{0.0};
    const Drawn pf_1 = draw_source(bench, draw);
    bench.angle_deg = Parameter{60.0};
    const Drawn pf_half = draw_source(bench, draw);

    MeteringConfig config = converter({}, pf_1.f_hz, mode, pf_1.full_u_v, pf_1.full_i_a);
    for (std::size_t n = 0; n < 6; ++n) {
        config.adc[n].gain_error = draw(c.gain);
        config.adc[n].offset = draw(c.offset);
        config.adc[n].phase_error_rad =
            draw(c.phase_deg) * pi / 180 + 2 * pi * pf_1.f_hz * draw(c.skew_us) * 1e-6;
    }
    const Seen one = seen(pf_1, config, c.windows, draw, "pf 1");
    const Seen half = seen(pf_half, config, c.windows, draw, "pf 0.5");
    for (int p = 0; p < 3; ++p) {
        const auto k = static_cast<std::size_t>(p);
        apply(calibrate(point(one, p), point(half, p)), config.adc[k], config.adc[3 + k]);
    }

    Source other = c.source;
    other.f = bench.f;
    const Drawn d = draw_source(other, draw);
    const Seen after = seen(d, config, c.windows, draw, "after");
    for (int p = 0; p < 3; ++p) {
        const auto off = [&](Slot s) {
            return after.got[slot_at(s, p)] - after.right[slot_at(s, p)];
        };
        errors.add("U", off(Slot::u_a) / after.right[slot_at(Slot::u_a, p)]);
        errors.add("I", off(Slot::i_a) / after.right[slot_at(Slot::i_a, p)]);
        errors.add("P", off(Slot::p_a) / after.right[slot_at(Slot::s_a, p)]);
        errors.add("P of reading", off(Slot::p_a) / std::abs(after.right[slot_at(Slot::p_a, p)]));
        errors.add("Q", off(Slot::q_a) / after.right[slot_at(Slot::s_a, p)]);
    }
}

} // namespace

Run calibration_kind(TomlTable& signal) {
    Case c;
    take(signal, c.source);
    take(signal, "gain", c.gain);
    take(signal, "phase", c.phase_deg);
    take(signal, "offset", c.offset);
    take(signal, "skew_us", c.skew_us);
    c.windows = static_cast<int>(signal.integer("windows", 1, 1000).value_or(c.windows));
    return [c](Draw draw, Mode mode, Errors& errors) { run(c, draw, mode, errors); };
}

} // namespace kpmsim
