#pragma once

#include "verification/paper_tariffs.hpp"
#include "verification/source.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace kpmsim {

/// How a source changes from window to window, each as its case file writes it.
struct ScriptSpec {
    Source source; ///< frequency, shapes, and what the changes count from
    int windows{40};
    int circuits{1};
    Parameter u_level{1.0};     ///< of what the source draws, in all phases: a voltage whose angle
                                ///< jumps has no frequency
    Parameter i_level{1.0};     ///< of In
    Parameter i_angle_deg{0.0}; ///< lag
    Parameter dead_level{0.0};  ///< what is left of these, of full scale; not within 5 % of 1e-5,
                                ///< where a meter takes a channel for dead
    double dead{0};  ///< how many of the voltages and of the currents are out, a fraction
    double start{0}; ///< start current, of In: a third of the currents is below it
    double start_apart{
        0}; ///< each circuit's is greater by so much than the one's before it, of the first
    double dead_circuit{0}; ///< how many windows have no current at all above the start
    double leap{0};         ///< in how many windows the clock goes on by days, a fraction
    Parameter leap_days{0}; ///< by how many
    double back{0};         ///< after how many windows it is set back, a fraction
    Parameter back_s{60};   ///< by how much
    double forth{0};        ///< … forward
    Parameter forth_s{60};
    bool calendar{false}; ///< tariffs by two sets of zones and tables, and every other window ends
                          ///< where one of these begins, or a second before
    Parameter seconds{0.2}; ///< by which the meter's clock goes on in a window: whole minutes
                            ///< need few windows then
};

void take(TomlTable& signal, ScriptSpec& spec);

/// What stands on the phases in one window, and what the meter's clock says.
struct ScriptWindow {
    PhaseSpectra u;
    std::vector<PhaseSpectra> i; ///< by circuit
    CivilTime began{}, ended{};
    int tariff{0};
    std::int64_t set_s{0}; ///< by which the clock was set at the window's beginning, after `began`
};

/// The windows of one set-up, one after the other.
class Script {
public:
    Script(const ScriptSpec& spec, Draw& draw);

    const Drawn& source() const { return drawn_; }
    const TariffCalendar& tariffs() const { return tariffs_; }
    CivilTime start() const { return clock_; }
    /// Without currents a meter counts nothing: it is never 0.
    double start_a(int circuit) const { return std::max(start(circuit), 1e-4) * drawn_.in_a; }
    /// `within_minute`: the clock does not come to the next one.
    ScriptWindow next(Draw& draw, bool within_minute = false);

private:
    double left_of_dead(Draw& draw) const;
    /// Of In.
    double start(int circuit) const { return spec_.start * (1 + circuit * spec_.start_apart); }
    double current_level(Draw& draw, int circuit, bool all_below) const;
    /// By how many seconds.
    std::int64_t set_clock(Draw& draw);

    const ScriptSpec& spec_;
    Drawn drawn_;
    TariffCalendar tariffs_;
    CivilTime clock_{};
    std::array<double, 3>
        left_of_u_{}; ///< the same in all windows: a line voltage that it turns by
                      ///< a little has no frequency
};

} // namespace kpmsim
