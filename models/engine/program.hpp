#pragma once

#include "models/engine/command.hpp"
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

/// What a meter's program remembers; plain data.
struct ProgramState {
    MeterMemory memory;
    CivilTime handled{};      ///< by the meter's clock: everything up to this second was done
    CivilTime settlement{};   ///< the next moment that closes a month
    std::uint64_t changes{0}; ///< of the memory, for those who keep a copy
    std::vector<SecondUpload> again; ///< of a double upload, the next one first
    KPMSIM_FIELDS(memory, handled, settlement, changes, again);
};

/// Where the program looks and speaks.
class ProgramPort {
public:
    virtual ~ProgramPort() = default;
    /// The circuits' states as they are at the moment that is due.
    virtual std::span<const MeterState> look(SimTime at) = 0;
    /// A circuit's packets of one topic are to go out.
    virtual void upload(SimTime at, int circuit, const UploadTopic& topic, CivilTime stamp) = 0;
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
    CivilTime rtc(SimTime at) const { return state_.memory.clock.shown(civil_time(start_, at)); }

    /// When something is due next; SimTime::max() for never.
    SimTime due() const { return due_; }
    /// Does what is due at due().
    void run(ProgramPort& port);
    /// Carries a command out at a window boundary, its `what` as of `command.at`.
    Effects carry_out(const Command& command, SimTime boundary, ProgramPort& port);

    const ProgramState& state() const { return state_; }
    /// Throws BadState when it cannot be the state of this meter.
    void restore(ProgramState state);

private:
    void close_months(SimTime at, ProgramPort& port);
    void upload_again(SimTime at, CivilTime now, ProgramPort& port);
    void plan();

    const MeterSpec* spec_;
    CivilTime start_;
    const UploadPlan* uploads_{nullptr};
    ProgramState state_;
    UploadGrid grid_;
    SimTime due_{};
};

/// The first moment at which a clock shows `rtc` or more; `start` is the site's time at SimTime{}.
SimTime when_shown(const MeterClock& clock, CivilTime start, CivilTime rtc);

} // namespace kpmsim
