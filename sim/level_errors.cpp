#include "sim/level_errors.hpp"

namespace kpmsim {

LevelError LevelErrors::at(double level) const {
    LevelError error{-compression * level * level, 0};
    std::size_t above = 0;
    while (above < ct_levels.size() && ct_levels[above] <= level)
        ++above;
    if (above == 0 || above == ct_levels.size()) {
        const std::size_t end = above == 0 ? 0 : above - 1;
        error.gain += ct_ratio[end];
        error.phase_rad = ct_phase_rad[end];
        return error;
    }
    const std::size_t below = above - 1;
    const double part = (level - ct_levels[below]) / (ct_levels[above] - ct_levels[below]);
    error.gain += ct_ratio[below] + part * (ct_ratio[above] - ct_ratio[below]);
    error.phase_rad = ct_phase_rad[below] + part * (ct_phase_rad[above] - ct_phase_rad[below]);
    return error;
}

} // namespace kpmsim
