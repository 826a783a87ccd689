#include "scenarios/file/first_frequency.hpp"

#include "sim/lock.hpp"

namespace kpmsim {
namespace {

/// Each time with the clock set to the last result: the first is within 2 mHz if the clock was
/// within 5 Hz, so three would do.
constexpr int rounds = 8;

} // namespace

double first_frequency(double nominal_hz, SimTime begin, const FirstBlock& block) {
    double hz = nominal_hz;
    for (int round = 0; round < rounds; ++round) {
        SampleLock lock{hz};
        lock.start_at(begin);
        Window window = lock.next();
        SampleBlock samples;
        if (!block(window, samples))
            break;
        lock.push(samples);
        hz = lock.f_hz();
    }
    return hz;
}

} // namespace kpmsim
