// The angle of a phasor, of which frequencies and angles are made.
//
//   turns   less that of the long double's arctangent, of phasors of any size and direction and of the
//           axes, turns
#include "sim/angle.hpp"
#include "verification/kind.hpp"

#include <cmath>
#include <numbers>

namespace kpmsim {

Run arctangent_kind(TomlTable& signal) {
    const int count = static_cast<int>(signal.integer("phasors", 1, 1'000'000).value_or(1000));
    return [count](Draw draw, Mode, Errors& errors) {
        const auto check = [&](double re, double im) {
            const long double turn = 2 * std::numbers::pi_v<long double>;
            const long double right =
                std::atan2(static_cast<long double>(im), static_cast<long double>(re)) / turn;
            errors.add("turns", static_cast<double>(turns_of({re, im}) - right));
        };
        for (int n = 0; n < count; ++n) {
            const double size = std::pow(10, draw.between(-9, 9));
            const double angle = draw.between(-std::numbers::pi, std::numbers::pi);
            check(size * std::cos(angle), size * std::sin(angle));
        }
        check(1, 0);
        check(0, 1);
        check(-1, 0);
        check(0, -1);
        check(0, 0);
        check(1, 1);
        check(-1, 1);
        check(1, 1e-300);
    };
}

} // namespace kpmsim
