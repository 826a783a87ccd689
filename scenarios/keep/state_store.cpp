#include "scenarios/keep/state_parts.hpp"

#include "scenarios/keep/summed_row.hpp"
#include "scenarios/keep/zero_runs.hpp"

#include <algorithm>
#include <span>

namespace kpmsim {

SimTime KeptState::last() const {
    SimTime last = std::max(moment, moments.shown);
    for (const JournalLine& line : since)
        last = std::max(last, line.at());
    return last;
}

StateStore::~StateStore() {
    // By its path the log is taken away at the end: it may be another farm's.
    if (!parts_->files.missing().empty())
        parts_->close_with(Database::Log::stays);
}

void StateStore::Parts::close_with(Database::Log log_at_close) {
    journal->database.at_close(log_at_close);
    archive->database.at_close(log_at_close);
}

void StateStore::Parts::watch_files() {
    for (const std::string& file : {path, log, record->path()})
        files.add(file);
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

std::uint64_t StateStore::lines() const { return parts_->promised.line; }

std::optional<Fault> StateStore::append(const JournalLine& line, const std::string& text) {
    Parts& p = *parts_;
    const Bytes bytes = sealed(line);
    Promised next = p.promised;
    ++next.line;
    return p.promise(next, [&] {
        p.journal->append.bind(1, static_cast<std::int64_t>(next.line))
            .bind(2, nanoseconds(line.at()))
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
        write_row<4>(p.journal->show,
                     {static_cast<std::int64_t>(next.turn), nanoseconds(moments.shown),
                      nanoseconds(moments.sent), wall_ns});
    });
}

void StateStore::Parts::write_pieces(Query& write_piece, std::int64_t of, const Bytes& bytes) {
    std::int64_t number = 0;
    for (std::size_t at = 0; at < bytes.size(); at += state_piece, ++number) {
        const std::span<const std::uint8_t> part =
            std::span{bytes}.subspan(at, std::min(state_piece, bytes.size() - at));
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
            write_row<4>(now, {before + 1, p.pieces, nanoseconds(checkpoint.moment),
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
