#pragma once

#include "sim/channels.hpp"
#include "sim/metering.hpp"
#include "sim/window.hpp"

#include <array>
#include <optional>

namespace kpmsim {

/// The products of samples that a circuit's power is the sum of.
struct MeteredProducts {
    struct Product {
        int voltage{0}; ///< channels of the block
        int current{0};
        double sign{1}; ///< -1: the current counts the other way round
    };
    std::array<Product, 3> product{};
    int count{0};
    int rows_back{0}; ///< so many rows sooner the voltage was: a quarter of a period for Q
};
MeteredProducts metered_products(const MeteringConfig& config, const MeteringSettings& settings,
                                 int circuit, bool reactive);

/// When within a window a part (0 to 1) of its energy had come: the products added up, row by row, for
/// what has to be timed in a window in which something changes.
///
/// shape   a block of all the window's rows; of the first quarter period Q takes the voltages of the
///         window's last
/// unit    time from the window's start, at most its length; nothing where the products come to nothing
/// error   a row (0.16 ms at 50 Hz), of Q a quarter of a period more
std::optional<SimDuration> time_of_part(const SampleBlock& block, const MeteredProducts& of,
                                        double part);

} // namespace kpmsim
