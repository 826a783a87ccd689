// The energy after row n is the sum of the products up to it; each row stands for the time to the next
// one, within which its power is taken as constant. All full scales are alike, so the sum over the
// window's is the part that has come. Q is P with the voltage of a quarter of a period before:
// cos(wt - 90 deg) cos(wt - phi) has the mean sin(phi) / 2, positive where the current lags.
#include "sim/energy_course.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

MeteredProducts metered_products(const MeteringConfig& config, const MeteringSettings& settings,
                                 int circuit, bool reactive) {
    const ChannelList channels = config.channels();
    MeteredProducts of;
    of.rows_back = reactive ? samples_per_cycle / 4 : 0;
    const bool delta = metered_phases(settings.wiring.value_or(config.wiring)) == 0;
    for (int phase = 0; phase < channels.phases; ++phase) {
        if (delta && phase == 1)
            continue; // two wattmeters
        const bool reversed =
            (settings.reversed[static_cast<std::size_t>(circuit)] >> phase & 1) != 0;
        of.product[static_cast<std::size_t>(of.count++)] = {
            channels.voltage(phase), channels.current(circuit, phase), reversed ? -1.0 : 1.0};
    }
    return of;
}

std::optional<SimDuration> time_of_part(const SampleBlock& block, const MeteredProducts& of,
                                        double part) {
    const int rows = block.rows;
    if (rows != block.window.samples() || rows <= of.rows_back)
        return std::nullopt;
    const auto power = [&](int row) {
        const auto now = static_cast<std::size_t>(row);
        const auto before = static_cast<std::size_t>(row < of.rows_back ? row - of.rows_back + rows
                                                                        : row - of.rows_back);
        double sum = 0;
        for (int n = 0; n < of.count; ++n) {
            const MeteredProducts::Product& each = of.product[static_cast<std::size_t>(n)];
            sum +=
                each.sign * block.channel(each.voltage)[before] * block.channel(each.current)[now];
        }
        return sum;
    };
    double whole = 0;
    for (int row = 0; row < rows; ++row)
        whole += power(row);
    const double target = part * std::abs(whole);
    if (!(target > 0))
        return std::nullopt;
    double come = 0;
    for (int row = 0; row < rows; ++row) {
        const double more = whole < 0 ? -power(row) : power(row);
        if (come + more >= target) {
            const double at = (row + (target - come) / more) / rows;
            return SimDuration{
                std::llround(std::min(at, 1.0) * static_cast<double>(block.window.length.count()))};
        }
        come += more;
    }
    return block.window.length;
}

} // namespace kpmsim
