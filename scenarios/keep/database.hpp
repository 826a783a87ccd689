#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace kpmsim {

/// What SQLite says, with the system's reason where there is one.
class DatabaseFault : public std::runtime_error {
public:
    DatabaseFault(int code, const std::string& why) : std::runtime_error{why}, code_{code} {}
    bool damaged() const; ///< it is no such database, or not as it was written

private:
    int code_;
};

/// An open SQLite database, of one thread at a time. All calls throw DatabaseFault.
class Database {
public:
    enum class Open { existing, fresh };
    /// What becomes of the write-ahead log when the last who has it open closes it.
    enum class Log {
        goes_over, ///< into the database, and is taken away
        stays,     ///< … as it is
    };
    Database(const std::string& path, Open how, Log log = Log::goes_over);
    void at_close(Log log);

    void run(const char* sql); ///< any number of statements, without rows
    std::int64_t number(const char* sql);
    /// As much of the WAL as others leave free goes into the database. Others may write meanwhile: what came
    /// after its beginning is not counted.
    struct GoneOver {
        int in_log{0}, gone{0}; ///< pages
    };
    GoneOver checkpoint();
    bool read_only() const;
    /// The statements that made its tables, in their order.
    std::string schema();

private:
    friend class Query;
    std::unique_ptr<sqlite3, int (*)(sqlite3*)> opened_;
};

/// A statement that is prepared once. What is bound must live until it has run.
class Query {
public:
    Query(Database& database, const char* sql);

    Query& bind(int place, std::int64_t number); ///< places count from 1
    Query& bind(int place, std::string_view text);
    Query& bind(int place, std::span<const std::uint8_t> bytes);
    bool row(); ///< the next one, if there is one
    void run(); ///< to its end; it may be bound and run again

    std::int64_t number(int column) const; ///< columns count from 0
    std::string text(int column) const;
    std::span<const std::uint8_t> bytes(int column) const; ///< until the next row

private:
    [[noreturn]] void fail(int code);

    sqlite3* database_;
    std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement_;
};

/// What is written while it lives is there as a whole or, without commit(), not at all.
class Transaction {
public:
    explicit Transaction(Database& database) : database_{database} {
        database_.run("BEGIN IMMEDIATE");
    }
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

private:
    Database& database_;
    bool over_{false};
};

} // namespace kpmsim
