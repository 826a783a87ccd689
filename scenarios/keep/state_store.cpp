#include "scenarios/keep/state_store.hpp"

#include "scenarios/keep/database.hpp"
#include "scenarios/keep/folder_lock.hpp"
#include "scenarios/keep/hold_to_shown.hpp"
#include "scenarios/keep/placed_files.hpp"
#include "scenarios/keep/state_header.hpp"
#include "scenarios/keep/summed_row.hpp"
#include "scenarios/keep/zero_runs.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <mutex>

namespace kpmsim {
namespace {

namespace fs = std::filesystem;

/// A piece of a checkpoint: what the serving thread may have to wait for.
constexpr std::size_t piece = std::size_t{256} << 10;

constexpr const char* tables = R"(CREATE TABLE farm(file TEXT, version TEXT);
CREATE TABLE world(what TEXT, sum INTEGER);
CREATE TABLE checkpoint(generation INTEGER, pieces INTEGER, moment_ns INTEGER, lines INTEGER, sum INTEGER);
CREATE TABLE piece(generation INTEGER, number INTEGER, bytes BLOB, PRIMARY KEY(generation, number));
CREATE TABLE journal(number INTEGER PRIMARY KEY, at_ns INTEGER, text TEXT, line BLOB);
CREATE TABLE shown(turn INTEGER, moment_ns INTEGER, sent_ns INTEGER, wall_ns INTEGER, sum INTEGER);
)";

std::int64_t count(SimTime t) { return t.time_since_epoch().count(); }
SimTime moment(std::int64_t ns) { return SimTime{SimDuration{ns}}; }

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

} // namespace

SimTime KeptState::last() const {
    SimTime last = std::max(moment, moments.shown);
    for (const JournalLine& line : since)
        last = std::max(last, line.at());
    return last;
}

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

StateStore::~StateStore() {
    // By its path the log is taken away at the end: it may be another farm's.
    if (!parts_->files.missing().empty())
        parts_->close_with(Database::Log::stays);
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

void StateStore::Parts::close_with(Database::Log log_at_close) {
    journal->database.at_close(log_at_close);
    archive->database.at_close(log_at_close);
}

void StateStore::Parts::watch_files() {
    for (const std::string& file : {path, log, record->path()})
        files.add(file);
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
        if (!put_zeros_back(piece_of.bytes(0), piece, kept.checkpoint))
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

/// What the log has, on the archive's side. What the journal wrote meanwhile, while the disk was waited for, is
/// left over; the log begins anew only once nothing is.
void StateStore::Parts::into_the_database() {
    int before = -1;
    for (int n = 0; n < 10; ++n) {
        const auto [in_log, gone] = archive->database.checkpoint();
        if (gone == in_log && in_log == before)
            return;
        before = in_log;
    }
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
            const std::int64_t now = count(checkpoint.moment);
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

// What is written while it runs ------------------------------------------------------------------

std::uint64_t StateStore::lines() const { return parts_->promised.line; }

std::optional<Fault> StateStore::append(const JournalLine& line, const std::string& text) {
    Parts& p = *parts_;
    const Bytes bytes = sealed(line);
    Promised next = p.promised;
    ++next.line;
    return p.promise(next, [&] {
        p.journal->append.bind(1, static_cast<std::int64_t>(next.line))
            .bind(2, count(line.at()))
            .bind(3, text)
            .bind(4, bytes)
            .run();
    });
}

std::optional<Fault> StateStore::show(const FarmMoments& moments, std::int64_t wall_ns) {
    Parts& p = *parts_;
    Promised next = p.promised;
    ++next.turn;
    next.shown = moments.shown;
    return p.promise(next, [&] {
        write_row<4>(p.journal->show, {static_cast<std::int64_t>(next.turn), count(moments.shown),
                                       count(moments.sent), wall_ns});
    });
}

void StateStore::Parts::write_pieces(Query& write_piece, std::int64_t of, const Bytes& bytes) {
    std::int64_t number = 0;
    for (std::size_t at = 0; at < bytes.size(); at += piece, ++number) {
        const std::span<const std::uint8_t> part =
            std::span{bytes}.subspan(at, std::min(piece, bytes.size() - at));
        const Bytes packed = without_zeros(part);
        between_turns([&] { write_piece.bind(1, of).bind(2, number).bind(3, packed).run(); });
    }
    pieces = number;
}

std::optional<Fault> StateStore::write(const Checkpoint& checkpoint) {
    Parts& p = *parts_;
    const std::int64_t before = p.generation;
    const std::int64_t pieces_before = p.pieces;
    if (auto taken_away = p.taken_away())
        return taken_away;
    try {
        Database& to = p.archive->database;
        p.write_pieces(p.archive->write_piece, before + 1, checkpoint.bytes);
        p.between_turns([&] {
            Transaction all{to};
            Query now{to, "UPDATE checkpoint SET generation = ?, pieces = ?, moment_ns = ?, "
                          "lines = ?, sum = ?"};
            write_row<4>(now, {before + 1, p.pieces, count(checkpoint.moment),
                               static_cast<std::int64_t>(checkpoint.lines)});
            Query gone{to, "DELETE FROM journal WHERE number <= ?"};
            gone.bind(1, static_cast<std::int64_t>(checkpoint.lines)).run();
            all.commit();
        });
        p.generation = before + 1;
        for (std::int64_t n = 0; n < pieces_before; ++n)
            p.between_turns([&] { p.archive->drop_piece.bind(1, before).bind(2, n).run(); });
        p.into_the_database();
    } catch (const DatabaseFault& bad) {
        if (p.generation == before)
            p.pieces = pieces_before;
        return p.fault_of(bad).fault();
    }
    return std::nullopt;
}

} // namespace kpmsim
