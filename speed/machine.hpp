#pragma once

#include <string>

namespace kpmsim {

/// What a speed was measured on.
struct Machine {
    std::string cpu; ///< "AMD EPYC, family 25 model 17"
    int cores{1};    ///< that this process may use
    std::string compiler;
    bool optimised{true}; ///< built without assertions
    std::string kernel;   ///< level of the processor that the sample loops use
};
Machine this_machine();

/// Memory of this process that is really there, bytes; what was freed is handed back first.
double resident_bytes();

} // namespace kpmsim
