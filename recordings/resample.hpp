#pragma once

#include "files/mistake.hpp"
#include "recordings/kaiser_sinc.hpp"
#include "recordings/recording.hpp"
#include "recordings/timeline.hpp"
#include "sim/window.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

/// What a recording is resampled for.
struct ResampleGoal {
    double nominal_hz{50.0};
    int highest_order{max_harmonic};          ///< that must come out right, at most 50
    int per_cycle{kpmsim::samples_per_cycle}; ///< samples that the reader takes in a cycle
};

/// Which channel, and what its values are multiplied by (si_factor, a polarity).
struct SignalChannel {
    std::size_t index{0};
    double factor{1.0};
};

/// A recording as a function of time: samples at any instants, every channel's skew undone.
///
/// error   sinc_error() of each order's amplitude, for orders up to the highest: below 1e-11 with 128
///         or more samples per cycle, 6.4e-11 with 96, 1.8e-7 with 80 (4 kHz at 50 Hz) or the 78.7
///         that order 31 needs; there the top orders are worse above the nominal frequency
///         (kaiser_sinc.cpp)
///         T samples from an end of the recording or from a change of its rate (T: half the taps,
///         24 up to 128 samples per cycle): a polynomial through the 8 nearest samples, wrong by
///         0.016 (2 pi h/N)^8 of order h with N samples per cycle, the fewer of the two rates
///         across changes of less than 0.5 % (recorders that follow the frequency): the change
///         times h/N
/// Deterministic: no function of the C library whose rounding depends on the machine.
/// source  kaiser_sinc.cpp, docs/explanation/recordings.md
class RecordedSignal {
public:
    /// Nothing, and mistakes, when a rate is too low for the highest order, when samples are missing
    /// or not numbers, when there is a pause in the recording or its times are uneven.
    static std::optional<RecordedSignal> make(const Recording& recording,
                                              const std::vector<SignalChannel>& channels,
                                              const ResampleGoal& goal, const std::string& file,
                                              std::vector<Mistake>& mistakes);

    int channels() const { return static_cast<int>(channels_.size()); }
    /// All the recording's channels, whichever are asked for, are there from begin_s to end_s,
    /// seconds after the stamp of the first sample: the signals of one recording begin together.
    /// Outside a signal is 0.
    double begin_s() const { return begin_s_; }
    double end_s() const { return end_s_; }
    bool covers(const Window& window) const;

    /// The samples of a window, SimTime{} being the stamp of the first sample.
    ///
    /// shape   channel c begins at out[c * stride]; window.samples() each
    void sample(const Window& window, int stride, std::span<double> out) const;
    double at(int channel, double t_s) const;

private:
    /// Stretches of nearly one rate, resampled as one.
    struct Run {
        std::size_t first_stretch{0}, end_stretch{0};
        std::int64_t first{0}, count{0};
        std::shared_ptr<const SincTable> table;
    };
    struct Channel {
        double skew_s{0.0};
        std::vector<double> values;
    };
    /// An instant: whole seconds and the rest, so that long recordings lose no digits.
    struct Instant {
        double whole_s{0.0};
        double rest_s{0.0};
    };
    /// Where an instant falls: between sample `before` and the next, and the taps there.
    struct Position {
        bool inside{false};
        const Run* run{nullptr}; ///< none: near an edge
        std::int64_t before{0};
        double fraction{0.0};
        double t_s{0.0};
    };

    Position position(Instant t, double skew_s) const;
    double read(const Channel& channel, const Position& p, std::span<const double> taps) const;
    double near_edge(const Channel& channel, const Position& p) const;
    double time_of(std::int64_t sample) const;
    std::size_t stretch_at(double t_s) const;
    void join_stretches(const ResampleGoal& goal);

    Timeline timeline_;
    std::vector<Run> runs_;
    std::vector<std::size_t> run_of_stretch_;
    std::vector<Channel> channels_;
    double begin_s_{0.0}, end_s_{0.0};
    int most_taps_{0};
};

} // namespace kpmsim
