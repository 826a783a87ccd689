// Must not compile: ctest looks for the compiler's words.
#include "sim/fields.hpp"

struct Meter {
    double u_v{0};
    double i_a{0};
    bool relay{false};
    KPMSIM_FIELDS(u_v, i_a);
};
