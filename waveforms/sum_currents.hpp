#pragma once

#include "waveforms/load_currents.hpp"

#include <span>

namespace kpmsim {

/// Adds `factor` times these currents to others of the same window, which has so many `rows`.
///
/// error   rounding: a piece of either is cut where the other's end, and stays straight between
void add_currents(WindowCurrents& to, double factor, const WindowCurrents& more, int rows);

/// The same currents with the same cuts: where one is in pieces, all are, and begin them together.
void cut_alike(std::span<WindowCurrents* const> all, int rows);

} // namespace kpmsim
