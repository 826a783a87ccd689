// Samples beyond the converter's range, and what the meter says of them.
//
// Sines, some of whose channels go beyond full scale; which follows from their amplitudes, none of
// which is nearer to it than 2 %.
//   clip_u, clip_i, clip_windows   as the catalogue's, of every circuit
//   channels                       windows with each of a circuit's channels beyond
//   repeatable                     1 where the window may stand for others and one of its samples was
//                                  beyond, or may not and none was
//   samples                        of all channels since the start, less those of the rows that were
//                                  beyond, counted at the converter's input
#include "verification/script.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

namespace {

struct Case {
    ScriptSpec script;
    Wiring wiring{Wiring::p4l};
};

constexpr double least_distance = 0.02;

bool beyond(const Spectrum& x, double full_rms) { return std::abs(x[1]) > full_rms; }

bool close(const Spectrum& x, double full_rms) {
    return std::abs(std::abs(x[1]) / full_rms - 1) < least_distance;
}

/// The spectra at a circuit's six channels.
std::array<Spectrum, 6> channels(const Case& c, const ScriptWindow& w, std::size_t circuit) {
    std::array<Spectrum, 6> out;
    for (std::size_t n = 0; n < 3; ++n) {
        out[n] = w.u[n];
        out[3 + n] = w.i[circuit][n];
    }
    if (c.wiring == Wiring::one_phase)
        out[1] = out[2] = out[4] = out[5] = {};
    else if (c.wiring != Wiring::p4l) {
        for (int h = 0; h < Spectrum::orders; ++h) {
            out[0][h] -= w.u[1][h];
            out[2][h] -= w.u[1][h];
        }
        out[1] = {};
    }
    if (c.wiring == Wiring::p3l2)
        out[4] = {};
    return out;
}

std::int64_t samples_beyond(const SampleBlock& block) {
    std::int64_t count = 0;
    for (int c = 0; c < block.channels; ++c)
        for (const double x : block.channel(c))
            count += std::abs(x) > 1 ? block.window.samples() / block.rows : 0;
    return count;
}

void run(const Case& c, Draw draw, Errors& errors) {
    Script script{c.script, draw};
    const Drawn& d = script.source();
    WiringSpec wiring;
    wiring.mode = c.wiring;
    MeteringConfig config = converter(wiring, d.f_hz, Mode::clean, d.full_u_v, d.full_i_a);
    config.circuits = c.script.circuits;
    const double full_u = d.full_u_v * (metered_phases(c.wiring) > 0 ? 1 : std::sqrt(3.0));
    Rig rig{d.supply, wiring, config, told(wiring), draw};
    const auto full = [&](std::size_t channel) { return channel < 3 ? full_u : d.full_i_a; };
    const auto circuits = static_cast<std::size_t>(c.script.circuits);
    std::vector<std::array<std::int64_t, 6>> by_channel(circuits);
    std::vector<std::int64_t> windows(circuits);
    std::int64_t samples = 0;
    for (int n = 0; n < settling_windows; ++n) {
        rig.open();
        for (std::size_t p = 0; p < 3; ++p)
            rig.window.u[p] = scaled(0.5, d.u[p]);
        rig.close(std::vector<PhaseSpectra>(circuits), {});
    }
    for (int n = 0; n < c.script.windows; ++n) {
        ScriptWindow w;
        bool is_close = true;
        while (is_close) {
            w = script.next(draw);
            is_close = false;
            for (std::size_t circuit = 0; circuit < circuits; ++circuit) {
                const std::array<Spectrum, 6> x = channels(c, w, circuit);
                for (std::size_t k = 0; k < 6; ++k)
                    is_close = is_close || close(x[k], full(k));
            }
        }
        rig.open();
        rig.window.u = w.u;
        rig.close(w.i, {});
        const std::int64_t of_window = samples_beyond(rig.block);
        samples += of_window;
        const bool may = rig.block.coherent() && of_window == 0;
        errors.add("repeatable", rig.metering.hold_steady(rig.block, nullptr) == may ? 0 : 1);
        for (std::size_t circuit = 0; circuit < circuits; ++circuit) {
            const std::array<Spectrum, 6> x = channels(c, w, circuit);
            int u = 0;
            int i = 0;
            for (std::size_t k = 0; k < 6; ++k) {
                if (!beyond(x[k], full(k)))
                    continue;
                (k < 3 ? u : i) += 1 << k % 3;
                ++by_channel[circuit][k];
            }
            windows[circuit] += u + i > 0 ? 1 : 0;
            const MeterState& state = rig.metering.state(static_cast<int>(circuit));
            const auto shown = [&](const char* name) { return state.get(*find_quantity(name)); };
            errors.add("clip_u", shown("clip_u") - u);
            errors.add("clip_i", shown("clip_i") - i);
            errors.add("clip_windows",
                       shown("clip_windows") - static_cast<double>(windows[circuit]));
            for (std::size_t k = 0; k < 6; ++k)
                errors.add("channels", static_cast<double>(state.clip.channel_windows[k]) -
                                           static_cast<double>(by_channel[circuit][k]));
        }
    }
    std::uint64_t of_channels = 0;
    for (int channel = 0; channel < rig.metering.config().channels().size(); ++channel)
        of_channels += rig.metering.clipped(channel);
    errors.add("samples",
               static_cast<double>(rig.metering.clipped()) - static_cast<double>(samples));
    errors.add("samples", static_cast<double>(of_channels) - static_cast<double>(samples));
}

} // namespace

Run clipping_kind(TomlTable& signal) {
    Case c;
    take(signal, c.script);
    c.wiring = take_wiring(signal);
    return [c](Draw draw, Mode, Errors& errors) { run(c, draw, errors); };
}

} // namespace kpmsim
