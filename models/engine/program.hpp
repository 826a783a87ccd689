#pragma once

#include "models/engine/alarms.hpp"
#include "models/engine/command.hpp"
#include "models/engine/debounce.hpp"
#include "models/engine/upload_grid.hpp"
#include "sim/clock.hpp"

#include <span>
#include <vector>

namespace kpmsim {

/// Energies that go out a second time.
struct SecondUpload {
    CivilTime due{}; ///< by the meter's clock
    CivilTime stamp{};
    KPMSIM_FIELDS(due, stamp);
};

/// What a circuit's relays and inputs were when it told so last; bit 0 = the first.
struct Indicated {
    std::uint32_t inputs{0};
    std::uint32_t relays{0};
    constexpr bool operator==(const Indicated&) const = default;
    KPMSIM_FIELDS(inputs, relays);
};

/// What moves a relay besides commands.
struct RelayDrive {
    SimTime opens{SimTime::max()}; ///< the end of its pulse
    bool alarmed{false};           ///< what it has followed
    KPMSIM_FIELDS(opens, alarmed);
};

/// What a meter's program remembers; plain data.
struct ProgramState {
    MeterMemory memory;
    CivilTime handled{};      ///< by the meter's clock: everything up to this second was done
    CivilTime settlement{};   ///< the next moment that closes a month
    std::uint64_t changes{0}; ///< of the memory, for those who keep a copy
    std::vector<SecondUpload> again;  ///< of a double upload, the next one first
    SimTime reached{};                ///< nothing is due before it
    std::vector<Debounce> contacts;   ///< of the inputs of the whole meter
    std::vector<Indicated> indicated; ///< by circuit
    std::vector<RelayDrive> drives;   ///< of the relays of the whole meter
    KPMSIM_FIELDS(memory, handled, settlement, changes, again, reached, contacts, indicated,
                  drives);
};

/// A relay went to another state.
struct RelayMove {
    SimTime at{};
    int relay{0}; ///< of the whole meter; 0-based
    bool closed{false};
};

/// What somebody was to write at the keys, and the meter did not let him.
struct RefusedAtKeys {
    SimTime at{};
    Intervention what;
    Refusal why{};
    bool powered{true};
};

/// Where the program looks and speaks.
class ProgramPort {
public:
    virtual ~ProgramPort() = default;
    /// The circuits' states as they are at the moment that is due.
    virtual std::span<const MeterState> look(SimTime at) = 0;
    /// Running and load time of a circuit at that moment, where its type counts them.
    virtual Hours hours(SimTime, int /*circuit*/) { return {}; }
    /// A circuit's packets of one topic are to go out.
    virtual void upload(SimTime at, int circuit, const UploadTopic& topic, CivilTime stamp) = 0;
    /// A relay has moved.
    virtual void moved(const RelayMove& relay) = 0;
    virtual void refused(const RefusedAtKeys&) {}
};

/// What a meter does of itself, in simulated time and on the metering side: closes months, sends
/// packets. It says when it is next due and is called for each such moment, in order.
class MeterProgram {
public:
    /// `start` is the site's time at SimTime{}. `uploads`: it has somebody to send packets to. It begins
    /// at `at`.
    MeterProgram(const MeterSpec& spec, CivilTime start, bool uploads, SimTime at = {});

    const MeterMemory& memory() const { return state_.memory; }
    std::uint64_t changes() const { return state_.changes; }
    /// In force at a moment of its clock.
    int tariff(CivilTime rtc) const { return tariffs_ ? tariffs_->at(rtc) : 0; }
    CivilTime rtc(SimTime at) const { return state_.memory.clock.shown(civil_time(start_, at)); }

    /// When something is due next; SimTime::max() for never.
    SimTime due() const { return due_; }
    /// Does what is due at due().
    void run(ProgramPort& port);
    /// Carries a command out at a window boundary, its `what` as of `command.at`.
    Effects carry_out(const Command& command, SimTime boundary, ProgramPort& port);

    /// A window has ended, at `at`, with these readings of each circuit: alarms come and go, and move
    /// relays. True when they moved one.
    bool watch(SimTime at, std::span<const MeterState* const> circuits, ProgramPort& port);
    /// A window of a prepayment meter has ended, or a run of like ones: its balance and load move its
    /// relay. True when they did.
    bool control_load(SimTime at, const MeterState& metered, ProgramPort& port);
    /// The balance is not used up, and counts down with the energy.
    bool balance_counts() const { return state_.memory.prepaid.counts; }
    /// When a relay moves next of itself; SimTime::max() for never.
    SimTime moves_relay() const;

    const ProgramState& state() const { return state_; }
    /// Throws BadState when it cannot be the state of this meter.
    void restore(ProgramState state);

private:
    void turn_centuries(SimTime at);
    void close_months(SimTime at, ProgramPort& port);
    void close_days(SimTime at, ProgramPort& port);
    void upload_again(SimTime at, CivilTime now, ProgramPort& port);
    void plan();
    SimTime contacts_due() const;
    void see_contacts(SimTime boundary, SimTime told, ProgramPort& port);
    void follow_contacts(SimTime boundary, SimTime by, ProgramPort& port);
    void drive(std::size_t relay, bool closed, SimTime at);
    void open_after_pulses(SimTime at);
    bool follow_alarms(SimTime at);
    bool move_own_relay(SimTime at, const EnergyRegisters& energy);
    Indicated indication(int circuit) const;
    void indicate(SimTime at, ProgramPort& port);
    void tell_moves(SimTime at, ProgramPort& port);

    const MeterSpec* spec_;
    CivilTime start_;
    const UploadPlan* uploads_{nullptr};
    ProgramState state_;
    std::vector<std::uint8_t> relays_told_;
    UploadGrid grid_;
    SimTime due_{};
    Watch watch_;                    ///< by the settings as they are
    Shared<TariffCalendar> tariffs_; ///< by the entries as they are
};

/// The first moment at which a clock shows `rtc` or more; `start` is the site's time at SimTime{}.
SimTime when_shown(const MeterClock& clock, CivilTime start, CivilTime rtc);

} // namespace kpmsim
