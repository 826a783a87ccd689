#pragma once

#include <complex>
#include <span>

namespace kpmsim {

/// One report of a synchrophasor: value, frequency and its rate of change at one moment.
struct PhasorReport {
    std::complex<double> phasor;
    double f_hz{};
    double rocof_hz_per_s{};
};

/// How far reports are from the truth at the same moments, at worst.
///
/// unit    total vector error as a fraction of the true phasor; Hz; Hz/s
/// error   rounding only
/// source  IEEE C37.118.1, 4.3 and 4.4 (TVE, FE, RFE)
struct PhasorErrors {
    double tve{};
    double fe_hz{};
    double rfe_hz_per_s{};
};
/// `exclude` reports at both ends do not count, as after the beginning of a ramp.
PhasorErrors phasor_errors(std::span<const PhasorReport> got, std::span<const PhasorReport> truth,
                           std::size_t exclude = 0);

/// |got - truth| / |truth|
double total_vector_error(std::complex<double> got, std::complex<double> truth);

} // namespace kpmsim
