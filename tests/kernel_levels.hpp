#pragma once

#include "sim/kernel_level.hpp"

#include <doctest/doctest.h>

namespace kpmsim::test {

/// Calls `check` at every level of the processor that this machine has.
template <class Check>
void at_every_level(Check check) {
    const KernelLevel before = kernel_level();
    for (const KernelLevel level :
         {KernelLevel::baseline, KernelLevel::avx2, KernelLevel::avx512}) {
        if (!use_kernel_level(level))
            continue;
        CAPTURE(name_of(level));
        check();
    }
    use_kernel_level(before);
}

} // namespace kpmsim::test
