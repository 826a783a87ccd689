#pragma once

#include <vector>

namespace kpmsim {

/// CPU time of the calling thread, s: other work on the machine does not count in it.
double thread_seconds();
/// Time on the wall, s, from some moment on.
double wall_seconds();

/// What the runs of one measurement gave.
struct Spread {
    double min{0};
    double median{0};
    double max{0};
};
/// At least one value; the median of an even number is the upper of the two in the middle.
Spread spread_of(std::vector<double> values);

/// The CPU time that work takes of the calling thread, s.
template <class Work>
double cpu_of(const Work& work) {
    const double start = thread_seconds();
    work();
    return thread_seconds() - start;
}
/// The same on the wall, for work on several threads.
template <class Work>
double wall_of(const Work& work) {
    const double start = wall_seconds();
    work();
    return wall_seconds() - start;
}

} // namespace kpmsim
