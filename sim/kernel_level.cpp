#include "sim/kernel_level.hpp"

#include <array>
#include <atomic>

namespace kpmsim {
namespace {

constexpr std::array<std::string_view, 3> names{"baseline", "avx2", "avx512"};

KernelLevel highest() noexcept {
    for (const KernelLevel level : {KernelLevel::avx512, KernelLevel::avx2})
        if (machine_has(level))
            return level;
    return KernelLevel::baseline;
}

std::atomic<KernelLevel>& in_use() noexcept {
    static std::atomic<KernelLevel> level{highest()};
    return level;
}

} // namespace

KernelLevel kernel_level() noexcept { return in_use().load(std::memory_order_relaxed); }

bool machine_has(KernelLevel level) noexcept {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    switch (level) {
    case KernelLevel::avx512:
        return __builtin_cpu_supports("x86-64-v4") != 0;
    case KernelLevel::avx2:
        return __builtin_cpu_supports("x86-64-v3") != 0;
    case KernelLevel::baseline:
        break;
    }
#endif
    return level == KernelLevel::baseline;
}

bool use_kernel_level(KernelLevel level) noexcept {
    if (!machine_has(level))
        return false;
    in_use().store(level, std::memory_order_relaxed);
    return true;
}

std::string_view name_of(KernelLevel level) noexcept {
    return names[static_cast<std::size_t>(level)];
}

std::optional<KernelLevel> kernel_level_from(std::string_view name) noexcept {
    for (std::size_t n = 0; n < names.size(); ++n)
        if (names[n] == name)
            return static_cast<KernelLevel>(n);
    return std::nullopt;
}

} // namespace kpmsim
