#pragma once

namespace kpmsim {

/// Eight doubles that are added and multiplied side by side: the order of the additions is then
/// what is written, whatever the machine. To be used within kernels (see kernel_level.hpp); a
/// narrower processor takes them in parts.
inline constexpr int lanes = 8;
typedef double Lanes __attribute__((vector_size(lanes * sizeof(double))));

/// The same, where they stand in memory, aligned or not.
typedef double LanesAnywhere
    __attribute__((vector_size(lanes * sizeof(double)), aligned(sizeof(double)), may_alias));

[[gnu::always_inline]] inline const LanesAnywhere& lanes_at(const double* x) {
    return *reinterpret_cast<const LanesAnywhere*>(x);
}
[[gnu::always_inline]] inline LanesAnywhere& lanes_at(double* x) {
    return *reinterpret_cast<LanesAnywhere*>(x);
}

} // namespace kpmsim
