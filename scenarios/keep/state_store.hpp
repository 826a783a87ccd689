#pragma once

#include "files/mistake.hpp"
#include "scenarios/file/farm_plan.hpp"
#include "scenarios/keep/journal_line.hpp"
#include "scenarios/keep/replay.hpp"
#include "scenarios/keep/shown_record.hpp"
#include "scenarios/keep/state_fault.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

/// Which farm a state is kept of, for what hangs on more than the state itself.
struct KeptOf {
    std::string file;             ///< of the farm, for people
    std::vector<WorldPart> world; ///< all that its readings hang on
    std::string version;          ///< of the program
};

/// A checkpoint and what came after it.
struct KeptState {
    KeptOf of;
    Bytes checkpoint; ///< Actions::save()
    SimTime moment{}; ///< of the checkpoint
    std::vector<JournalLine> since;
    FarmMoments moments;
    std::int64_t wall_ns{0}; ///< the wall's clock when a moment was shown last, since 1970
    std::string lost; ///< what clients were shown, and is not there: for people; empty: nothing

    /// The last moment that a client can have seen.
    SimTime last() const;
};

/// A checkpoint to be written: what the journal has up to `lines` is in it.
struct Checkpoint {
    Bytes bytes;
    SimTime moment{};
    std::uint64_t lines{0};
};

/// A folder in which one farm's state is kept: `lock`, an SQLite database state.db with a write-ahead log, and
/// `shown`, by which the log's end is known (docs/explanation/state.md).
///
/// Two threads meet in it: the one that serves writes the journal, each line in a transaction of its own that
/// outlives the process and is not waited for by the disk; any other writes checkpoints, in pieces between
/// which the first goes on, and brings each to the disk before it counts.
class StateStore {
public:
    /// Makes the folder and holds it; what is there is looked at, and not changed. Throws StateFault.
    explicit StateStore(std::string folder, std::uint64_t boot = boot_number());
    ~StateStore();

    /// Nothing: nothing is kept there yet. Throws StateFault.
    std::optional<KeptState> read();
    /// Goes on from what read() found, or begins with a checkpoint: then all of it or nothing is there.
    /// Throws StateFault.
    void go_on(const KeptOf& of);
    void begin(const KeptOf& of, const Checkpoint& checkpoint, std::int64_t wall_ns);

    // Once one of those was called. What they return is in the way, and nothing was written.

    std::optional<Fault> append(const JournalLine& line, const std::string& text);
    std::uint64_t lines() const; ///< number of the last one
    std::optional<Fault> show(const FarmMoments& moments, std::int64_t wall_ns);
    std::optional<Fault> write(const Checkpoint& checkpoint); ///< on any one thread

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim
