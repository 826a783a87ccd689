#include "verification/shown_frequency.hpp"

#include <chrono>
#include <cmath>

namespace kpmsim {

namespace {

using namespace std::chrono_literals;

constexpr SimDuration interval = 10s;
constexpr SimTime begin{3s}; ///< the clock stands by then

SimDuration from_seconds(double s) { return SimDuration{std::llround(s * 1e9)}; }

Disturbance level(double factor, double start_s, double length_s) {
    Disturbance d;
    d.kind = DisturbanceKind::level;
    d.factor = factor;
    d.start = begin + from_seconds(start_s);
    d.length = from_seconds(length_s);
    return d;
}

std::vector<ShownFrequency> measured(const SupplySpec& spec, double part_of_scale,
                                     double converter_noise, const Draw& draw) {
    MeteringConfig config = converter({}, spec.f_hz, Mode::clean, spec.u_v / part_of_scale, 1);
    for (AdcChannel& adc : config.adc)
        adc.noise_rms = converter_noise;
    Rig rig{spec, {}, config, {}, draw, "shown"};
    std::vector<ShownFrequency> shown;
    while (rig.lock.next().start < begin + interval) {
        rig.step({});
        if (rig.window.window.start >= begin)
            shown.push_back({rig.window.window, rig.shown()[Slot::f]});
    }
    return shown;
}

} // namespace

std::vector<ShownFrequency> shown_frequency(const IntervalWave& wave, double f_hz,
                                            double converter_noise, Draw& draw,
                                            std::vector<SimTime>& changes) {
    SupplySpec spec;
    spec.f_hz = f_hz;
    const bool tones = !wave.tones.empty();
    for (int h = 2; h <= max_harmonic && wave.harmonics && !tones; ++h)
        spec.harmonics.push_back({h, (h % 2 != 0 ? 0.25 : 0.02) / h, draw.between(0, 360)});
    for (const std::vector<double>& tone : wave.tones)
        spec.interharmonics.push_back({tone[0] * f_hz, tone[1], tone[2]});
    if (wave.noise_db < 0) {
        spec.noise_v = spec.u_v * std::pow(10, wave.noise_db / 20);
        converter_noise = 0;
    }
    if (wave.changes > 0) {
        Disturbance d;
        d.kind = DisturbanceKind::flicker_square;
        d.hz = flicker_hz(wave.changes);
        d.depth = wave.depth;
        d.start = SimTime{} + from_seconds(draw.between(0, 2));
        d.length = for_good;
        spec.disturbances.push_back(d);
    }
    if (wave.dips) {
        spec.disturbances = {level(0.1, draw.between(1, 4), draw.between(0.01, 1)),
                             level(0, draw.between(5.5, 8.5), draw.between(0.01, 0.5))};
        for (const Disturbance& d : spec.disturbances) {
            changes.push_back(d.start);
            changes.push_back(d.start + d.length);
        }
    }
    return measured(spec, wave.harmonics || tones ? 0.6 : 0.9, converter_noise, draw);
}

std::vector<ShownFrequency> shown_ramp(double f_hz, double slope, double converter_noise,
                                       Draw& draw, SimTime& ramp) {
    SupplySpec spec;
    spec.f_hz = f_hz;
    Disturbance d;
    d.kind = DisturbanceKind::frequency;
    d.start = ramp = begin + from_seconds(draw.between(0, 1));
    d.hz = 10 * slope;
    d.edge = 10s;
    d.length = for_good;
    spec.disturbances = {d};
    return measured(spec, 0.9, converter_noise, draw);
}

} // namespace kpmsim
