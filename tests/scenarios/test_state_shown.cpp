#include "state_rig.hpp"

#include "scenarios/keep/database.hpp"

#include <vector>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

TEST_SUITE("unit") {

    TEST_CASE("A database that was copied without what belongs to it is told, and stays as it is") {
        const Folder folder;
        const Folder copy;
        const auto copied = [&](const std::vector<std::string>& files) {
            for (const char* each : {"state.db", "state.db-wal", "shown"})
                std::filesystem::remove(copy / each);
            for (const std::string& each : files)
                std::filesystem::copy_file(folder / each, copy / each);
            const std::string before = bytes_in(copy / "state.db");
            std::string fault = fault_of(copy.path());
            CHECK((bytes_in(copy / "state.db") == before));
            return fault;
        };
        {
            StateStore store{folder.path()};
            REQUIRE_FALSE(store.read());
            store.begin(ours, {Bytes(300'000, 7), SimTime{1s}, 0}, 5);
            CHECK(copied({"state.db", "shown"}) == ""); // nothing was shown yet
            REQUIRE_FALSE(store.append(line(SimTime{2s}), "one"));
            CHECK(has(copied({"state.db", "shown"}), "is here without state.db-wal"));
            CHECK(has(copied({"state.db", "shown"}), "shown line 1 of the journal"));
            CHECK(has(copied({"state.db", "state.db-wal"}), "is here without "));
            CHECK(has(copied({"state.db"}), copy / "shown"));
            CHECK(copied({"state.db", "state.db-wal", "shown"}) == "");
            REQUIRE_FALSE(store.write({Bytes(300'000, 9), SimTime{4s}, 1}));
            CHECK(copied({"state.db", "shown"}) == ""); // all of it has gone over
            REQUIRE_FALSE(store.show({SimTime{5s}, SimTime{5s}}, 9));
            CHECK(has(copied({"state.db", "shown"}), "is here without state.db-wal"));
            CHECK(copied({"state.db", "state.db-wal", "shown"}) == "");
        }
        CHECK_FALSE(std::filesystem::exists(folder / "state.db-wal"));
        CHECK(copied({"state.db", "shown"}) == ""); // it was closed: all of it is in the one file
        // Who wants to go on without says so.
        std::filesystem::remove(copy / "shown");
        CHECK(has(fault_of(copy.path()), "echo forget > " + copy / "shown"));
        write_to(copy / "shown", "forget\n");
        StateStore store{copy.path()};
        const auto kept = store.read();
        REQUIRE(kept);
        CHECK(has(kept->lost, "is lost"));
        store.go_on(ours);
        CHECK_FALSE(has(bytes_in(copy / "shown"), "forget"));
    }

    TEST_CASE("A log that is cut or damaged is told, and stays as it is") {
        const Folder folder;
        keep_and_end(folder.path());
        const std::string log = folder / "state.db-wal";
        const std::string whole = bytes_in(log);
        const std::string base = bytes_in(folder / "state.db");
        const auto told = [&](const std::string& bytes) {
            write_to(log, bytes);
            const std::string fault = fault_of(folder.path());
            CHECK_MESSAGE(has(fault, log + " is damaged or cut: it ends with line "), fault);
            CHECK(has(fault, "shown line 2 of the journal and moment 1 (4.000 s"));
            CHECK((bytes_in(log) == bytes));
            CHECK((bytes_in(folder / "state.db") == base));
        };
        told(whole.substr(0, whole.size() - 1));
        told(whole.substr(0, whole.size() / 2));
        told(whole.substr(0, 40));
        for (const std::size_t at : {std::size_t{1}, whole.size() / 3, whole.size() - 3000}) {
            std::string bytes = whole;
            bytes[at] = static_cast<char>(bytes[at] ^ 0xFF);
            told(bytes);
        }
        write_to(log, "");
        CHECK(has(fault_of(folder.path()), "is here without state.db-wal"));
        write_to(log, whole);
        CHECK(fault_of(folder.path()) == "");
        CHECK((bytes_in(log) == whole)); // looked at, and nobody has gone on from it
    }

    TEST_CASE("What the machine lost at its end is told, and the rest goes on") {
        const Folder folder;
        keep_and_end(folder.path());
        const std::string log = folder / "state.db-wal";
        const std::string whole = bytes_in(log);
        write_to(log, whole.substr(0, whole.size() - 3000)); // the moment that was shown
        const std::uint64_t another = boot_number() + 1;
        {
            StateStore store{folder.path(), another};
            const auto kept = store.read();
            REQUIRE(kept);
            CHECK(has(kept->lost, "the machine was started anew since"));
            CHECK(has(kept->lost, "ends with line 2 of the journal and moment 0 (1.000 s"));
            CHECK(has(kept->lost, "shown line 2 of the journal and moment 1 (4.000 s"));
            CHECK(kept->since.size() == 2);
            store.go_on(ours);
            REQUIRE_FALSE(store.show({SimTime{3s}, SimTime{3s}}, 9));
        }
        StateStore store{folder.path(), another};
        CHECK(store.read()->lost == "");
    }

    TEST_CASE("A record of what was shown that is not as it was is told") {
        const Folder folder;
        keep_something(folder.path());
        const std::string path = folder / "shown";
        const std::string whole = bytes_in(path);
        for (std::size_t at = 0; at < whole.size(); ++at) {
            std::string bytes = whole;
            bytes[at] = static_cast<char>(bytes[at] ^ 1);
            write_to(path, bytes);
            CHECK(has(fault_of(folder.path()), path + " is damaged"));
        }
        for (const std::string& bytes : {whole.substr(0, 20), std::string{}, whole + "x"}) {
            write_to(path, bytes);
            CHECK(has(fault_of(folder.path()), path + " is damaged"));
            CHECK((bytes_in(path) == bytes));
        }
        write_to(path, whole);
        CHECK(fault_of(folder.path()) == "");
        // The other way round: it alone is here.
        std::filesystem::remove(folder / "state.db");
        CHECK(has(fault_of(folder.path()), "state.db is missing, and " + path));
    }

    TEST_CASE("What another program wrote into the database is told, and stays as it is") {
        const std::vector<std::pair<const char*, const char*>> deeds{
            {"DELETE FROM journal", "shown line 2 of the journal"},
            {"DELETE FROM journal WHERE number = 2", "shown line 2 of the journal"},
            {"DELETE FROM journal WHERE number = 1", "line 1 of its journal is missing"},
            {"UPDATE journal SET line = zeroblob(5)", "cannot be read"},
            {"UPDATE shown SET moment_ns = -5", "are not as they were written"},
            {"UPDATE shown SET moment_ns = 'hello'", "are not as they were written"},
            {"UPDATE shown SET moment_ns = 9000000000000000000", "are not as they were written"},
            {"UPDATE checkpoint SET lines = 1", "are not as they were written"},
            {"UPDATE checkpoint SET moment_ns = 1", "are not as they were written"},
            {"UPDATE checkpoint SET pieces = 1000000000", "are not as they were written"},
            {"DELETE FROM farm", "are not as they were written"},
            {"DELETE FROM shown", "are not as they were written"},
            {"DELETE FROM checkpoint", "are not as they were written"},
            {"DELETE FROM world", "world"},
            {"DELETE FROM piece WHERE number = 1", "2 of 3 pieces"},
            {"DROP TABLE world", "its tables are not those"},
            {"ALTER TABLE farm ADD COLUMN x", "its tables are not those"},
            {"CREATE TABLE more(x)", "its tables are not those"},
        };
        for (const auto& [sql, part] : deeds) {
            CAPTURE(sql);
            const Folder folder;
            keep_something(folder.path());
            Database{folder / "state.db", Database::Open::existing}.run(sql);
            const std::string before = bytes_in(folder / "state.db");
            CHECK_MESSAGE(has(fault_of(folder.path()), part), fault_of(folder.path()));
            CHECK(has(fault_of(folder.path()), folder / "state.db"));
            CHECK((bytes_in(folder / "state.db") == before));
        }
    }

    TEST_CASE("A look with another program after a kill takes the log in, and nothing is missing") {
        const Folder folder;
        keep_and_end(folder.path());
        // Part of it had gone over, as when the end came in the midst of a checkpoint.
        Database{folder / "state.db", Database::Open::existing, Database::Log::stays}.checkpoint();
        Database{folder / "state.db", Database::Open::existing}.number("SELECT 1 FROM farm");
        CHECK_FALSE(std::filesystem::exists(folder / "state.db-wal"));
        StateStore store{folder.path()};
        const auto kept = store.read();
        REQUIRE(kept);
        CHECK(kept->since.size() == 2);
        CHECK(kept->moments.shown == SimTime{4s});
        CHECK(kept->lost == "");
    }

    TEST_CASE("A folder that is taken away is noticed, and goes on when it is back") {
        const Folder folder;
        const std::string path = folder / "kept";
        const std::string away = folder / "away";
        {
            StateStore store{path};
            REQUIRE_FALSE(store.read());
            store.begin(ours, checkpoint(20'000, 7), 5);
            REQUIRE_FALSE(store.append(line(SimTime{2s}), "one"));
            std::filesystem::rename(path, away);
            for (const auto& fault :
                 {store.append(line(SimTime{3s}), "two"), store.show({SimTime{3s}, {}}, 9),
                  store.write(checkpoint(20'000, 8))}) {
                REQUIRE(fault);
                CHECK(has(fault->what, path + "/state.db was taken away"));
            }
            std::filesystem::rename(away, path);
            REQUIRE_FALSE(store.append(line(SimTime{3s}), "two"));
            for (const char* file : {"state.db-wal", "shown"}) {
                std::filesystem::rename(path + '/' + file, away);
                REQUIRE(store.append(line(SimTime{4s}), "three"));
                std::filesystem::rename(away, path + '/' + file);
            }
            // Another farm begins where it was: this one's end leaves that one's files alone.
            std::filesystem::rename(path, away);
            keep_something(path);
            write_to(path + "/state.db-wal", "another's");
        }
        CHECK(bytes_in(path + "/state.db-wal") == "another's");
        StateStore store{away};
        const auto kept = store.read();
        REQUIRE(kept);
        CHECK(kept->since.size() == 2);
    }

    TEST_CASE("A folder whose lock was taken away is held still") {
        const Folder folder;
        StateStore store{folder.path()};
        REQUIRE_FALSE(store.read());
        store.begin(ours, checkpoint(20'000, 7), 5);
        std::filesystem::remove(folder / "lock");
        CHECK(has(fault_of(folder.path()), "is kept by another process"));
        CHECK_FALSE(store.append(line(SimTime{2s}), "one"));
    }
}
