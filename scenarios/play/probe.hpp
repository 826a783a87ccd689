#pragma once

#include "quality/aggregation.hpp"
#include "quality/flickermeter.hpp"
#include "quality/half_cycle_rms.hpp"
#include "quality/voltage_events.hpp"
#include "quality/window_plan.hpp"
#include "scenarios/file/formula.hpp"
#include "scenarios/play/probe_currents.hpp"
#include "scenarios/play/sampled_rows.hpp"
#include "sim/random.hpp"

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

struct TomlNode;

/// A [[probe]]: where it is connected, and what it measures against.
struct ProbePlan {
    std::string name;
    std::size_t supply{0};
    std::optional<CircuitTerminals> terminals; ///< where it is connected instead
    double u_din_v{230};                       ///< declared input voltage
    double nominal_hz{50};
    SimTime tick{}; ///< when the site's clock shows a whole ten minutes
};
std::optional<ProbePlan> read_probe(const TomlNode& node, const FarmPlan& farm,
                                    std::vector<Mistake>& mistakes);

/// One value of a probe, for the docs.
struct ProbeValue {
    std::string key;
    std::string unit;
    std::string title;
};
/// What every probe shows; h_u_a_2 to h_u_c_50 besides.
std::span<const ProbeValue> probe_values();
/// What one at a meter's terminals shows on top; h_i_a_2 to h_i_c_50 besides.
std::span<const ProbeValue> probe_current_values();
/// All of it, as formulas know it.
NamedValues named_values(const ProbePlan& plan);

/// A class A instrument on a supply or at a meter's terminals: measures its voltages by IEC 61000-4-30 and -4-7,
/// flicker by -4-15, and currents and power at terminals, in simulated time. It sees the samples that the meters'
/// clock has, 128 a cycle; of windows that repeat, one. At terminals it sees what the leads bring there, wiring
/// mistakes included.
///
/// error   those of quality/, with a sample clock that follows the supply as a meter's does: harmonic subgroups of a
///         window in which the frequency changes leak
/// source  IEC 61000-4-30 class A: Urms(1/2), events, 10 min; -4-7: subgroups; -4-15: Pst
class Probe {
public:
    explicit Probe(ProbePlan plan);

    const ProbePlan& plan() const { return plan_; }
    /// Windows of the supply, or of the terminals, in order.
    void take(const SupplyRun& run, const Random& noise);
    void take(const TerminalRun& run);
    /// Not-a-number where nothing is complete yet.
    double value(const std::string& key) const;

private:
    static constexpr std::size_t phases = 3;
    using Values = std::array<double, phases>;

    using Rows =
        std::vector<std::vector<double>>; ///< three voltages; at terminals three currents, too

    template <class SampleWindow>
    void take(const Window& first, std::int64_t windows, bool repeats, const SampleWindow& sampled);
    void measure(const Window& window, const SampledRows& samples);
    void measure_flicker(std::size_t phase, std::span<const double> rows);
    void hold_flicker();
    void count_half_cycles();
    void count_window(const Window& window, SimTime start);
    void note(const VoltageEvent& event);
    void complete(const PlannedWindow& window);
    void close_interval(double u_v, std::size_t phase);
    void follow_frequency(const Window& window, SimTime start);

    ProbePlan plan_;
    std::int64_t repeated_{0}; ///< windows up to this one that were like the one before
    // The window that was measured last.
    Values u_v_{}, thd_{};
    std::array<std::array<double, 51>, phases> harmonics_{};
    double unbalance_{0};
    std::vector<Values> cycle_squares_; ///< of each cycle: mean of the squares
    std::vector<Values> half_cycles_;   ///< complete in it, V

    std::array<HalfCycleRms, phases> half_cycle_;
    std::array<std::deque<double>, phases> waiting_; ///< half cycles that others lack yet
    VoltageEvents events_;
    std::array<double, 3> event_count_{}, event_extreme_{}, event_seconds_{}; ///< by kind; the last
    double half_least_v_, half_greatest_v_;

    WindowPlan windows_;
    std::deque<Values> squares_;   ///< of cycles that are in no planned window yet …
    std::int64_t first_square_{0}; ///< … from this one on
    std::array<Aggregation, phases> aggregation_, thd_aggregation_;
    std::optional<std::int64_t> first_interval_; ///< that is whole
    double intervals_{0}, values_{0}, in_band_{0};
    Values u_10min_{}, thd_10min_{};
    double u_10min_least_v_, u_10min_greatest_v_, thd_10min_greatest_;

    std::vector<Flickermeter> flicker_;
    std::array<std::vector<double>, phases> sensation_; ///< of the interval under way
    Values pst_{};
    double pst_greatest_;
    std::array<std::deque<double>, phases> two_hours_; ///< of Pst
    Values plt_{};
    double plt_greatest_;
    ProbeCurrents currents_;

    /// Where the frequency's ten seconds began.
    struct Turning {
        SimTime at{};
        double turns{0};
    };
    std::optional<Turning> ten_seconds_;
    double turns_{0};                   ///< up to the window's start
    std::optional<double> angle_turns_; ///< of phase a's fundamental there, where there is one …
    std::optional<double> last_turn_;   ///< … and at the one before
    double f_10s_, f_10s_least_, f_10s_greatest_;
};

} // namespace kpmsim
