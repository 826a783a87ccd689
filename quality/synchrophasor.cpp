#include "quality/synchrophasor.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace kpmsim {

double total_vector_error(std::complex<double> got, std::complex<double> truth) {
    return std::abs(got - truth) / std::abs(truth);
}

PhasorErrors phasor_errors(std::span<const PhasorReport> got, std::span<const PhasorReport> truth,
                           std::size_t exclude) {
    assert(got.size() == truth.size());
    PhasorErrors worst;
    for (std::size_t n = exclude; n + exclude < got.size(); ++n) {
        worst.tve = std::max(worst.tve, total_vector_error(got[n].phasor, truth[n].phasor));
        worst.fe_hz = std::max(worst.fe_hz, std::abs(got[n].f_hz - truth[n].f_hz));
        worst.rfe_hz_per_s =
            std::max(worst.rfe_hz_per_s, std::abs(got[n].rocof_hz_per_s - truth[n].rocof_hz_per_s));
    }
    return worst;
}

} // namespace kpmsim
