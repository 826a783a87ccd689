#include "servers/line/line_settings.hpp"

#include <cmath>

namespace kpmsim {

LineTime LineSettings::characters(double n) const {
    return LineTime{std::llround(n * bits_per_character * 1e9 / baud)};
}

} // namespace kpmsim
