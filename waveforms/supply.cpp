#include "waveforms/supply.hpp"

#include "waveforms/sine.hpp"

#include <cmath>
#include <cstdlib>
#include <utility>

namespace kpmsim {
namespace {

// Phase is a 64-bit fraction of a turn. One nanosecond advances it by the integer
//     step = round(f 2^64 / 1e9),
// a window by step * length, in integers: nothing is rounded after the step, so nothing drifts, and
// overflow is the wrap. The step's own rounding, 2^-65 turn a nanosecond, moves f by less than
// 3e-11 Hz; the window carries the f that the step means.
using Wide = __int128;

std::int64_t step_of(double f_hz) { return std::llround(f_hz * (0x1p64 / 1e9)); }
double hertz_of(std::int64_t step) { return static_cast<double>(step) * (1e9 * 0x1p-64); }

Turn advance(std::int64_t step, SimDuration by) {
    return {static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(by.count())};
}

/// Whole turns in `turned` (2^64 = one), to the nearest.
int whole_turns(Wide turned) { return static_cast<int>((turned + (Wide{1} << 63)) >> 64); }

void add_harmonics(const std::vector<Harmonic>& list, std::complex<double> own_phase,
                   double fundamental_v, Spectrum& u) {
    for (const Harmonic& h : list) {
        if (h.order < 2 || h.order >= Spectrum::orders)
            continue;
        std::complex<double> turned = phasor(turn_of_degrees(h.angle_deg));
        for (int k = 0; k < h.order; ++k)
            turned *= own_phase;
        u[h.order] += fundamental_v * h.fraction * turned;
    }
}

} // namespace

bool SupplyWindow::coherent() const {
    constexpr std::int64_t limit = std::int64_t{1} << 40; // 2^-24 turn over the whole window
    return turns == window.cycles && slip > -limit && slip < limit && interharmonics.empty() &&
           noise_v == 0.0;
}

Supply::Supply(SupplySpec spec, Random stream)
    : spec_{std::move(spec)}, stream_{stream}, u_drift_{spec_.u_drift,
                                                        Random{stream.key(), "u drift"}},
      f_drift_{spec_.f_drift, Random{stream.key(), "f drift"}} {}

SupplyWindow Supply::through(const Window& window) {
    const std::int64_t step = step_of(spec_.f_hz + f_drift_.at(window.start));
    const double level_v = spec_.u_v * (1.0 + u_drift_.at(window.start));
    const Wide turned = Wide{step} * window.length.count();

    SupplyWindow out;
    out.window = window;
    out.start_phase = phase_ + advance(step, window.start - reached_);
    out.turns = whole_turns(turned);
    out.slip = static_cast<std::int64_t>(turned - (Wide{out.turns} << 64));
    out.f_hz = hertz_of(step);
    for (std::size_t p = 0; p < 3; ++p) {
        const std::complex<double> own_phase = phasor(turn_of_degrees(spec_.angle_deg[p]));
        const double u1_v = level_v * spec_.magnitude[p];
        Spectrum& u = out.u[p];
        u[0] = spec_.dc_v;
        u[1] = u1_v * own_phase;
        add_harmonics(spec_.harmonics, own_phase, u1_v, u);
        add_harmonics(spec_.phase_harmonics[p], own_phase, u1_v, u);
        out.tone_factor[p] = spec_.magnitude[p] * own_phase;
    }
    for (const Interharmonic& tone : spec_.interharmonics) {
        const Turn at_start = advance(step_of(tone.hz), window.start.time_since_epoch());
        out.interharmonics.push_back({hertz_of(step_of(tone.hz)), level_v * tone.fraction,
                                      tone.angle_deg + 360.0 * at_start.turns()});
    }
    out.noise_v = spec_.noise_v;
    out.first_sample = samples_;

    phase_ = out.start_phase + advance(step, window.length);
    reached_ = window.end();
    samples_ += static_cast<std::uint64_t>(window.samples());
    return out;
}

} // namespace kpmsim
