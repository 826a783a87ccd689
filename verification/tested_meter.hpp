#pragma once

#include "models/engine/meter.hpp"
#include "models/engine/program.hpp"
#include "verification/paper_deviations.hpp"
#include "verification/paper_kept.hpp"
#include "verification/paper_months.hpp"
#include "verification/paper_readings.hpp"
#include "verification/paper_registers.hpp"
#include "verification/program_watch.hpp"
#include "verification/rig.hpp"
#include "verification/script.hpp"
#include "verification/some_meter.hpp"

#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

struct TestedMeterSpec {
    ScriptSpec script; ///< its Un and In are the model's
    std::string model;
    Wiring wiring{Wiring::p4l};
    bool gsm{false}; ///< packets of the 4G plan
    bool kept{
        false}; ///< with what a meter keeps: freezes, days, extremes, pulses, alarms, tariff tables, a past
};

const TypeLibrary& tested_types();

/// What stands on paper of a circuit.
struct CircuitPaper {
    PaperRegisters registers;
    PaperMonths months;
    PaperKept kept;
    Values now{}, deviations{};
};

/// A drawn meter of a built-in model, with all that a farm gives one (source, leads of the ratios that its menu is
/// set to, converter and metering as the model's data have them, program, registers), and its paper.
class TestedMeter {
public:
    TestedMeter(const TestedMeterSpec& spec, Mode mode, Draw& draw);
    TestedMeter(const TestedMeter&) = delete;
    TestedMeter& operator=(const TestedMeter&) = delete;

    /// Windows without a load, of which extremes take nothing.
    void settle();
    /// The script's next window.
    void step(Draw& draw) { step(script_.next(draw), true); }

    /// Tariff tables, entry by entry, as a client writes its registers; whether the meter holds them.
    bool write_tariffs();
    /// Settlement day, width of the demand, rated voltage, current ratios and start currents, where its menu has
    /// them: some by a client, some at its keys.
    void change_menu(Draw& draw);
    /// Its analogue output tells the next of all readings that it can.
    void turn_output();
    /// All that can be set as it left the factory; whether tariffs go by the factory's tables then. The last
    /// thing that is done to a meter: paper does not follow.
    bool to_factory(Draw& draw);
    /// As its program's state goes to a file and comes back, into a program that knows its data alone.
    void put_away();
    /// By the menu; what the registers and the past begin anew with is looked at after the next windows.
    void clear_all();

    const MeterSpec& spec() const { return spec_; }
    const SomeMeter& unit() const { return unit_; }
    const Meter& meter() const { return meter_; }
    const std::vector<CircuitPaper>& paper() const { return paper_; }
    PaperMeter paper_meter(int circuit) const;
    Scale scale(std::size_t circuit) const {
        return {script_.source().un_v, rated_a(circuit), counted_s_};
    }
    CivilTime rtc() const { return rtc_; }
    /// Whether those freezes were sent that were to be.
    bool sent_freezes() const { return port_.freezes == freezes_; }
    bool sends_freezes() const { return !port_.freeze->empty(); }

private:
    static SomeMeter some_unit(const TestedMeterSpec& of, Draw& draw);
    const MeterSpec& completed(Draw& draw);
    ScriptSpec script_spec() const;
    MeteringConfig converted(Mode mode) const;
    void begin_with_past();
    /// By the ratios that its menu is set to.
    double rated_a(std::size_t circuit) const { return unit_.rated_a(static_cast<int>(circuit)); }
    /// On paper.
    int tariff(CivilTime t) const;
    void step(const ScriptWindow& w, bool settled);
    void keep(const ScriptWindow& w, bool settled);
    void order(const char* point, double value = 1, int circuit = 0);
    void carry_out(const Command& command);
    void follow_menu();
    void change(const char* setting, int value, int circuit = 0);
    /// … by somebody who stands before it.
    void change_at_keys(const char* setting, int value, int circuit);
    void set_clock(std::int64_t by_s);

    TestedMeterSpec of_;
    SomeMeter unit_;
    ScriptSpec of_script_;
    Script script_;
    const MeterSpec& spec_;
    std::vector<double> wired_a_; ///< rated currents by the transformers that are there
    Meter meter_;
    Rig rig_;
    CivilTime site_start_; ///< the site's time at SimTime{}
    MeterProgram program_;
    ProgramWatch port_;
    std::vector<CircuitPaper> paper_;
    int day_{1};                                     ///< of the month, on which it ends
    std::vector<std::pair<int, CivilTime>> freezes_; ///< that are to be sent
    SimTime at_{};                                   ///< end of the last window
    std::int64_t ahead_s_{0};                        ///< of the site's time
    CivilTime rtc_{};
    double counted_s_{0};
    int kept_windows_{0};
    std::size_t outputs_{0}; ///< times that the output was turned
};

} // namespace kpmsim
