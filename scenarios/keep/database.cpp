#include "scenarios/keep/database.hpp"

#include <cstring>
#include <sqlite3.h>

namespace kpmsim {
namespace {

/// Somebody who looks into the database with another program may hold it for a moment.
constexpr int patience_ms = 15;

std::string reason(sqlite3* database) {
    std::string why = sqlite3_errmsg(database);
    if (const int error = sqlite3_system_errno(database); error != 0)
        why += std::string{" ("} + std::strerror(error) + ")";
    return why;
}

} // namespace

bool DatabaseFault::damaged() const {
    return (code_ & 0xFF) == SQLITE_CORRUPT || (code_ & 0xFF) == SQLITE_NOTADB ||
           (code_ & 0xFF) == SQLITE_ERROR || (code_ & 0xFF) == SQLITE_MISMATCH;
}

Database::Database(const std::string& path, Open how, Log log) : opened_{nullptr, sqlite3_close} {
    sqlite3* opened = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                      (how == Open::fresh ? SQLITE_OPEN_CREATE : 0);
    const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
    opened_.reset(opened);
    if (code != SQLITE_OK)
        throw DatabaseFault{code, reason(opened)};
    sqlite3_busy_timeout(opened, patience_ms);
    at_close(log);
}

void Database::at_close(Log log) {
    sqlite3_db_config(opened_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, log == Log::stays ? 1 : 0,
                      nullptr);
}

void Database::run(const char* sql) {
    if (const int code = sqlite3_exec(opened_.get(), sql, nullptr, nullptr, nullptr);
        code != SQLITE_OK)
        throw DatabaseFault{code, reason(opened_.get())};
}

std::int64_t Database::number(const char* sql) {
    Query query{*this, sql};
    return query.row() ? query.number(0) : 0;
}

Database::GoneOver Database::checkpoint() {
    GoneOver pages;
    if (const int code = sqlite3_wal_checkpoint_v2(
            opened_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages.in_log, &pages.gone);
        code != SQLITE_OK && code != SQLITE_BUSY)
        throw DatabaseFault{code, reason(opened_.get())};
    return pages;
}

bool Database::read_only() const { return sqlite3_db_readonly(opened_.get(), "main") == 1; }

std::string Database::schema() {
    Query made{*this, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"};
    std::string schema;
    while (made.row())
        schema += made.text(0) + ";\n";
    return schema;
}

// A statement ------------------------------------------------------------------------------------

Query::Query(Database& database, const char* sql)
    : database_{database.opened_.get()}, statement_{nullptr, sqlite3_finalize} {
    sqlite3_stmt* prepared = nullptr;
    const int code = sqlite3_prepare_v2(database_, sql, -1, &prepared, nullptr);
    statement_.reset(prepared);
    if (code != SQLITE_OK)
        fail(code);
}

void Query::fail(int code) {
    const std::string why = reason(database_);
    sqlite3_reset(statement_.get());
    throw DatabaseFault{code, why};
}

Query& Query::bind(int place, std::int64_t number) {
    if (const int code = sqlite3_bind_int64(statement_.get(), place, number); code != SQLITE_OK)
        fail(code);
    return *this;
}

Query& Query::bind(int place, std::string_view text) {
    if (const int code = sqlite3_bind_text(statement_.get(), place, text.data(),
                                           static_cast<int>(text.size()), SQLITE_STATIC);
        code != SQLITE_OK)
        fail(code);
    return *this;
}

Query& Query::bind(int place, std::span<const std::uint8_t> bytes) {
    if (const int code =
            sqlite3_bind_blob64(statement_.get(), place, bytes.data(), bytes.size(), SQLITE_STATIC);
        code != SQLITE_OK)
        fail(code);
    return *this;
}

bool Query::row() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        fail(code);
    sqlite3_reset(statement_.get());
    return false;
}

void Query::run() {
    while (row()) {
    }
}

std::int64_t Query::number(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string Query::text(int column) const {
    const unsigned char* const text = sqlite3_column_text(statement_.get(), column);
    return text == nullptr ? std::string{} : std::string{reinterpret_cast<const char*>(text)};
}

std::span<const std::uint8_t> Query::bytes(int column) const {
    const void* const bytes = sqlite3_column_blob(statement_.get(), column);
    return {static_cast<const std::uint8_t*>(bytes),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

// A transaction ----------------------------------------------------------------------------------

Transaction::~Transaction() {
    if (over_)
        return;
    try {
        database_.run("ROLLBACK");
    } catch (const DatabaseFault&) {
        // what went wrong has rolled it back
    }
}

void Transaction::commit() {
    database_.run("COMMIT");
    over_ = true;
}

} // namespace kpmsim
