#pragma once

#include "models/engine/extras.hpp"
#include "models/engine/program.hpp"
#include "scenarios/farm/borne.hpp"
#include "scenarios/farm/meter_sensors.hpp"
#include "scenarios/farm/meter_terminals.hpp"
#include "scenarios/farm/supply_source.hpp"
#include "scenarios/farm/switch_log.hpp"
#include "scenarios/farm/true_energy.hpp"
#include "scenarios/file/farm_plan.hpp"
#include "sim/archive.hpp"
#include "sim/metering.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

/// One MQTT message as a circuit sent it.
struct Message {
    SimTime at{};
    std::size_t meter{0};
    int circuit{0};
    std::string topic;
    std::string payload;
    KPMSIM_FIELDS(at, meter, circuit, topic, payload);
};

/// What a meter's metering side remembers besides its metering and its program: plain data.
struct MeterProgress {
    struct CircuitProgress {
        Readings truth;
        TrueEnergy energy;
        KPMSIM_FIELDS(truth, energy);
    };
    std::vector<CircuitProgress> circuits;
    Extras extras;                       ///< where the type asks for them
    std::vector<ResidualProgress> leaks; ///< by circuit, where it has such inputs
    std::vector<Command> told;           ///< and not acted yet
    std::vector<Message> messages;       ///< to be sent at their moment, and not taken yet
    SimTime boundary{};                  ///< end of the last window gone through
    bool off{false};                     ///< nothing was metered in it, for want of supply
    SwitchLog switched;                  ///< its relays, where they switch its loads
    // In window fidelity.
    bool steady{false};    ///< the last window that was sampled may be repeated
    bool held{false};      ///< … but for its converter
    SimTime loads_until{}; ///< … until a load changes, or one must be sampled anyway
    CivilTime minute{};    ///< of the last window counted, by the meter's clock
    Repeat run{};          ///< not yet counted
    KPMSIM_FIELDS(circuits, extras, leaks, told, messages, boundary, off, switched, steady, held,
                  loads_until, minute, run);
};

/// Windows at a meter's terminals, one after the other.
struct TerminalRun {
    const WiredWindow& window; ///< the first of them
    std::int64_t windows{1};   ///< so many, each as long and with the same samples
    bool repeats{false};       ///< the first is like the one before it, too
    const Random& noise;       ///< the supply's
};
/// Called by the thread that goes through the meter's windows, with all of them in order.
using TerminalWatch = std::function<void(const TerminalRun&)>;

/// The metering side of one meter: its terminals, its converter and metering, and its program, gone
/// through window by window.
///
/// At each window boundary, in this order: what the program has due up to it, the commands that were
/// told up to it, what is due inside the window, and the window itself. So a command acts from the
/// first boundary at or after its moment, what is due sees the windows that ended by then, and
/// nothing hangs on how time is cut into steps.
///
/// In window fidelity, windows that are like the last one are a run, counted when it is over in one
/// go: what was looked at meanwhile leaves no trace.
class RunningMeter final : ProgramPort {
public:
    /// From `at` on. `spec`: the meter's, which outlives it.
    RunningMeter(const FarmPlan& plan, const MeterPlan& meter, const MeterSpec& spec, SimTime at,
                 std::size_t supply, const SupplySource& feed);

    std::size_t supply() const { return supply_; }
    const MeterProgram& program() const { return program_; }
    const Metering& metering() const { return metering_; }

    /// The meters that it sums; they go through each batch of windows before it does.
    const std::vector<std::size_t>& summed() const { return terminals_.summed(); }
    /// Its number in the farm, and the places of the meters that it sums, whenever they are others: in the
    /// order of its plan.
    void take_place(std::size_t number, std::vector<std::size_t> summed,
                    std::span<const RunningMeter* const> those);
    /// What was done so far to the meters that it sums.
    void take_changes(std::span<const RunningMeter* const> those);
    /// The window before its first: shown, and counted nowhere.
    void begin(const SupplySource& supply);
    void go_through(const SupplySource& supply, const SupplyRun& windows);
    /// After the last window that ends at or before `to`: what is due up to then.
    void finish(SimTime to);

    /// What somebody does to the load of a circuit of a meter or to its wiring, as
    /// MeterTerminals::change(); not before what was gone through. Nothing where that is neither this
    /// one nor one that it sums.
    void change(std::size_t meter, int circuit, LoadChange what);
    void change(std::size_t meter, WiringChange what);
    /// All that an action does to it is over, and what it was going to do is not done.
    void end(std::uint64_t action, SimTime at);
    void forget_changes() { terminals_.forget_changes(); }

    void watch(TerminalWatch watch) { watches_.push_back(std::move(watch)); }

    /// A command that no refusal() stands against; `at` is not before what was gone through.
    void tell(Command command);
    /// Commands that have not acted yet, the next one first.
    const std::vector<Command>& told() const { return p_.told; }
    /// Those that were sent up to now.
    std::vector<Message> take_messages(SimTime now);
    /// Its relays' moves since they were taken last.
    std::vector<RelayMove> take_moves() { return std::exchange(moves_, {}); }
    /// What was not written at its keys, likewise.
    std::vector<RefusedAtKeys> take_refused() { return std::exchange(refused_, {}); }

    /// What a copy of the states was made of.
    struct Shown {
        std::uint64_t counted{0}; ///< the metering's windows
        std::uint64_t changes{0}; ///< the memory's
        bool whole{false};        ///< it is as it was made
    };
    void show(MeterImage& image, Shown& shown) const;
    MeterState truth(int circuit) const;
    /// Nothing changes, and yet its windows are sampled, because of a converter.
    bool held_by_converter() const { return p_.held; }

    void save(StateWriter& to) const;
    /// Throws BadState, and is then of no more use.
    void restore(StateReader& from);

private:
    using CircuitProgress = MeterProgress::CircuitProgress;
    std::span<const MeterState> look(SimTime at) override;
    Hours hours(SimTime at, int circuit) override;
    void upload(SimTime at, int circuit, const UploadTopic& topic, CivilTime stamp) override;
    void moved(const RelayMove& relay) override { moves_.push_back(relay); }
    void refused(const RefusedAtKeys& one) override { refused_.push_back(one); }
    SimDuration radio_delay(CivilTime stamp) const;

    MeteringMoment moment(SimTime at) const;
    void run_program(SimTime until);
    void carry_out_commands(SimTime boundary);
    void hear(const Intervention& message, SimTime boundary);
    SampleBlock block_of(const SupplySource& supply, const WiredWindow& window) const;
    void take_truth(const WiredWindow& window);
    void tell(const TerminalRun& run) const;
    void sample_one(const SupplySource& supply, const SupplyWindow& window, bool may_settle);
    void settle(const SupplyWindow& window, const WiredWindow& at_terminals,
                const SampleBlock& block);
    void follow_switches(SimTime boundary);
    std::int64_t windows_until_change(const Window& first, std::int64_t most) const;
    void begin_run(const SupplyWindow& first, std::int64_t at_most);
    std::int64_t windows_of_balance(std::int64_t most) const;
    void count_run();
    void break_run();
    /// What its metering goes through of a run: without supply nothing.
    Repeat metered(const Repeat& run) const { return p_.off ? Repeat{} : run; }
    TrueEnergy true_energy(const CircuitProgress& circuit) const;
    void bear(const Window& windows, Extras& extras) const;
    bool strained(SimTime at) const;
    std::span<const MeterState> states_after(const Repeat& run) const;
    Extras extras_after(const Repeat& run, std::span<const MeterState> states) const;
    std::span<const MeterState* const> counted() const;
    std::span<const MeterState* const> metered_states() const;
    std::optional<std::size_t> source_of(std::size_t meter) const;
    unsigned switched_off() const;
    std::span<const unsigned> switched_off_at(SimTime at) const;

    const MeterSpec* spec_;
    CivilTime start_;
    std::size_t number_{0};
    std::size_t supply_;
    int phases_; ///< whose powers the truth tells apart
    bool relay_switches_;
    SimDuration jitter_; ///< longest delay of its radio …
    Random radio_;       ///< … and where each comes from
    MeterTerminals terminals_;
    std::vector<TerminalWatch> watches_;
    std::vector<const SwitchLog*> summed_; ///< of the meters that it sums
    Metering metering_;
    MeterProgram program_;
    MeterSensors sensors_;
    std::vector<Bearable> bearable_; ///< by circuit, where its maker says
    bool strained_{true}; ///< windows as the one sampled last do something to what it can bear
    MeterProgress p_;
    std::vector<RelayMove> moves_;
    std::vector<RefusedAtKeys> refused_;
    Repeat seen_{}; ///< the run as far as the program may look
};

} // namespace kpmsim
