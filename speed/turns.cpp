#include "speed/turns.hpp"

#include <algorithm>
#include <cassert>
#include <ctime>

namespace kpmsim {

namespace {

double read(clockid_t clock) {
    timespec t{};
    clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

} // namespace

double thread_seconds() { return read(CLOCK_THREAD_CPUTIME_ID); }
double wall_seconds() { return read(CLOCK_MONOTONIC); }

Spread spread_of(std::vector<double> values) {
    assert(!values.empty());
    std::sort(values.begin(), values.end());
    return {values.front(), values[values.size() / 2], values.back()};
}

} // namespace kpmsim
