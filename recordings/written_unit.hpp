#pragma once

#include <string_view>

namespace kpmsim {

enum class Measured { voltage, current, other };

/// A unit of voltage or current as recorders and people write it.
struct WrittenUnit {
    Measured kind{Measured::other};
    double factor{1.0}; ///< to V or A
};

/// Reads V, A, volt(s), amp(s), ampere(s), with k, M, m, µ (u) or kilo, mega, milli, micro before
/// and rms, eff, peak, ac, dc, pri, sec behind, also several of them: "kV", "Amps", "kVolts", "Vrms", "mA (rms)", "kV pri". Small and large
/// letters, blanks and brackets do not count, but m (milli) and M (mega) are told apart. Samples are
/// instantaneous whatever stands behind. The text is UTF-8; what is neither voltage nor current is
/// other.
WrittenUnit written_unit(std::string_view text);

} // namespace kpmsim
