#include "scenarios/play/probe_currents.hpp"

#include "quality/harmonic_groups.hpp"
#include "quality/spectrum.hpp"

#include <cmath>
#include <limits>

namespace kpmsim {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr int last_order_of_thd = 40;

double mean_product(const std::vector<double>& x, const std::vector<double>& y) {
    double sum = 0;
    for (std::size_t n = 0; n < x.size(); ++n)
        sum += x[n] * y[n];
    return sum / static_cast<double>(x.size());
}

} // namespace

void ProbeCurrents::measure(std::span<const std::vector<double>> u_v,
                            std::span<const std::vector<double>> i_a, int cycles) {
    measured_ = true;
    for (std::size_t phase = 0; phase < i_a.size(); ++phase) {
        i_a_[phase] = std::sqrt(mean_product(i_a[phase], i_a[phase]));
        p_w_[phase] = mean_product(u_v[phase], i_a[phase]);
        const BinSpectrum spectrum = spectrum_of(i_a[phase], cycles);
        const double first = harmonic_subgroup(spectrum, 1);
        for (int order = 2; order <= max_group_order; ++order)
            harmonics_[phase][static_cast<std::size_t>(order)] =
                first > 0 ? 100 * harmonic_subgroup(spectrum, order) / first : nothing;
        thd_[phase] = 100 * thd_subgroups(spectrum, last_order_of_thd);
    }
}

std::optional<double> ProbeCurrents::value(const std::string& key) const {
    const auto shown = [&](double value) { return measured_ ? value : nothing; };
    if (key == "p")
        return shown(p_w_[0] + p_w_[1] + p_w_[2]);
    if (key.starts_with("h_i_"))
        return shown(harmonics_[static_cast<std::size_t>(key[4] - 'a')]
                               [static_cast<std::size_t>(std::stoi(key.substr(6)))]);
    for (const auto& [family, values] :
         {std::pair{"i_", &i_a_}, std::pair{"p_", &p_w_}, std::pair{"thd_i_", &thd_}})
        if (key.starts_with(family) && key.size() == std::string{family}.size() + 1)
            return shown((*values)[static_cast<std::size_t>(key.back() - 'a')]);
    return std::nullopt;
}

} // namespace kpmsim
