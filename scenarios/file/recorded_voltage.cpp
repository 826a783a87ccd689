// Where a loop ends. A window of whole cycles of a clock that is right says where the fundamental
// stands at its first row: arg U1 / 2pi. From the last window's first row it turns on with the
// frequency there, and the loop ends as much earlier than the recording as takes it back to where it
// stood at the beginning.

#include "scenarios/file/recorded_voltage.hpp"

#include "recordings/resample.hpp"
#include "scenarios/file/first_frequency.hpp"
#include "waveforms/true_samples.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kpmsim {
namespace {

/// Of the peak; below, there is no phase to speak of.
constexpr double dead_part = 0.01;

SimDuration nanoseconds(double s) { return SimDuration{std::llround(s * 1e9)}; }

std::size_t strongest(const std::array<std::complex<double>, 3>& u1) {
    const auto at = std::max_element(u1.begin(), u1.end(),
                                     [](auto a, auto b) { return std::norm(a) < std::norm(b); });
    return static_cast<std::size_t>(at - u1.begin());
}

} // namespace

double RecordedVoltage::frequency(double nominal_hz, SimDuration at) const {
    std::vector<double> data(3 * max_samples_per_window);
    return first_frequency(nominal_hz, SimTime{at}, [&](Window& window, SampleBlock& block) {
        if (!three_.signal->covers(window))
            return false;
        const PhaseSamples rows = rows_of(three_, {}, window);
        block.window = window;
        block.channels = 3;
        block.rows = window.samples();
        block.data = data;
        for (std::size_t p = 0; p < 3; ++p)
            for (std::size_t n = 0; n < rows[p].size(); ++n)
                block.channel(static_cast<int>(p))[n] = rows[p][n] / peak_v_;
        return true;
    });
}

RecordedVoltage::Phasors RecordedVoltage::fundamentals(double hz, SimDuration at) const {
    Window window;
    window.start = SimTime{at};
    window.cycles = nominal_of(hz) == 50.0 ? 10 : 12;
    window.length = nanoseconds(window.cycles / hz);
    const PhaseSamples rows = rows_of(three_, {}, window);
    return {fourier_series(rows[0])[1], fourier_series(rows[1])[1], fourier_series(rows[2])[1]};
}

double RecordedVoltage::level_v(double hz, SimDuration at) const {
    const Phasors u1 = fundamentals(hz, at);
    return std::abs(u1[strongest(u1)]);
}

SimDuration RecordedVoltage::loop(double nominal_hz, SimDuration begin, SimDuration end) const {
    const SimDuration last = end - longest_window;
    const double last_hz = frequency(nominal_hz, last);
    const Phasors first_u1 = fundamentals(frequency(nominal_hz, begin), begin);
    const std::size_t phase = strongest(first_u1);
    const std::complex<double> first = first_u1[phase];
    const std::complex<double> there = fundamentals(last_hz, last)[phase];
    if (std::min(std::abs(first), std::abs(there)) < dead_part * peak_v_)
        return end - begin;
    const double further = (std::arg(there) - std::arg(first)) / 6.283185307179586477;
    const double turns = further + last_hz * seconds(end - last);
    return end - nanoseconds((turns - std::floor(turns)) / last_hz) - begin;
}

} // namespace kpmsim
