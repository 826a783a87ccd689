#pragma once

#include "scenarios/keep/database.hpp"
#include "scenarios/keep/folder_lock.hpp"
#include "scenarios/keep/hold_to_shown.hpp"
#include "scenarios/keep/placed_files.hpp"
#include "scenarios/keep/state_header.hpp"
#include "scenarios/keep/state_store.hpp"

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <fmt/format.h>
#include <mutex>

// What the two files of StateStore share: its start (state_start.cpp) and its running writes
// (state_store.cpp).

namespace kpmsim {

/// A piece of a checkpoint: what the serving thread may have to wait for.
inline constexpr std::size_t state_piece = std::size_t{256} << 10;

inline std::int64_t nanoseconds(SimTime t) { return t.time_since_epoch().count(); }
inline SimTime moment(std::int64_t ns) { return SimTime{SimDuration{ns}}; }

/// One side of the database, with what it writes again and again.
struct Journal {
    Database database;
    Query append;
    Query show;

    Journal(const std::string& path, Database::Log log)
        : database{path, Database::Open::existing, log},
          append{database, "INSERT INTO journal VALUES(?, ?, ?, ?)"},
          show{database, "UPDATE shown SET turn = ?, moment_ns = ?, sent_ns = ?, wall_ns = ?, "
                         "sum = ?"} {}
};

struct Archive {
    Database database;
    Query write_piece;
    Query drop_piece;

    Archive(const std::string& path, Database::Log log)
        : database{path, Database::Open::existing, log},
          write_piece{database, "INSERT OR REPLACE INTO piece VALUES(?, ?, ?)"},
          drop_piece{database, "DELETE FROM piece WHERE generation = ? AND number = ?"} {}
};

struct StateStore::Parts {
    std::string folder;
    std::string path;
    std::string log;
    std::optional<FolderLock> lock;
    std::optional<ShownRecord> record;
    PlacedFiles files;              ///< that must be there while it runs
    std::optional<Archive> archive; // closed last: it brings to the disk what the log has
    std::optional<Journal> journal;
    Promised promised;          ///< what the database has, and clients count on
    bool on_record{true};       ///< the record says so, too
    std::int64_t generation{0}; ///< of the checkpoint that counts
    std::int64_t pieces{0};

    // Whose turn it is to write; the serving thread goes first.
    std::mutex turn;
    std::condition_variable free;
    std::atomic<int> waiting{0};

    Parts(std::string where, std::uint64_t boot)
        : folder{std::move(where)}, path{folder + "/state.db"}, log{path + "-wal"} {
        promised.boot = boot;
    }

    StateFault wrong(const std::string& what, const std::string& cure) const {
        return {StateFault::Kind::of_content, {path + " " + what, cure}};
    }
    StateFault damaged(const std::string& why) const {
        return wrong(fmt::format("is damaged: {}", why),
                     "put a copy of the folder back, or take another one to begin anew");
    }
    StateFault fault_of(const DatabaseFault& bad) const {
        return bad.damaged() ? damaged(bad.what()) : not_writable(path, bad.what());
    }

    void open(Database::Log log_at_close);
    void close_with(Database::Log log_at_close);
    void watch_files();
    void mark(Database& of_whom, const KeptOf& of);
    void into_the_database();
    void drop_remains();
    KeptState read();
    void write_pieces(Query& write_piece, std::int64_t of, const Bytes& bytes);

    std::optional<Fault> taken_away() const {
        const std::string missing = files.missing();
        if (missing.empty())
            return std::nullopt;
        return Fault{fmt::format("{} was taken away, or is another file than the one that this "
                                 "farm keeps",
                                 missing),
                     "put the folder back as it was, or stop the farm and start it with one "
                     "that stays"};
    }
    /// What is in the way of the journal, before anything is written.
    std::optional<Fault> in_the_way() {
        if (auto fault = taken_away())
            return fault;
        if (!on_record)
            on_record = record->write(promised);
        if (!on_record)
            return not_writable(record->path(), std::strerror(errno)).fault();
        return std::nullopt;
    }

    /// What the database has is promised next: never the other way round, so that it has at least that.
    template <class Work>
    std::optional<Fault> promise(const Promised& next, const Work& work) {
        ++waiting;
        const std::unique_lock mine{turn};
        --waiting;
        std::optional<Fault> fault = in_the_way();
        try {
            if (!fault) {
                work();
                promised = next;
                on_record = record->write(promised);
            }
        } catch (const DatabaseFault& bad) {
            fault = fault_of(bad).fault();
        }
        free.notify_all();
        return fault;
    }
    /// When the serving thread leaves room.
    template <class Work>
    void between_turns(const Work& work) {
        std::unique_lock mine{turn};
        free.wait(mine, [this] { return waiting == 0; });
        work();
    }
};

} // namespace kpmsim
