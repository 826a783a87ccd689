#pragma once

#include <span>

namespace kpmsim {

/// Aggregates basic windows (10/12 cycles) into a longer interval: the square root of the mean of the squares.
///
/// unit    out = in
/// error   rounding only
/// source  IEC 61000-4-30, 4.5 (frequency is the exception: it has a value of its own over 10 s)
double aggregate(std::span<const double> windows);

} // namespace kpmsim
