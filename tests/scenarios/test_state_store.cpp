#include "play_rig.hpp"
#include "state_rig.hpp"

#include "scenarios/keep/state_keeper.hpp"
#include "sim/layout.hpp"
#include "sim/random.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <optional>
#include <sys/resource.h>
#include <unistd.h>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

/// While it lives no file of this process grows beyond that, as on a full disk.
class FullDisk {
public:
    explicit FullDisk(rlim_t size) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit tight = before_;
        tight.rlim_cur = size;
        ::setrlimit(RLIMIT_FSIZE, &tight);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit before_{};
};

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("What was kept is found again: checkpoint, journal, moments") {
        const Folder folder;
        keep_something(folder.path());
        {
            StateStore store{folder.path()};
            const auto kept = store.read();
            REQUIRE(kept);
            CHECK(kept->of.file == "play.toml");
            CHECK(kept->of.version == "kpmsim test");
            CHECK(kept->of.world == ours.world);
            CHECK((kept->checkpoint == Bytes(700'000, 7)));
            CHECK(kept->moment == SimTime{1s});
            REQUIRE(kept->since.size() == 2);
            CHECK(kept->since[1].at() == SimTime{3s});
            CHECK(kept->moments.shown == SimTime{4s});
            CHECK(kept->moments.sent == SimTime{3s});
            CHECK(kept->wall_ns == 9);
            CHECK(kept->last() == SimTime{4s});
            // A checkpoint takes the lines that are in it out of the journal.
            store.go_on(ours);
            CHECK_FALSE(store.append(line(SimTime{5s}), "three"));
            CHECK_FALSE(store.write({Bytes(300'000, 9), SimTime{4s}, 2}));
        }
        StateStore store{folder.path()};
        const auto kept = store.read();
        REQUIRE(kept);
        CHECK((kept->checkpoint == Bytes(300'000, 9)));
        CHECK(kept->moment == SimTime{4s});
        REQUIRE(kept->since.size() == 1);
        CHECK(kept->since[0].at() == SimTime{5s});
        CHECK(kept->last() == SimTime{5s});
    }

    TEST_CASE("The journal's lines are for people, too") {
        CHECK(text_of(Deed{Deed::Kind::begin, {}, 2, "{}"}) == "action 2 begins: {}");
        CHECK(text_of(Deed{Deed::Kind::remove_meter, {}, 0, "shop"}) == "shop is taken away");
        const TypeLibrary library = TypeLibrary::builtin();
        const MeterType& type = *library.find("kpm312");
        const WrittenCommand written{"four", {{}, {{*type.points.find("demand_minutes"), 0, 5}}}};
        CHECK(text_of(written, type) == "four is written demand_minutes[1] = 5");
    }

    TEST_CASE("A folder is one farm's at a time") {
        const Folder folder;
        std::optional<StateStore> store{folder.path()};
        CHECK(has(fault_of(folder.path()), "is kept by process " + std::to_string(::getpid())));
        store.reset();
        CHECK(fault_of(folder.path()) == "");
    }

    TEST_CASE("A foreign, newer, empty or cut off database is told, and stays as it is") {
        const Folder folder;
        keep_something(folder.path());
        const std::string path = folder / "state.db";
        const std::string whole = bytes_in(path);
        const auto told = [&](const std::string& bytes, const std::string& part) {
            write_to(path, bytes);
            CHECK_MESSAGE(has(fault_of(folder.path()), part), fault_of(folder.path()));
            CHECK(has(fault_of(folder.path()), path));
            CHECK((bytes_in(path) == bytes));
        };
        told("[farm]\n", "is no state of kpmsim");
        told("", "is cut off after 0 bytes");
        told(whole.substr(0, 60), "is cut off after 60 bytes");
        told(whole.substr(0, whole.size() / 2), "is damaged");
        for (std::size_t at = 8192; at < 6 * 8192; at += 8192) { // one of the tables' pages
            std::string bytes = whole;
            bytes.replace(at, 8192, std::string(8192, '\0'));
            write_to(path, bytes);
            CHECK_MESSAGE(has(fault_of(folder.path()), "is damaged"), fault_of(folder.path()));
        }
        std::string newer = whole;
        newer[63] = 9;
        told(newer, "has form 9");
        std::string another = whole;
        another[71] = 'X';
        told(another, "another program's");
        write_to(path, whole);
        CHECK(fault_of(folder.path()) == "");
        std::filesystem::remove(path);
        std::filesystem::create_directory(path);
        CHECK(has(fault_of(folder.path()), path + " is no file"));
    }

    TEST_CASE("A link in the folder is told, and what it leads to is left alone") {
        const Folder folder;
        const Folder elsewhere;
        keep_something(folder.path());
        for (const char* name : {"lock", "shown", "state.db", "state.db-wal", "state.db-shm"}) {
            const std::string path = folder / name;
            const std::string aside = elsewhere / "aside";
            const std::string victim = elsewhere / "victim";
            write_to(victim, "not ours\n");
            const bool there = std::filesystem::exists(path);
            if (there)
                std::filesystem::rename(path, aside);
            std::filesystem::create_symlink(victim, path);
            CHECK_MESSAGE(has(fault_of(folder.path()), path + " is no file, but a link"),
                          fault_of(folder.path()));
            CHECK(bytes_in(victim) == "not ours\n");
            std::filesystem::remove(path);
            if (there)
                std::filesystem::rename(aside, path);
        }
        CHECK(fault_of(folder.path()) == "");
    }

    TEST_CASE("A damaged list of free pages is told before anything is written") {
        const Folder folder;
        keep_something(folder.path());
        const std::string path = folder / "state.db";
        for (const std::size_t at :
             {std::size_t{34}, std::size_t{38}}) { // docs: fileformat2.html, 1.3
            std::string bytes = bytes_in(path);
            const std::string whole = bytes;
            bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
            write_to(path, bytes);
            CHECK_MESSAGE(has(fault_of(folder.path()), "is damaged"), fault_of(folder.path()));
            CHECK((bytes_in(path) == bytes));
            write_to(path, whole);
        }
        CHECK(fault_of(folder.path()) == "");
    }

    TEST_CASE("A byte that is another one is told, or makes no difference") {
        const Folder folder;
        const Bytes inside(3000, 7);
        keep_something(folder.path(), seal(5, inside)); // as that of a farm is
        const std::string path = folder / "state.db";
        const std::string whole = bytes_in(path);
        const Random random{4, "flips"};
        int told = 0;
        for (std::uint64_t n = 0; n < 300; ++n) {
            std::string bytes = whole;
            const auto at = static_cast<std::size_t>(random.uniform(n) * double(bytes.size()));
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << (n % 8)));
            write_to(path, bytes);
            try {
                StateStore store{folder.path()};
                const auto kept = store.read();
                REQUIRE(kept);
                const auto bytes_kept = unseal(5, kept->checkpoint);
                CHECK(std::ranges::equal(bytes_kept, inside));
                CHECK(kept->since.size() == 2);
            } catch (const StateFault&) {
                ++told;
            } catch (const BadState&) {
                ++told;
            }
        }
        CHECK(told > 10);
    }

    TEST_CASE("What cannot be written is told, and what was written stays") {
        const Folder folder;
        {
            StateStore store{folder.path()};
            store.read();
            store.begin(ours, checkpoint(20'000, 7), 5);
            REQUIRE_FALSE(store.append(line(SimTime{2s}), "one"));
            {
                const FullDisk full{std::filesystem::file_size(folder / "state.db-wal")};
                const auto fault = store.append(line(SimTime{3s}), "two");
                REQUIRE(fault);
                CHECK(has(fault->what, "cannot be written"));
                CHECK(store.show({SimTime{9s}, {}}, 9));
                CHECK(store.write(checkpoint(900'000, 8)));
                CHECK(store.lines() == 1);
            }
            CHECK_FALSE(store.append(line(SimTime{4s}), "two"));
            CHECK_FALSE(store.show({SimTime{4s}, {}}, 9));
        }
        {
            StateStore store{folder.path()};
            const auto kept = store.read();
            REQUIRE(kept);
            CHECK((kept->checkpoint == Bytes(20'000, 7)));
            REQUIRE(kept->since.size() == 2);
            CHECK(kept->since[1].at() == SimTime{4s});
            CHECK(kept->moments.shown == SimTime{4s});
            store.go_on(ours);
            { // some pieces of a long one, then a short one
                const FullDisk full{std::filesystem::file_size(folder / "state.db-wal") + 600'000};
                CHECK(store.write(checkpoint(900'000, 8)));
            }
            CHECK_FALSE(store.write(checkpoint(30'000, 9)));
        }
        StateStore store{folder.path()};
        CHECK((store.read()->checkpoint == Bytes(30'000, 9)));
    }

    TEST_CASE("What the journal does not take is not done: a write is busy, an action is refused") {
        const Folder folder;
        Play play;
        StateStore store{folder.path()};
        store.read();
        store.begin(ours, {play.actions.save(), {}, 0}, 0);
        StateKeeper keeper{play.farm, play.actions, store, 1min, {}};
        Circuit& heat = play.farm.meters()[0].circuits()[0];
        REQUIRE(heat.set("demand_minutes", 7, Access::wire));
        const std::string dip = "{'kind': 'dip', 'residual': '40 %', 'for': '5 cycles'}";
        const std::uint64_t id = play.act("{'kind': 'set-supply', 'f': '50.05 Hz'}");
        const Bytes before = play.actions.save();
        {
            const FullDisk full{std::filesystem::file_size(folder / "state.db-wal")};
            const auto done = heat.set("demand_minutes", 9, Access::wire);
            REQUIRE_FALSE(done);
            CHECK(done.error() == Refusal::busy);
            CHECK(play.get("heat", "demand_minutes") == 7);
            CHECK(has(play.mistakes_of(dip), "cannot be written"));
            CHECK_FALSE(play.actions.end(id));
            CHECK_FALSE(keeper.show(SimTime{1s}, 0));
            REQUIRE(keeper.fault());
        }
        CHECK((play.actions.save() == before));
        CHECK(keeper.show(SimTime{1s}, 0));
        CHECK_FALSE(keeper.fault());
        CHECK(heat.set("demand_minutes", 9, Access::wire));
        CHECK(play.actions.end(id));
    }

    TEST_CASE("What cannot be done again is no state of this farm") {
        const auto again = [](const JournalLine& line) -> std::string {
            Play play;
            try {
                replay(play.farm, play.actions, std::vector{line}, {});
                return "";
            } catch (const BadState& bad) {
                return bad.what();
            }
        };
        CHECK(has(again({WrittenCommand{"nobody", {}}}), "no meter nobody"));
        CHECK(has(again({WrittenCommand{"heat", {{}, {{PointId{9999}, 0, 1}}}}}),
                  "heat does not take"));
        CHECK(has(again({Deed{Deed::Kind::end, {}, 5, {}}}), "does not run"));
        CHECK(has(again({Deed{Deed::Kind::begin, {}, 5, R"({"kind": "bip"})"}}), "bip"));
        CHECK(has(again({Deed{Deed::Kind::take_back, {}, 0, {}}}), "did not come"));
        CHECK(has(again({Deed{Deed::Kind::remove_meter, {}, 0, "nobody"}}), "nobody"));
    }
}
