#pragma once

#include "sim/kernel_level.hpp"
#include "sim/window.hpp"
#include "waveforms/leads.hpp"
#include "waveforms/spectrum.hpp"

#include <array>
#include <cstdint>

namespace kpmsim {

inline constexpr int quarter_cycle = samples_per_cycle / 4;

/// sin and cos of h (k + 1/2) turns / 128, by [h][k].
struct CycleGrid {
    alignas(64) double sine[Spectrum::orders][quarter_cycle]{};
    alignas(64) double cosine[Spectrum::orders][quarter_cycle]{};
};

const CycleGrid& cycle_grid();

using Cycle = std::array<double, samples_per_cycle>;

/// What two orders give to the three channels of a phase set.
struct OrderPair {
    std::array<double, 3> a0, b0, a1, b1;
};

/// The loops of the synthesis that run once a sample (see sim/kernel_level.hpp).
namespace kernels {

/// out[k] = offset + sum over h <= highest of a[h] sin(h phi[k]) + b[h] cos(h phi[k]), phi[k] =
/// (k + 1/2) turns / 128. Above `highest` a and b are zero.
void make_cycle(const CycleGrid& g, const double* a, const double* b, double offset, int highest,
                double* out);
/// out[n] = sum over d < terms of table[d][n mod 128] delta^d, delta = first + n * by. `rows` are
/// whole cycles.
void slip_along(const Cycle* table, int terms, double first, double by, int rows, double* out);

/// Sine and cosine of start + n * step, in turns of 2^64.
void first_order(std::uint64_t start, std::uint64_t step, int rows, double* s, double* c);
/// Those of order 0 (s0, c0) turned by those of order 1 (s1, c1).
void next_order(int rows, const double* s1, const double* c1, const double* s0, const double* c0,
                double* s, double* c);
/// Adds two orders to three channels.
void add_pair(int rows, const double* s0, const double* c0, const double* s1, const double* c1,
              const OrderPair& k, double* x, double* y, double* z);

/// Adds a[channel] sin + b[channel] cos of start + n * step.
void add_tone(int rows, std::uint64_t start, std::uint64_t step, const std::array<double, 3>& a,
              const std::array<double, 3>& b, double* x, double* y, double* z);
/// Adds white noise of three phases, deviation 1 each, hashed from `key` and the sample's number.
void add_noise(int rows, const std::array<std::uint64_t, 3>& key, std::uint64_t first,
               const Leads& gain, double* x, double* y, double* z);

} // namespace kernels

} // namespace kpmsim
