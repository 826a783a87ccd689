#include "scenarios/file/recorded_play.hpp"

#include "recordings/resample.hpp"
#include "sim/guard.hpp"

namespace kpmsim {

PhaseSamples rows_of(const RecordedThree& three, const RecordedTime& time, const Window& window) {
    const auto samples = static_cast<std::size_t>(window.samples());
    const auto channels = static_cast<std::size_t>(three.signal->channels());
    std::vector<double> taken(channels * samples);
    PhaseSamples out;
    for (std::vector<double>& rows : out)
        rows.resize(samples);
    /// Rows from `first` on, the window lying `later` in the recording than in the farm.
    const auto take = [&](SimDuration later, std::size_t first) {
        Window there = window;
        there.start += later;
        three.signal->sample(there, window.samples(), taken);
        for (std::size_t p = 0; p < 3; ++p) {
            for (std::size_t n = first; n < samples; ++n) {
                double sum = 0.0;
                for (std::size_t c = 0; c < channels; ++c)
                    sum += three.of_phase[p][c] * taken[c * samples + n];
                out[p][n] = sum;
            }
        }
    };
    if (time.loop == SimDuration::zero()) {
        take(time.origin, 0);
        return out;
    }
    guard(window.length <= time.loop);
    const SimDuration since = window.start.time_since_epoch();
    const std::int64_t round =
        since / time.loop - (since % time.loop < SimDuration::zero() ? 1 : 0);
    take(time.origin - round * time.loop, 0);
    // The first row at or after the seam begins the recording again.
    const SimDuration left = (round + 1) * time.loop - since;
    const std::int64_t n = window.samples();
    const std::int64_t first =
        (left.count() * n + window.length.count() - 1) / window.length.count();
    if (first < n)
        take(time.origin - (round + 1) * time.loop, static_cast<std::size_t>(first));
    return out;
}

} // namespace kpmsim
