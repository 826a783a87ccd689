#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kpmsim {

/// The loops that run once a sample ("kernels") are compiled once for each of these levels of the
/// processor; which of them runs is chosen when the program starts. The bits are the same at every
/// level.
enum class KernelLevel : std::uint8_t {
    baseline, ///< any x86-64; elsewhere the only one
    avx2,     ///< x86-64-v3
    avx512,   ///< x86-64-v4
};

/// The level in use; at first the highest that this machine has.
KernelLevel kernel_level() noexcept;
bool machine_has(KernelLevel level) noexcept;
/// Uses this level from now on. False, and nothing changes, where the machine does not have it.
bool use_kernel_level(KernelLevel level) noexcept;

/// "baseline", "avx2", "avx512".
std::string_view name_of(KernelLevel level) noexcept;
std::optional<KernelLevel> kernel_level_from(std::string_view name) noexcept;

} // namespace kpmsim

/// Defines the function `name` as `name_loop`, an always inlined loop that stands before it, once
/// for each level. The loop is plain code along time, which the compiler turns into vectors as wide
/// as the level has them; as nothing is contracted to a fused multiply-add and sums are of integers
/// or written out lane by lane, all levels give its bits.
///
///     KPMSIM_LOOP int count_loop(const double* x, int n) { … }
///     KPMSIM_KERNEL(int, count, (const double* x, int n), (x, n))
///
/// KPMSIM_LANE_KERNEL is the same for a loop that is a template on how many doubles a level adds at
/// a time (lanes.hpp).
#define KPMSIM_LOOP [[gnu::always_inline]] static inline
#define KPMSIM_KERNEL(Result, name, parameters, arguments)                                         \
    KPMSIM_AT_EVERY_LEVEL(Result, name, parameters, arguments, name##_loop, name##_loop,           \
                          name##_loop)
#define KPMSIM_LANE_KERNEL(Result, name, parameters, arguments)                                    \
    KPMSIM_AT_EVERY_LEVEL(Result, name, parameters, arguments, name##_loop<2>, name##_loop<4>,     \
                          name##_loop<8>)

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define KPMSIM_AT_EVERY_LEVEL(Result, name, parameters, arguments, on_baseline, on_avx2,           \
                              on_avx512)                                                           \
    [[gnu::target(                                                                                 \
        "arch=x86-64-v4,prefer-vector-width=512")]] static Result name##_avx512 parameters {       \
        return on_avx512 arguments;                                                                \
    }                                                                                              \
    [[gnu::target("arch=x86-64-v3")]] static Result name##_avx2 parameters {                       \
        return on_avx2 arguments;                                                                  \
    }                                                                                              \
    Result name parameters {                                                                       \
        switch (kernel_level()) {                                                                  \
        case KernelLevel::avx512:                                                                  \
            return name##_avx512 arguments;                                                        \
        case KernelLevel::avx2:                                                                    \
            return name##_avx2 arguments;                                                          \
        case KernelLevel::baseline:                                                                \
            break;                                                                                 \
        }                                                                                          \
        return on_baseline arguments;                                                              \
    }
#else
#define KPMSIM_AT_EVERY_LEVEL(Result, name, parameters, arguments, on_baseline, on_avx2,           \
                              on_avx512)                                                           \
    Result name parameters { return on_baseline arguments; }
#endif
