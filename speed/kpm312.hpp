#pragma once

#include "sim/lock.hpp"
#include "sim/metering.hpp"
#include "waveforms/load.hpp"
#include "waveforms/supply.hpp"
#include "waveforms/terminals.hpp"

#include <array>
#include <vector>

namespace kpmsim {

/// One window of 10 cycles at 50 Hz, of a meter's life.
inline constexpr double window_s = 0.2;
/// 101 dB below a full-scale sine (data sheet of the ADE9000), rms as a fraction of full scale.
extern const double ade9000_noise;

/// Orders 2 to 31, order h with size / h of the fundamental.
std::vector<Harmonic> thirty_harmonics(double size);

/// The converter and metering of a KPM312: 15 channels, noise on.
MeteringConfig kpm312_config();
/// One of them, with a noise of its own.
Metering make_kpm312(int number);

/// One supply with its sample clock, as all its meters see it: 30 harmonics, steady or with U and f
/// wandering, so that no two cycles are alike.
struct Grid {
    explicit Grid(bool drifting);
    void next() { window = supply.through(lock.next()); }

    Supply supply;
    SampleLock lock{50};
    SupplyWindow window;
};

/// What a meter of a farm does in a window, for one thread: loads with 30 harmonics, leads,
/// converter, metering.
struct Bay {
    Bay();
    void meter(const Grid& grid, Metering& metering);

    std::vector<Load> loads;
    std::array<PhaseSpectra, max_circuits> drawn;
    WiringSpec wiring;
    std::vector<double> data;
    SampleBlock block;
};

/// One KPM312 on a grid of its own.
struct Pipeline {
    explicit Pipeline(bool drifting);
    /// Meters a window and returns its P, W.
    double window();

    Grid grid;
    Bay bay;
    Metering metering;
};

/// Many on one grid, window after window, as one thread of a farm takes them.
struct Row {
    Row(int meters, bool drifting);
    /// Meters a window of each and returns the last one's P, W.
    double window();

    Grid grid;
    Bay bay;
    std::vector<Metering> meters;
};

} // namespace kpmsim
