#include "scenarios/keep/state_store.hpp"

#include "scenarios/keep/database.hpp"
#include "scenarios/keep/folder_lock.hpp"
#include "scenarios/keep/state_header.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fmt/format.h>
#include <mutex>

namespace kpmsim {
namespace {

namespace fs = std::filesystem;

/// A piece of a checkpoint: what the serving thread may have to wait for.
constexpr std::size_t piece = std::size_t{256} << 10;

constexpr const char* tables = R"(
CREATE TABLE farm(file TEXT, version TEXT, whole INTEGER);
CREATE TABLE world(what TEXT, sum INTEGER);
CREATE TABLE checkpoint(generation INTEGER, pieces INTEGER, moment_ns INTEGER, lines INTEGER);
CREATE TABLE piece(generation INTEGER, number INTEGER, bytes BLOB, PRIMARY KEY(generation, number));
CREATE TABLE journal(number INTEGER PRIMARY KEY, at_ns INTEGER, text TEXT, line BLOB);
CREATE TABLE shown(moment_ns INTEGER, sent_ns INTEGER, wall_ns INTEGER);
)";

std::int64_t count(SimTime t) { return t.time_since_epoch().count(); }
SimTime moment(std::int64_t ns) { return SimTime{SimDuration{ns}}; }

StateFault not_writable(const std::string& path, const std::string& why) {
    return {StateFault::Kind::of_machine,
            {fmt::format("{} cannot be written: {}", path, why),
             "make room there or make it writable, or take another folder"}};
}

/// One side of the database, with what it writes again and again.
struct Journal {
    Database database;
    Query append;
    Query show;

    explicit Journal(const std::string& path)
        : database{path, Database::Open::existing},
          append{database, "INSERT INTO journal VALUES(?, ?, ?, ?)"},
          show{database, "UPDATE shown SET moment_ns = ?, sent_ns = ?, wall_ns = ?"} {}
};

struct Archive {
    Database database;
    Query write_piece;
    Query drop_piece;

    explicit Archive(const std::string& path)
        : database{path, Database::Open::existing},
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
    std::optional<FolderLock> lock;
    std::optional<Archive> archive; // closed last: it brings to the disk what the log has
    std::optional<Journal> journal;
    std::uint64_t lines{0};
    std::int64_t generation{0}; ///< of the checkpoint that counts
    std::int64_t pieces{0};

    // Whose turn it is to write; the serving thread goes first.
    std::mutex turn;
    std::condition_variable free;
    std::atomic<int> waiting{0};

    explicit Parts(std::string where) : folder{std::move(where)}, path{folder + "/state.db"} {}

    StateFault wrong(const std::string& what, const std::string& cure) const {
        return {StateFault::Kind::of_content, {path + " " + what, cure}};
    }
    StateFault damaged(const std::string& why) const {
        return wrong(fmt::format("is damaged: {}", why),
                     "put a copy of the folder back, or take another one to begin anew");
    }

    void open();
    void mark(Database& of_whom, const KeptOf& of);
    void into_the_database();
    void say_whole();
    void drop_remains();
    KeptState read();
    void write_pieces(Query& write_piece, std::int64_t of, const Bytes& bytes);

    template <class Work>
    std::optional<Fault> in_turn(const Work& work) {
        ++waiting;
        const std::unique_lock mine{turn};
        --waiting;
        std::optional<Fault> fault;
        try {
            work();
        } catch (const DatabaseFault& bad) {
            fault = not_writable(path, bad.what()).fault();
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

StateStore::StateStore(std::string folder) : parts_{std::make_unique<Parts>(std::move(folder))} {
    Parts& p = *parts_;
    std::error_code error;
    fs::create_directories(p.folder, error);
    if (error || !fs::is_directory(p.folder))
        throw not_writable(p.folder, error ? error.message() : "it is no folder");
    p.lock.emplace(p.folder);
    if (fs::exists(p.path))
        if (const auto fault = wrong_header(p.path))
            throw StateFault{StateFault::Kind::of_content, *fault};
}

StateStore::~StateStore() = default;

/// Both sides, of a database that is ours.
void StateStore::Parts::open() {
    journal.emplace(path);
    archive.emplace(path);
    // The process may be killed and lose nothing; only checkpoints wait for the disk, and only on their own
    // thread does the log go into the database.
    journal->database.run("PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0");
    archive->database.run("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0");
}

// What is there ----------------------------------------------------------------------------------

std::optional<KeptState> StateStore::read() {
    Parts& p = *parts_;
    if (!fs::exists(p.path))
        return std::nullopt;
    std::string version;
    std::error_code none;
    const auto log = fs::file_size(p.path + "-wal", none);
    try {
        p.open();
        bool needs_log = false;
        {
            Query of{p.journal->database, "SELECT version, whole FROM farm"};
            const bool marked = of.row();
            version = marked ? of.text(0) : "";
            needs_log = marked && of.number(1) == 0;
        }
        if (needs_log && (none || log == 0))
            throw p.wrong("is here without state.db-wal, in which what came last stands",
                          fmt::format("copy the whole folder; to go on without what came last: "
                                      "sqlite3 {} 'UPDATE farm SET whole = 1'",
                                      p.path));
        if (needs_log)
            p.say_whole();
        return p.read();
    } catch (const DatabaseFault& bad) {
        if (bad.damaged())
            throw p.damaged(bad.what());
        throw not_writable(p.path, bad.what());
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
    Query checkpoint{from, "SELECT generation, pieces, moment_ns, lines FROM checkpoint"};
    Query shown{from, "SELECT moment_ns, sent_ns, wall_ns FROM shown"};
    if (!of.row() || !checkpoint.row() || !shown.row())
        throw damaged("it has no checkpoint");
    kept.of = {of.text(0), {}, of.text(1)};
    while (world.row())
        kept.of.world.push_back({world.text(0), static_cast<std::uint64_t>(world.number(1))});
    generation = checkpoint.number(0);
    pieces = checkpoint.number(1);
    kept.moment = moment(checkpoint.number(2));
    lines = static_cast<std::uint64_t>(checkpoint.number(3));
    kept.moments = {moment(shown.number(0)), moment(shown.number(1))};
    kept.wall_ns = shown.number(2);

    // One that was not finished may have left more of them.
    Query piece_of{from,
                   "SELECT bytes FROM piece WHERE generation = ? AND number < ? ORDER BY number"};
    piece_of.bind(1, generation).bind(2, pieces);
    std::int64_t found = 0;
    for (; piece_of.row(); ++found) {
        const auto bytes = piece_of.bytes(0);
        kept.checkpoint.insert(kept.checkpoint.end(), bytes.begin(), bytes.end());
    }
    if (found != pieces)
        throw damaged(fmt::format("{} of {} pieces of its checkpoint are there", found, pieces));

    Query after{from, "SELECT number, line FROM journal WHERE number > ? ORDER BY number"};
    after.bind(1, static_cast<std::int64_t>(lines));
    while (after.row()) {
        if (after.number(0) != static_cast<std::int64_t>(++lines))
            throw damaged(fmt::format("line {} of its journal is missing", lines));
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
    } catch (const DatabaseFault& bad) {
        throw not_writable(p.path, bad.what());
    }
}

void StateStore::Parts::mark(Database& of_whom, const KeptOf& of) {
    of_whom.run("DELETE FROM farm; DELETE FROM world");
    Query farm{of_whom, "INSERT INTO farm VALUES(?, ?, 1)"};
    farm.bind(1, of.file).bind(2, of.version).run();
    Query part{of_whom, "INSERT INTO world VALUES(?, ?)"};
    for (const WorldPart& each : of.world)
        part.bind(1, each.what).bind(2, static_cast<std::int64_t>(each.sum)).run();
}

/// What the log has, on the archive's side. The database says of itself that it is not whole: that it is
/// again stands in the log alone, until all that came with it has gone over, too. So a database that was
/// copied without its log is told from one that lacks nothing.
void StateStore::Parts::into_the_database() {
    Database& to = archive->database;
    between_turns([&] { to.run("UPDATE farm SET whole = 0"); });
    // What the journal wrote meanwhile is left over at first; it is little, and the log is at its
    // end when all of it has gone over.
    for (int n = 0; n < 5 && !to.checkpoint(); ++n) {
    }
    between_turns([&] { to.run("UPDATE farm SET whole = 1"); });
}

/// It was ended while the log went over, and both are here: whoever closes the database last takes the log
/// away.
void StateStore::Parts::say_whole() {
    try {
        journal->database.run("UPDATE farm SET whole = 1");
    } catch (const DatabaseFault&) {
        // what cannot be written keeps its log
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
            Query first{made, "INSERT INTO checkpoint VALUES(1, ?, ?, 0)"};
            first.bind(1, p.pieces).bind(2, count(checkpoint.moment)).run();
            Query shown{made, "INSERT INTO shown VALUES(?1, ?1, ?2)"};
            shown.bind(1, count(checkpoint.moment)).bind(2, wall_ns).run();
            all.commit();
        } // closed, and the whole of it in one file
        fs::rename(aside, p.path);
        p.lines = 0;
        p.open();
        p.into_the_database();
    } catch (const DatabaseFault& bad) {
        std::error_code ignored;
        fs::remove(aside, ignored);
        throw not_writable(p.path, bad.what());
    } catch (const fs::filesystem_error& bad) {
        throw not_writable(p.path, bad.code().message());
    }
}

// What is written while it runs ------------------------------------------------------------------

std::uint64_t StateStore::lines() const { return parts_->lines; }

std::optional<Fault> StateStore::append(const JournalLine& line, const std::string& text) {
    Parts& p = *parts_;
    const Bytes bytes = sealed(line);
    const std::uint64_t number = p.lines + 1;
    const auto fault = p.in_turn([&] {
        p.journal->append.bind(1, static_cast<std::int64_t>(number))
            .bind(2, count(line.at()))
            .bind(3, text)
            .bind(4, bytes)
            .run();
    });
    if (!fault)
        p.lines = number;
    return fault;
}

std::optional<Fault> StateStore::show(const FarmMoments& moments, std::int64_t wall_ns) {
    Parts& p = *parts_;
    return p.in_turn([&] {
        p.journal->show.bind(1, count(moments.shown)).bind(2, count(moments.sent)).bind(3, wall_ns);
        p.journal->show.run();
    });
}

void StateStore::Parts::write_pieces(Query& write_piece, std::int64_t of, const Bytes& bytes) {
    std::int64_t number = 0;
    for (std::size_t at = 0; at < bytes.size(); at += piece, ++number) {
        const std::span<const std::uint8_t> part =
            std::span{bytes}.subspan(at, std::min(piece, bytes.size() - at));
        between_turns([&] { write_piece.bind(1, of).bind(2, number).bind(3, part).run(); });
    }
    pieces = number;
}

std::optional<Fault> StateStore::write(const Checkpoint& checkpoint) {
    Parts& p = *parts_;
    const std::int64_t before = p.generation;
    const std::int64_t pieces_before = p.pieces;
    try {
        Database& to = p.archive->database;
        p.write_pieces(p.archive->write_piece, before + 1, checkpoint.bytes);
        p.between_turns([&] {
            Transaction all{to};
            Query now{to, "UPDATE checkpoint SET generation = ?, pieces = ?, moment_ns = ?, "
                          "lines = ?"};
            now.bind(1, before + 1)
                .bind(2, p.pieces)
                .bind(3, count(checkpoint.moment))
                .bind(4, static_cast<std::int64_t>(checkpoint.lines))
                .run();
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
        return not_writable(p.path, bad.what()).fault();
    }
    return std::nullopt;
}

} // namespace kpmsim
