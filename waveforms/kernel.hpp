#pragma once

/// Marks an inner loop that is compiled once per level of the processor and chosen at start. The
/// arithmetic is the same in each (no fused multiply-add), so the bits are, too.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(KPMSIM_ONE_KERNEL)
#define KPMSIM_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KPMSIM_KERNEL
#endif
