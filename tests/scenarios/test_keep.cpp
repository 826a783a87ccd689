#include "play_rig.hpp"
#include "tests/short_life.hpp"

#include "scenarios/keep/state_keeper.hpp"
#include "sim/random.hpp"

#include <csignal>
#include <optional>
#include <sys/wait.h>
#include <unistd.h>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

/// What happens to a farm from step to step.
struct Round {
    SimTime to{}; ///< the step ends there …
    std::optional<std::pair<int, int>>
        sets;                ///< … and within it demand_minutes is written: meter, value
    std::string begins;      ///< after it: an action, as JSON
    std::uint64_t ends{0};   ///< … or one is ended
    std::string comes, goes; ///< … or a meter comes, or goes
};

std::vector<Round> rounds_of(std::size_t count) {
    const std::vector<std::string> actions{
        "{'kind': 'dip', 'residual': '40 %', 'for': '5 cycles'}",
        "{'kind': 'set-supply', 'u': '236 V', 'edge': '1 s', 'for': '4 s'}",
        "{'kind': 'load-scale', 'load': 'shop', 'by': '80 %', 'for': '2 s', 'edge': '1 s'}",
        "{'kind': 'ct-swapped', 'meter': 'shop-*', 'phases': 'ac'}",
        "{'kind': 'power-off', 'tag': 'street', 'for': '1 s'}",
        "{'kind': 'clock-jump', 'model': 'kpm312', 'by': '7 s'}",
        "{'kind': 'point-jump', 'meter': 'heat', 'point': 'p', 'by': 5}",
    };
    const Random random{12, "rounds"};
    auto draw = [&, n = std::uint64_t{0}](std::size_t below) mutable {
        return static_cast<std::size_t>(random.uniform(n++) * static_cast<double>(below));
    };
    std::vector<Round> rounds;
    SimTime at{};
    std::size_t begun = 0;
    for (std::size_t n = 0; n < count; ++n) {
        Round round;
        at += SimDuration{1 + static_cast<std::int64_t>(draw(900'000'000))};
        round.to = at;
        if (draw(3) == 0)
            round.sets = {static_cast<int>(draw(5)), static_cast<int>(1 + draw(30))};
        if (const std::size_t which = draw(2 * actions.size()); which < actions.size()) {
            round.begins = actions[which];
            ++begun;
        } else if (which == actions.size() && begun > 0) {
            round.ends = 1 + draw(begun);
        }
        if (n % 17 == 5)
            round.comes = "{'name': 'more', 'model': 'kpm53', 'load': 'shop', 'address': 77}";
        if (n % 17 == 12)
            round.goes = "more";
        rounds.push_back(round);
    }
    return rounds;
}

/// Where a step may be cut short by the end of the process.
enum class Phase { promised, written, metered, kept, shown, handed_over, done };
constexpr std::size_t phases = 7;

/// A farm that keeps its state, or its twin that does not and is never ended.
class Kept {
public:
    explicit Kept(Fidelity fidelity)
        : play_{"[[meter]]\nname = 'sender'\nmodel = 'kpm33b'\nload = 'heat'\nmqtt = 'embedded'\n",
                fidelity} {}

    /// What stands in the folder, done again; or the beginning.
    void keep_in(const std::string& folder) {
        SimTime sent{};
        store_.emplace(folder);
        if (const auto kept = store_->read()) {
            play_.actions.restore(kept->checkpoint);
            replay(play_.farm, play_.actions, kept->since, kept->moments);
            CHECK(play_.farm.now() == kept->last());
            sent = kept->moments.sent;
            store_->go_on({"play.toml", {{"play.toml", 1}}, "test"});
        } else {
            store_->begin({"play.toml", {{"play.toml", 1}}, "test"},
                          {play_.actions.save(), play_.farm.now(), 0}, 0);
        }
        keeper_.emplace(play_.farm, play_.actions, *store_, 3s, sent);
    }

    /// `cut`: the process ends at that point of it.
    void take(const Round& round, std::optional<Phase> cut = std::nullopt) {
        const auto at = [&](Phase phase) {
            if (cut == phase && keeper_)
                ::raise(SIGKILL);
            return cut == phase;
        };
        if (farm().now() < round.to) {
            wall_ += 2'000'000'000;
            farm().promise(round.to);
            if (keeper_)
                keeper_->promised(round.to, wall_);
            if (at(Phase::promised))
                return;
            if (round.sets)
                set(round);
            if (at(Phase::written))
                return;
            farm().advance(round.to);
            if (keeper_)
                keeper_->metered(round.to);
            if (at(Phase::metered))
                return;
            if (keeper_)
                REQUIRE(keeper_->show(round.to, wall_));
            if (at(Phase::kept))
                return;
            farm().publish(round.to);
            if (at(Phase::shown))
                return;
            look();
            if (keeper_)
                keeper_->sent(round.to);
            if (at(Phase::handed_over))
                return;
        } else if (cut && cut != Phase::done) {
            at(*cut); // what was written in it has brought the farm there
            return;
        }
        act(round);
        at(Phase::done);
    }

    /// Does on the twin what the other one, which was ended in this round, has come to.
    void follow(const Round& round, Phase cut, SimTime now) {
        if (farm().now() < now) {
            if (round.sets && cut != Phase::promised)
                set(round);
            farm().advance(now);
            farm().publish(now);
            look();
        }
        if (cut == Phase::done)
            act(round);
    }
    void set(const Round& round) {
        farm().promise(round.to);
        Meter& meter = farm().meters()[static_cast<std::size_t>(round.sets->first)];
        const auto point = meter.type().points.find("demand_minutes");
        CHECK(meter.set({{*point, 0, double(round.sets->second)}}, Access::keys));
    }
    void act(const Round& round) {
        std::vector<Mistake> mistakes;
        if (!round.begins.empty())
            play_.act(round.begins);
        if (round.ends > 0)
            play_.actions.end(round.ends);
        if (!round.comes.empty())
            CHECK(play_.actions.add_meters(json(round.comes), mistakes));
        if (!round.goes.empty())
            CHECK(play_.actions.remove_meter(round.goes));
    }
    void look() {
        for (const Message& message : farm().take_messages())
            messages.push_back(message.topic + ' ' + message.payload);
    }

    Farm& farm() { return play_.farm; }
    Bytes state() { return play_.actions.save(); }

    std::vector<std::string> messages;

private:
    static TomlNode json(std::string text) {
        std::replace(text.begin(), text.end(), '\'', '"');
        std::vector<Mistake> mistakes;
        return parse_json(text, "meter", mistakes);
    }

    Play play_;
    std::int64_t wall_{0};
    std::optional<StateStore> store_;
    std::optional<StateKeeper> keeper_;
};

/// In a process of its own, which ends itself there.
void run_to_its_end(const std::string& folder, Fidelity fidelity, const std::vector<Round>& rounds,
                    std::size_t first, std::size_t last, Phase cut) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        Kept kept{fidelity};
        kept.keep_in(folder);
        for (std::size_t n = first; n < last; ++n)
            kept.take(rounds[n]);
        kept.take(rounds[last], cut);
        ::_exit(1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(WTERMSIG(status) == SIGKILL);
}

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE("A farm that is killed at random points goes on as if nothing had been, to the bit") {
        const std::vector<Round> rounds = rounds_of(life(120, 30));
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            const Folder folder;
            Kept twin{fidelity};
            const Random random{5, "kills"};
            std::size_t first = 0;
            for (std::uint64_t n = 0; first < rounds.size(); ++n) {
                const std::size_t last =
                    std::min(rounds.size() - 1,
                             first + static_cast<std::size_t>(random.uniform(2 * n) * 16));
                const auto cut = static_cast<Phase>(random.uniform(2 * n + 1) * phases);
                CAPTURE(last);
                CAPTURE(static_cast<int>(cut));
                run_to_its_end(folder.path(), fidelity, rounds, first, last, cut);
                for (std::size_t round = first; round < last; ++round)
                    twin.take(rounds[round]);

                Kept again{fidelity};
                again.keep_in(folder.path());
                twin.follow(rounds[last], cut, again.farm().now());
                again.look();
                REQUIRE(again.farm().now() == twin.farm().now());
                REQUIRE((again.state() == twin.state()));
                // What was not handed over comes, and perhaps the last of what was.
                CHECK(again.messages.size() <= twin.messages.size());
                CHECK(std::equal(again.messages.rbegin(), again.messages.rend(),
                                 twin.messages.rbegin()));
                // What of the round was not done comes next.
                first = last + (cut == Phase::done || last + 1 == rounds.size() ? 1 : 0);
            }
            CHECK_FALSE(twin.messages.empty());
        }
    }
}
