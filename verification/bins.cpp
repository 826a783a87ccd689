#include "verification/bins.hpp"

#include "quality/spectrum.hpp"

namespace kpmsim {

OrderPhasors order_phasors(std::span<const double> rows, int cycles) {
    const auto all = spectrum_of(rows, cycles);
    OrderPhasors out;
    for (std::size_t h = 0; h < out.size(); ++h)
        out[h] = all.bins[h * static_cast<std::size_t>(cycles)];
    return out;
}

} // namespace kpmsim
