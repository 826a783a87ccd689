#include "models/engine/override.hpp"

#include <cmath>

namespace kpmsim {

double Override::shown(double real) const {
    switch (form) {
    case OverrideForm::stand_still:
        return value;
    case OverrideForm::add:
        return real + value;
    case OverrideForm::wrap:
        break;
    }
    return std::fmod(real, value);
}

} // namespace kpmsim
