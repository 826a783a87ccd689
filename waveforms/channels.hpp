#pragma once

#include <array>

namespace kpmsim {

/// Where the samples of a phase set go: three channels, one after the other along time.
using ThreeChannels = std::array<double*, 3>;

} // namespace kpmsim
