#pragma once

#include "scenarios/keep/state_store.hpp"
#include "scenarios/play/actions.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

namespace kpmsim {

/// Keeps a running farm's state: what is done to the farm stands in the journal before it is shown, a moment
/// before anybody sees it, and a checkpoint is made every so often.
///
/// All calls on the thread that serves, but for metered(). `wall_ns`: the wall's clock, since 1970.
class StateKeeper {
public:
    /// `every`: simulated time from one checkpoint to the next; on a fast clock one comes no sooner than a
    /// second of the wall's after the last. `sent`: the farm's messages were handed over up to then. The store
    /// goes on or has begun; it, farm and actions outlive this.
    StateKeeper(Farm& farm, Actions& actions, StateStore& store, SimDuration every, SimTime sent);
    ~StateKeeper();
    StateKeeper(const StateKeeper&) = delete;
    StateKeeper& operator=(const StateKeeper&) = delete;

    /// Behind Farm::promise(to).
    void promised(SimTime to, std::int64_t wall_ns);
    /// Behind Farm::advance(to), on the thread that called it.
    void metered(SimTime to);
    /// Before Farm::publish(to): false, and it must not be published, for nothing can be written now.
    bool show(SimTime to, std::int64_t wall_ns);
    /// What publish() has let out is handed over.
    void sent(SimTime to) { moments_.sent = to; }

    /// Makes a checkpoint and waits until it is on the disk. Only between steps.
    std::optional<Fault> checkpoint(std::int64_t wall_ns);

    /// Why the journal could not be written the last time; nothing: it could.
    const std::optional<Fault>& fault() const { return fault_; }
    /// Tries it.
    const std::optional<Fault>& try_to_write(std::int64_t wall_ns);
    /// Why the last checkpoint came to nothing; nothing: it did not, or that was asked before. The journal
    /// has everything still.
    std::optional<Fault> take_checkpoint_fault();

private:
    bool keep(const JournalLine& line, const std::string& text);
    void begin_to_write(Checkpoint checkpoint);
    void wait_until_written();
    void write_checkpoints();

    Farm& farm_;
    Actions& actions_;
    StateStore& store_;
    SimDuration every_;
    FarmMoments moments_;
    std::optional<Fault> fault_;
    bool was_at_fault_{false};
    SimTime last_{};             ///< moment of the last checkpoint
    std::int64_t last_wall_ns_;  ///< … by the wall's clock
    bool due_{false};            ///< at the end of the step that was promised …
    std::uint64_t due_lines_{0}; ///< … with these lines of the journal in it

    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Checkpoint> to_write_;
    bool writing_{false};
    bool over_{false};
    std::optional<Fault> checkpoint_fault_;
    std::thread writer_;
};

} // namespace kpmsim
