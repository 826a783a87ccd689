#include "scenarios/keep/state_parts.hpp"

#include "scenarios/keep/summed_row.hpp"
#include "scenarios/keep/zero_runs.hpp"

#include <filesystem>

// A state's start: the folder, what is there, and what is written before the farm runs.

namespace kpmsim {
namespace {

namespace fs = std::filesystem;

constexpr const char* tables = R"(CREATE TABLE farm(file TEXT, version TEXT);
CREATE TABLE world(what TEXT, sum INTEGER);
CREATE TABLE checkpoint(generation INTEGER, pieces INTEGER, moment_ns INTEGER, lines INTEGER, sum INTEGER);
CREATE TABLE piece(generation INTEGER, number INTEGER, bytes BLOB, PRIMARY KEY(generation, number));
CREATE TABLE journal(number INTEGER PRIMARY KEY, at_ns INTEGER, text TEXT, line BLOB);
CREATE TABLE shown(turn INTEGER, moment_ns INTEGER, sent_ns INTEGER, wall_ns INTEGER, sum INTEGER);
)";

} // namespace

StateStore::StateStore(std::string folder, std::uint64_t boot)
    : parts_{std::make_unique<Parts>(std::move(folder), boot)} {
    Parts& p = *parts_;
    std::error_code error;
    fs::create_directories(p.folder, error);
    if (error || !fs::is_directory(p.folder))
        throw not_writable(p.folder, error ? error.message() : "it is no folder");
    // What a link leads to is somebody else's, and would be written over.
    for (const char* name : {"lock", "shown", "state.db", "state.db-wal", "state.db-shm"})
        if (const auto there = fs::symlink_status(fs::path{p.folder} / name);
            fs::exists(there) && !fs::is_regular_file(there))
            throw StateFault{StateFault::Kind::of_content,
                             {fmt::format("{}/{} is no file{}", p.folder, name,
                                          fs::is_symlink(there) ? ", but a link" : ""),
                              "move it away, or take another folder"}};
    p.lock.emplace(p.folder);
    p.record.emplace(p.folder);
    if (fs::exists(p.path))
        if (const auto fault = wrong_header(p.path))
            throw StateFault{StateFault::Kind::of_content, *fault};
}

/// Both sides, of a database that is ours.
void StateStore::Parts::open(Database::Log log_at_close) {
    journal.emplace(path, log_at_close);
    archive.emplace(path, log_at_close);
    if (journal->database.schema() != tables)
        throw damaged("its tables are not those that kpmsim made");
    // What is wrong in pages that nobody reads would be found where it is written.
    Query pages{journal->database, "PRAGMA quick_check(1)"};
    if (const std::string found = pages.row() ? pages.text(0) : "nothing"; found != "ok")
        throw damaged(found);
    // The process may be killed and lose nothing; only checkpoints wait for the disk, and only on their own
    // thread does the log go into the database.
    journal->database.run("PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0");
    archive->database.run("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0");
}

// What is there ----------------------------------------------------------------------------------

std::optional<KeptState> StateStore::read() {
    Parts& p = *parts_;
    if (!fs::exists(p.path)) {
        check_that_nothing_is_left(*p.record, p.log);
        return std::nullopt;
    }
    std::string version{"another version"};
    try {
        // Until somebody goes on from it, all stays as it is.
        p.open(fs::exists(p.log) ? Database::Log::stays : Database::Log::goes_over);
        if (Query of{p.journal->database, "SELECT version FROM farm"}; of.row())
            version = of.text(0);
        KeptState kept = p.read();
        kept.lost = hold_to_what_was_shown(*p.record, p.promised, p.path);
        return kept;
    } catch (const DatabaseFault& bad) {
        throw p.fault_of(bad);
    } catch (const BadState& bad) {
        throw p.wrong(
            fmt::format("cannot be read: {}", bad.what()),
            fmt::format("it was kept by {}: start and stop it once with that, put a copy of "
                        "the folder back, or take another one to begin anew",
                        version));
    }
}

KeptState StateStore::Parts::read() {
    Database& from = journal->database;
    KeptState kept;
    Query of{from, "SELECT file, version FROM farm"};
    Query world{from, "SELECT what, sum FROM world ORDER BY rowid"};
    Query checkpoint_row{from, "SELECT generation, pieces, moment_ns, lines, sum FROM checkpoint"};
    Query shown_row{from, "SELECT turn, moment_ns, sent_ns, wall_ns, sum FROM shown"};
    const auto checkpoint = read_row<4>(checkpoint_row);
    const auto shown = read_row<4>(shown_row);
    if (!of.row() || !checkpoint || !shown)
        throw damaged("its tables farm, checkpoint and shown are not as they were written");
    kept.of = {of.text(0), {}, of.text(1)};
    while (world.row())
        kept.of.world.push_back({world.text(0), static_cast<std::uint64_t>(world.number(1))});
    if (kept.of.world.empty())
        throw damaged("its table world, what the farm's readings hang on, is empty");
    generation = (*checkpoint)[0];
    pieces = (*checkpoint)[1];
    kept.moment = moment((*checkpoint)[2]);
    auto& line = promised.line = static_cast<std::uint64_t>((*checkpoint)[3]);
    promised.turn = static_cast<std::uint64_t>((*shown)[0]);
    promised.shown = moment((*shown)[1]);
    kept.moments = {moment((*shown)[1]), moment((*shown)[2])};
    kept.wall_ns = (*shown)[3];

    // One that was not finished may have left more of them.
    Query piece_of{from,
                   "SELECT bytes FROM piece WHERE generation = ? AND number < ? ORDER BY number"};
    piece_of.bind(1, generation).bind(2, pieces);
    std::int64_t found = 0;
    for (; piece_of.row(); ++found)
        if (!put_zeros_back(piece_of.bytes(0), state_piece, kept.checkpoint))
            throw damaged(fmt::format("piece {} of its checkpoint is not as it was", found));
    if (found != pieces)
        throw damaged(fmt::format("{} of {} pieces of its checkpoint are there", found, pieces));

    Query after{from, "SELECT number, line FROM journal WHERE number > ? ORDER BY number"};
    after.bind(1, static_cast<std::int64_t>(line));
    while (after.row()) {
        if (after.number(0) != static_cast<std::int64_t>(++line))
            throw damaged(fmt::format("line {} of its journal is missing", line));
        kept.since.push_back(unsealed(after.bytes(1)));
    }
    return kept;
}

// What is written at the start -------------------------------------------------------------------

void StateStore::go_on(const KeptOf& of) {
    Parts& p = *parts_;
    try {
        if (p.journal->database.read_only())
            throw not_writable(p.path, "it is read-only");
        Transaction all{p.archive->database};
        p.mark(p.archive->database, of);
        all.commit();
        p.drop_remains();
        p.record->make(p.promised);
        p.close_with(Database::Log::goes_over);
        p.watch_files();
    } catch (const DatabaseFault& bad) {
        throw p.fault_of(bad);
    }
}

void StateStore::Parts::mark(Database& of_whom, const KeptOf& of) {
    of_whom.run("DELETE FROM farm; DELETE FROM world");
    Query farm{of_whom, "INSERT INTO farm VALUES(?, ?)"};
    farm.bind(1, of.file).bind(2, of.version).run();
    Query part{of_whom, "INSERT INTO world VALUES(?, ?)"};
    for (const WorldPart& each : of.world)
        part.bind(1, each.what).bind(2, static_cast<std::int64_t>(each.sum)).run();
}

/// Of a checkpoint that was not finished.
void StateStore::Parts::drop_remains() {
    Query drop{archive->database, "DELETE FROM piece WHERE generation <> ?"};
    drop.bind(1, generation).run();
    into_the_database();
}

/// Made aside and moved into place.
void StateStore::begin(const KeptOf& of, const Checkpoint& checkpoint, std::int64_t wall_ns) {
    Parts& p = *parts_;
    const std::string aside = p.path + ".new";
    try {
        p.record->make(p.promised); // first: without it no database counts
        std::error_code ignored;
        fs::remove(aside, ignored);
        {
            Database made{aside, Database::Open::fresh};
            made.run(fmt::format("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; "
                                 "PRAGMA application_id = {}; PRAGMA user_version = {}",
                                 state_application, state_format)
                         .c_str());
            Transaction all{made};
            made.run(tables);
            p.mark(made, of);
            Query write_piece{made, "INSERT INTO piece VALUES(?, ?, ?)"};
            p.generation = 1;
            p.write_pieces(write_piece, 1, checkpoint.bytes);
            const std::int64_t now = nanoseconds(checkpoint.moment);
            Query first{made, "INSERT INTO checkpoint VALUES(?, ?, ?, ?, ?)"};
            write_row<4>(first, {1, p.pieces, now, 0});
            Query shown{made, "INSERT INTO shown VALUES(?, ?, ?, ?, ?)"};
            write_row<4>(shown, {0, now, now, wall_ns});
            all.commit();
        } // closed, and the whole of it in one file
        fs::rename(aside, p.path);
        p.open(Database::Log::goes_over);
        p.into_the_database();
        p.watch_files();
    } catch (const DatabaseFault& bad) {
        std::error_code ignored;
        fs::remove(aside, ignored);
        throw not_writable(p.path, bad.what());
    } catch (const fs::filesystem_error& bad) {
        throw not_writable(p.path, bad.code().message());
    }
}

} // namespace kpmsim
