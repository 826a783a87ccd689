#include "waveforms/terminals.hpp"

#include "waveforms/basis.hpp"
#include "waveforms/kernel.hpp"
#include "waveforms/leads.hpp"
#include "waveforms/phase_step.hpp"
#include "waveforms/sine.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <complex>
#include <cstdint>

// A channel's samples are a sum over orders of basis times coefficient:
//     x[n] = X_0 + sum over h of a_h sin(h theta[n]) + b_h cos(h theta[n]),
//     a_h + j b_h = sqrt(2) X_h e^(-j h delay) / full scale,
// since sqrt(2) Im{ X e^(j h theta) } = sqrt(2) (Re X sin h theta + Im X cos h theta). The basis is
// one for all meters of the supply and stays in its thread's cache while the supply does; what is
// left per meter is multiplying and adding along time, which the compiler turns into vectors.
//
// Sample n stands at theta[n] = start + n (turns 2^64 + slip) / samples. In a coherent block the
// slip is left out and a cycle has samples at every 2^57: ten cycles are one cycle ten times.

namespace kpmsim {
namespace {

using Complex = std::complex<double>;
constexpr double root2 = 1.41421356237309504880;

/// a_h and b_h by order; [0].a is the offset.
struct Coefficients {
    std::array<double, Spectrum::orders> a{};
    std::array<double, Spectrum::orders> b{};
    int highest{0};

    bool has(std::size_t h) const { return a[h] != 0.0 || b[h] != 0.0; }
};

Coefficients coefficients(const Spectrum& x, const AdcChannel& adc) {
    Coefficients out;
    out.a[0] = x[0].real() / adc.full_scale;
    const double gain = root2 / adc.full_scale;
    const Complex delay = phasor(Turn{} - turn_of_radians(adc.phase_error_rad));
    const bool delayed = adc.phase_error_rad != 0.0;
    Complex turned = 1.0;
    for (std::size_t h = 1; h < out.a.size(); ++h) {
        turned *= delay;
        const Complex c = delayed ? x.rms[h] * turned : x.rms[h];
        out.a[h] = gain * c.real();
        out.b[h] = gain * c.imag();
        if (out.has(h))
            out.highest = static_cast<int>(h);
    }
    return out;
}

/// What two orders give to the three channels of a phase set.
struct Pair {
    std::array<double, 3> a0, b0, a1, b1;
};

KPMSIM_KERNEL void add_pair(int rows, const double* __restrict s0, const double* __restrict c0,
                            const double* __restrict s1, const double* __restrict c1, const Pair& k,
                            double* __restrict x, double* __restrict y, double* __restrict z) {
    for (int n = 0; n < rows; ++n) {
        x[n] += (k.a0[0] * s0[n] + k.b0[0] * c0[n]) + (k.a1[0] * s1[n] + k.b1[0] * c1[n]);
        y[n] += (k.a0[1] * s0[n] + k.b0[1] * c0[n]) + (k.a1[1] * s1[n] + k.b1[1] * c1[n]);
        z[n] += (k.a0[2] * s0[n] + k.b0[2] * c0[n]) + (k.a1[2] * s1[n] + k.b1[2] * c1[n]);
    }
}

using ThreeChannels = std::array<double*, 3>;

/// Rows handled at a time, so that one stretch of the basis stays near while the channels pass.
constexpr int stretch = 128;

/// Three channels of one stretch. Summed here, on lines of their own: the rows of a block lie a
/// multiple of 4 KiB apart, where a load waits for a store to its neighbour.
struct alignas(64) Tile {
    std::array<double, stretch + 8> x, y, z;
};

/// Rows [first, last) of three channels.
void synthesise(const Basis& basis, const std::array<Coefficients, 3>& of, int first, int last,
                const ThreeChannels& out) {
    std::array<Pair, Spectrum::orders / 2> pairs{};
    std::array<std::array<int, 2>, Spectrum::orders / 2> orders{};
    int used = 0;
    for (int h = 1; h < Spectrum::orders; ++h) {
        const auto o = static_cast<std::size_t>(h);
        if (!of[0].has(o) && !of[1].has(o) && !of[2].has(o))
            continue;
        const auto n = static_cast<std::size_t>(used / 2);
        const bool second = used % 2 != 0;
        for (std::size_t c = 0; c < 3; ++c) {
            (second ? pairs[n].a1 : pairs[n].a0)[c] = of[c].a[o];
            (second ? pairs[n].b1 : pairs[n].b0)[c] = of[c].b[o];
        }
        orders[n][1] = h; // alone, an order is its own partner, with nothing to add
        if (!second)
            orders[n][0] = h;
        ++used;
    }
    Tile tile;
    for (int from = first; from < last; from += stretch) {
        const int rows = std::min(stretch, last - from);
        tile.x.fill(of[0].a[0]);
        tile.y.fill(of[1].a[0]);
        tile.z.fill(of[2].a[0]);
        for (std::size_t n = 0; 2 * static_cast<int>(n) < used; ++n)
            add_pair(rows, basis.sine(orders[n][0]) + from, basis.cosine(orders[n][0]) + from,
                     basis.sine(orders[n][1]) + from, basis.cosine(orders[n][1]) + from, pairs[n],
                     tile.x.data(), tile.y.data(), tile.z.data());
        std::copy_n(tile.x.data(), rows, out[0] + from);
        std::copy_n(tile.y.data(), rows, out[1] + from);
        std::copy_n(tile.z.data(), rows, out[2] + from);
    }
}

KPMSIM_KERNEL void add_tone(int rows, std::uint64_t start, std::uint64_t step,
                            const std::array<double, 3>& a, const std::array<double, 3>& b,
                            double* __restrict x, double* __restrict y, double* __restrict z) {
    for (int n = 0; n < rows; ++n) {
        const SinCos sc = sin_cos({start + static_cast<std::uint64_t>(n) * step});
        x[n] += a[0] * sc.sin + b[0] * sc.cos;
        y[n] += a[1] * sc.sin + b[1] * sc.cos;
        z[n] += a[2] * sc.sin + b[2] * sc.cos;
    }
}

std::uint64_t tone_step(const Interharmonic& tone, const Window& window) {
    const double turns = tone.hz * 1e-9 * static_cast<double>(window.length.count());
    const auto whole = static_cast<std::int64_t>(std::floor(turns));
    const __int128 turned =
        (static_cast<__int128>(whole) << 64) + turn_of(turns - static_cast<double>(whole)).raw;
    return step_per_row(turned, window.samples());
}

void add_tones(const SupplyWindow& supply, const Leads& leads, double pt_ratio,
               std::span<const AdcChannel> adc, const ThreeChannels& out) {
    const int rows = supply.window.samples();
    for (const Interharmonic& tone : supply.interharmonics) {
        std::array<double, 3> a{};
        std::array<double, 3> b{};
        for (std::size_t c = 0; c < 3; ++c) {
            Complex x = 0.0;
            for (std::size_t p = 0; p < 3; ++p)
                x += leads[c][p] * supply.tone_factor[p];
            const double order = tone.hz / supply.f_hz;
            x *= phasor(Turn{} - turn_of_radians(order * adc[c].phase_error_rad));
            x *= root2 * tone.fraction / (pt_ratio * adc[c].full_scale);
            a[c] = x.real();
            b[c] = x.imag();
        }
        add_tone(rows, turn_of_degrees(tone.angle_deg).raw, tone_step(tone, supply.window), a, b,
                 out[0], out[1], out[2]);
    }
}

/// White noise of deviation 1 for one phase and sample: the sum of the four 16-bit quarters of a
/// hash (two rounds of multiply and shift), centred and scaled. Their sum has variance
/// 4 (2^32 - 1) / 12.
inline double unit_noise(std::uint64_t key, std::uint64_t n) {
    std::uint64_t x = key + n * 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    x ^= x >> 31;
    const auto sum = static_cast<std::int32_t>((x & 0xffff) + (x >> 16 & 0xffff) +
                                               (x >> 32 & 0xffff) + (x >> 48));
    return static_cast<double>(2 * sum - 4 * 65535) * (0.5 * 1.0 / 37837.2274);
}

KPMSIM_KERNEL void add_noise(int rows, const std::array<std::uint64_t, 3>& key, std::uint64_t first,
                             const Leads& gain, double* __restrict x, double* __restrict y,
                             double* __restrict z) {
    for (int n = 0; n < rows; ++n) {
        const std::uint64_t at = first + static_cast<std::uint64_t>(n);
        const double a = unit_noise(key[0], at);
        const double b = unit_noise(key[1], at);
        const double c = unit_noise(key[2], at);
        x[n] += gain[0][0] * a + gain[0][1] * b + gain[0][2] * c;
        y[n] += gain[1][0] * a + gain[1][1] * b + gain[1][2] * c;
        z[n] += gain[2][0] * a + gain[2][1] * b + gain[2][2] * c;
    }
}

void add_supply_noise(const SupplyWindow& supply, const Random& stream, const Leads& leads,
                      double pt_ratio, std::span<const AdcChannel> adc, const ThreeChannels& out) {
    const std::array<std::uint64_t, 3> key{Random{stream.key(), "noise a"}.key(),
                                           Random{stream.key(), "noise b"}.key(),
                                           Random{stream.key(), "noise c"}.key()};
    Leads gain{};
    for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t p = 0; p < 3; ++p)
            gain[c][p] = leads[c][p] * supply.noise_v / (pt_ratio * adc[c].full_scale);
    add_noise(supply.window.samples(), key, supply.first_sample, gain, out[0], out[1], out[2]);
}

/// Three rows of work, of one window at most.
struct Scratch {
    std::array<std::array<double, max_samples_per_window>, 3> of;

    ThreeChannels rows() { return {of[0].data(), of[1].data(), of[2].data()}; }
};

/// One voltage channel of a window that changes: each phase that its leads show, at its level.
void sample_changing_voltage(const Basis& basis, const SupplyWindow& supply,
                             const std::array<double, 3>& leads, double pt_ratio,
                             const AdcChannel& adc, std::span<double> out) {
    thread_local Scratch scratch;
    const ThreeChannels phases = scratch.rows();
    for (const Segment& s : supply.rows.segments) {
        std::array<Coefficients, 3> of;
        for (std::size_t p = 0; p < 3; ++p)
            if (leads[p] != 0.0)
                of[p] = coefficients(scaled(leads[p] / pt_ratio, s.u[p]), adc);
        synthesise(basis, of, s.first_row, s.last_row, phases);
    }
    // A tone is one on all phases; here each phase is a channel of its own.
    Leads own{};
    for (std::size_t p = 0; p < 3; ++p)
        own[p][p] = leads[p];
    add_tones(supply, own, pt_ratio, std::array<AdcChannel, 3>{adc, adc, adc}, phases);
    const double gain = 1.0 / (pt_ratio * adc.full_scale);
    for (std::size_t n = 0; n < out.size(); ++n) {
        double x = 0.0;
        for (std::size_t p = 0; p < 3; ++p)
            x += supply.rows.level[n][p] * phases[p][n] +
                 leads[p] * gain * supply.rows.added_v[n][p];
        out[n] = x;
    }
}

/// A loop's three channels, piece by piece.
void sample_pieces(const Basis& basis, const std::vector<TerminalPiece>& pieces,
                   std::span<const AdcChannel> adc, const ThreeChannels& out) {
    thread_local Scratch scratch;
    for (const TerminalPiece& piece : pieces) {
        std::array<Coefficients, 3> from;
        std::array<Coefficients, 3> change;
        bool moves = false;
        for (std::size_t c = 0; c < 3; ++c) {
            Spectrum by = scaled(-1.0, piece.from[c]);
            for (std::size_t h = 0; h < by.rms.size(); ++h)
                by.rms[h] += piece.to[c].rms[h];
            from[c] = coefficients(piece.from[c], adc[c]);
            change[c] = coefficients(by, adc[c]);
            moves = moves || change[c].highest > 0 || change[c].a[0] != 0.0;
        }
        synthesise(basis, from, piece.first_row, piece.last_row, out);
        if (!moves)
            continue;
        synthesise(basis, change, piece.first_row, piece.last_row, scratch.rows());
        const double length = piece.last_row - 1 - piece.first_row;
        for (std::size_t c = 0; c < 3; ++c)
            for (int n = piece.first_row; n < piece.last_row; ++n)
                out[c][n] += (n - piece.first_row) / length * scratch.rows()[c][n];
    }
}

} // namespace

void sample(const TerminalSpectra& terminals, const SupplyWindow& supply,
            const Random& supply_noise, const WiringSpec& wiring, std::span<const AdcChannel> adc,
            SampleBlock& block) {
    assert(adc.size() >= static_cast<std::size_t>(terminals.channels));
    const bool coherent = supply.coherent() && !terminals.changes();
    const int samples = supply.window.samples();
    block.window = supply.window;
    block.channels = terminals.channels;
    block.rows = coherent ? samples_per_cycle : samples;
    assert(block.stride >= block.rows);
    assert(block.data.size() >= static_cast<std::size_t>(block.channels * block.stride));

    const Leads leads = voltage_leads(wiring);
    thread_local Basis basis;
    if (supply.changes())
        basis.aim(supply.rows.phase);
    else
        basis.aim(supply.start_phase,
                  coherent ? (std::uint64_t{1} << 63) / (samples_per_cycle / 2)
                           : supply.step_per_row(),
                  block.rows);
    ThreeChannels voltages{};
    for (int set = 0; set < block.channels; set += 3) {
        std::array<Coefficients, 3> of;
        ThreeChannels out{};
        int highest = 1;
        for (int c = 0; c < 3; ++c) {
            const auto lane = static_cast<std::size_t>(c);
            const std::size_t channel = static_cast<std::size_t>(set) + lane;
            of[lane] = coefficients(terminals.channel[channel], adc[channel]);
            out[lane] = block.channel(set + c).data();
            highest = std::max(highest, of[lane].highest);
        }
        if (set == 0)
            voltages = out;
        const auto three = adc.subspan(static_cast<std::size_t>(set), 3);
        const std::size_t loop = static_cast<std::size_t>(set) / 3 - 1; // not of the voltages
        if (set == 0 && supply.changes()) {
            basis.reach(Spectrum::orders - 1);
            for (std::size_t c = 0; c < 3; ++c)
                sample_changing_voltage(basis, supply, leads[c], wiring.pt_ratio, three[c],
                                        block.channel(static_cast<int>(c)));
        } else if (set > 0 && !terminals.pieces[loop].empty()) {
            basis.reach(Spectrum::orders - 1);
            sample_pieces(basis, terminals.pieces[loop], three, out);
            for (std::size_t n = 0; n < terminals.added_a[loop].size(); ++n)
                for (std::size_t c = 0; c < 3; ++c)
                    out[c][n] += terminals.added_a[loop][n][c] / three[c].full_scale;
        } else {
            basis.reach(highest);
            synthesise(basis, of, 0, basis.rows(), out);
        }
    }
    if (coherent)
        return;
    if (!supply.changes())
        add_tones(supply, leads, wiring.pt_ratio, adc, voltages);
    if (supply.noise_v != 0.0)
        add_supply_noise(supply, supply_noise, leads, wiring.pt_ratio, adc, voltages);
}

} // namespace kpmsim
