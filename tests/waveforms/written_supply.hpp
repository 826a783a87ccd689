#pragma once

#include "waveforms/phase_step.hpp"
#include "waveforms/supply.hpp"

#include <cmath>
#include <cstddef>

namespace kpmsim::test {

/// A supply's voltage as its description has it, in long doubles from the specification alone: the
/// frequency integrated, the levels multiplied, the rest added. No drift, noise or notches.
struct WrittenSupply {
    static constexpr long double pi = 3.14159265358979323846264338327950288L;
    SupplySpec spec;

    static long double since(SimTime from, SimTime window, long double ns) {
        return (static_cast<long double>((window - from).count()) + ns) * 1e-9L;
    }
    static long double of(SimDuration d) { return static_cast<long double>(d.count()) * 1e-9L; }
    /// The frequency that the integer step means.
    static long double meant(double hz) {
        return static_cast<long double>(step_of(hz)) * (1e9L * 0x1p-64L);
    }

    /// Integral of the trapezoid from 0 to t.
    static long double area(const Disturbance& d, long double t) {
        const long double edge = of(d.edge), length = of(d.length);
        const auto rise = [&](long double x) {
            return x <= 0 ? 0 : x < edge ? x * x / (2 * edge) : x - edge / 2;
        };
        return rise(t) - rise(t - length);
    }
    static long double height(const Disturbance& d, long double t) {
        const long double edge = of(d.edge), length = of(d.length);
        const auto rise = [&](long double x) { return x < 0 ? 0.0L : x < edge ? x / edge : 1.0L; };
        return rise(t) - rise(t - length);
    }

    /// Turns of phase a since SimTime{}, `ns` after `window`.
    long double turns(SimTime window, long double ns) const {
        long double sum = meant(spec.f_hz) * since(SimTime{}, window, ns);
        for (const Disturbance& d : spec.disturbances)
            if (d.kind == DisturbanceKind::frequency)
                sum += meant(d.hz) * area(d, since(d.start, window, ns));
        return sum;
    }

    long double volts(std::size_t phase, SimTime window, long double ns) const {
        long double level = 1, added = 0, jump = 0;
        for (const Disturbance& d : spec.disturbances) {
            const long double t = since(d.start, window, ns);
            const long double sine = std::sin(2 * pi * meant(d.hz) * t);
            if (!d.phases[phase])
                continue;
            if (d.kind == DisturbanceKind::level)
                level *= 1 + (d.factor - 1.0L) * height(d, t);
            if (t < 0 || t >= of(d.length))
                continue;
            if (d.kind == DisturbanceKind::flicker_sine)
                level *= 1 + d.depth / 2.0L * sine;
            if (d.kind == DisturbanceKind::flicker_square)
                level *= 1 + (std::fmod(meant(d.hz) * t, 1.0L) < 0.5L ? 0.5L : -0.5L) * d.depth;
            if (d.kind == DisturbanceKind::phase_jump)
                jump += d.angle_deg;
            if (d.kind == DisturbanceKind::oscillation)
                added += d.volts * std::exp(-t / of(d.decay)) * sine;
            if (d.kind == DisturbanceKind::impulse)
                added += d.volts * (std::exp(-t / of(d.decay)) - std::exp(-t / of(d.front)));
        }
        const long double own =
            2 * pi * (turns(window, ns) + (spec.angle_deg[phase] + jump) / 360.0L);
        const long double root2 = std::sqrt(2.0L);
        long double x = std::sin(own);
        for (const Harmonic& h : spec.harmonics)
            x += h.fraction * std::sin(h.order * own + h.angle_deg * pi / 180);
        for (const Interharmonic& h : spec.interharmonics)
            x += h.fraction * std::sin(2 * pi *
                                       (meant(h.hz) * since(SimTime{}, window, ns) +
                                        (h.angle_deg + spec.angle_deg[phase]) / 360.0L));
        x *= root2 * spec.u_v * spec.magnitude[phase];
        return level * (x + spec.dc_v) + added;
    }
    /// Row n of a window.
    long double row(std::size_t phase, const Window& window, int n) const {
        return volts(phase, window.start,
                     static_cast<long double>(window.length.count()) * n / window.samples());
    }
};

} // namespace kpmsim::test
