#include "scenarios/keep/state_keeper.hpp"

#include <algorithm>
#include <utility>

namespace kpmsim {
namespace {

constexpr std::int64_t least_wall_ns = 1'000'000'000;

} // namespace

StateKeeper::StateKeeper(Farm& farm, Actions& actions, StateStore& store, SimDuration every,
                         SimTime sent)
    : farm_{farm}, actions_{actions}, store_{store}, every_{every}, moments_{farm.now(), sent},
      last_{farm.now()}, last_wall_ns_{0}, writer_{[this] { write_checkpoints(); }} {
    farm_.watch_commands([this](const Meter& meter, const Command& command) {
        const WrittenCommand written{meter.spec().name, command};
        return keep({written}, text_of(written, meter.type()));
    });
    actions_.ask(
        [this](const Deed& deed) { return keep({deed}, text_of(deed)) ? std::nullopt : fault_; });
}

StateKeeper::~StateKeeper() {
    farm_.watch_commands(nullptr);
    actions_.ask(nullptr);
    {
        const std::lock_guard mine{mutex_};
        over_ = true;
    }
    changed_.notify_all();
    writer_.join();
}

// The journal ------------------------------------------------------------------------------------

bool StateKeeper::keep(const JournalLine& line, const std::string& text) {
    fault_ = store_.append(line, text);
    was_at_fault_ |= fault_.has_value();
    return !fault_;
}

bool StateKeeper::show(SimTime to, std::int64_t wall_ns) {
    fault_ = store_.show({to, moments_.sent}, wall_ns);
    was_at_fault_ |= fault_.has_value();
    if (!fault_)
        moments_.shown = to;
    return !fault_;
}

const std::optional<Fault>& StateKeeper::try_to_write(std::int64_t wall_ns) {
    fault_ = store_.show(moments_, wall_ns);
    was_at_fault_ |= fault_.has_value();
    return fault_;
}

// Checkpoints ------------------------------------------------------------------------------------

void StateKeeper::promised(SimTime to, std::int64_t wall_ns) {
    const bool due = to.time_since_epoch() / every_ != last_.time_since_epoch() / every_ ||
                     (was_at_fault_ && !fault_);
    const bool soon = wall_ns >= last_wall_ns_ && wall_ns - last_wall_ns_ < least_wall_ns;
    const std::lock_guard mine{mutex_};
    due_ = due && !soon && !writing_ && !to_write_;
    if (!due_)
        return;
    due_lines_ = store_.lines();
    last_ = to;
    last_wall_ns_ = wall_ns;
    was_at_fault_ = false;
}

void StateKeeper::metered(SimTime to) {
    if (std::exchange(due_, false))
        begin_to_write({actions_.save_metered(to), to, due_lines_});
}

std::optional<Fault> StateKeeper::checkpoint(std::int64_t wall_ns) {
    wait_until_written();
    take_checkpoint_fault();
    const SimTime now = farm_.now();
    begin_to_write({actions_.save(), now, store_.lines()});
    wait_until_written();
    if (auto fault = take_checkpoint_fault())
        return fault;
    last_ = now;
    last_wall_ns_ = wall_ns;
    moments_ = {now, std::min(moments_.sent, now)}; // time may have gone back
    return try_to_write(wall_ns);
}

std::optional<Fault> StateKeeper::take_checkpoint_fault() {
    const std::lock_guard mine{mutex_};
    return std::exchange(checkpoint_fault_, std::nullopt);
}

void StateKeeper::begin_to_write(Checkpoint checkpoint) {
    {
        const std::lock_guard mine{mutex_};
        to_write_ = std::move(checkpoint);
    }
    changed_.notify_all();
}

void StateKeeper::wait_until_written() {
    std::unique_lock mine{mutex_};
    changed_.wait(mine, [this] { return !writing_ && !to_write_; });
}

void StateKeeper::write_checkpoints() {
    std::unique_lock mine{mutex_};
    while (true) {
        changed_.wait(mine, [this] { return over_ || to_write_; });
        if (!to_write_)
            return;
        const Checkpoint checkpoint = std::move(*to_write_);
        to_write_.reset();
        writing_ = true;
        mine.unlock();
        auto fault = store_.write(checkpoint);
        mine.lock();
        writing_ = false;
        checkpoint_fault_ = std::move(fault);
        changed_.notify_all();
    }
}

} // namespace kpmsim
