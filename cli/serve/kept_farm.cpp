#include "cli/serve/kept_farm.hpp"

#include "cli/terminal/report.hpp"
#include "cli/terminal/version.hpp"
#include "files/json_node.hpp"
#include "sim/iso_time.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

/// The computer that goes on by the wall's clock is never quite there; that is near enough.
constexpr SimDuration near_enough = 1s;

std::int64_t wall_ns() {
    return std::chrono::nanoseconds{std::chrono::system_clock::now().time_since_epoch()}.count();
}

std::string text_of(SimDuration length) {
    return fmt::format("{:.1f} s", static_cast<double>(length.count()) * 1e-9);
}

[[noreturn]] void refuse(const StatePlan& state, StateFault::Kind kind, const Fault& fault) {
    const Mistake mistake{state.place.value_or(Place{"--state", 0, 0}), fault.what, fault.cure};
    if (kind == StateFault::Kind::of_machine)
        throw CouldNotStart{to_text(mistake)};
    throw FileError{{mistake}};
}

/// The first that is not the same in both; empty where all is.
std::string other_part(const std::vector<WorldPart>& kept, const std::vector<WorldPart>& now) {
    for (const std::vector<WorldPart>* one : {&now, &kept})
        for (const WorldPart& part : *one) {
            const std::vector<WorldPart>& other = one == &now ? kept : now;
            const auto same = std::find_if(other.begin(), other.end(), [&](const WorldPart& each) {
                return each.what == part.what;
            });
            const bool file = &part == &one->front(); // wherever it lies
            const bool as_it_was = file ? !other.empty() && part.sum == other.front().sum
                                        : same != other.end() && *same == part;
            if (!as_it_was)
                return part.what;
        }
    return {};
}

/// What a client was shown is only what it was if all that it hung on is.
void check_it_is_the_same(const KeptState& kept, const FarmPlan& plan) {
    const SimDuration to_do = kept.last() - kept.moment;
    if (to_do == SimDuration::zero() && kept.since.empty())
        return;
    if (const std::string other = other_part(kept.of.world, plan.world); !other.empty())
        throw StateFault{
            StateFault::Kind::of_content,
            {fmt::format(
                 "{} is not as it was when the farm that is kept in {} was killed, and {} that "
                 "clients have seen are to be computed from it",
                 other, plan.state->folder, text_of(to_do)),
             "start that farm once with all of it as it was and stop it, or take another folder to "
             "begin anew"}};
    if (kept.of.version != version_text())
        throw StateFault{
            StateFault::Kind::of_content,
            {fmt::format(
                 "the farm that is kept in {} was killed under {}, and {} that clients have "
                 "seen are to be computed as that did; this is {}",
                 plan.state->folder, kept.of.version, text_of(to_do), version_text()),
             "start it once with that version and stop it, or take another folder to begin anew"}};
}

} // namespace

KeptFarm::KeptFarm(const FarmPlan& plan, Farm& farm, Actions& actions, bool began_elsewhere)
    : farm_{farm}, actions_{actions} {
    try {
        open(plan, began_elsewhere);
    } catch (const StateFault& bad) {
        refuse(*plan.state, bad.kind(), bad.fault());
    }
}

void KeptFarm::open(const FarmPlan& plan, bool began_elsewhere) {
    const StatePlan& state = *plan.state;
    const KeptOf of{plan.file, plan.world, version_text()};
    store_ = std::make_unique<StateStore>(state.folder);
    const auto kept = store_->read();
    SimTime sent = farm_.now();
    if (!kept) {
        store_->begin(of, {actions_.save(), farm_.now(), 0}, wall_ns());
        spdlog::info(fmt::format("the farm is kept in {}", state.folder));
    } else {
        if (began_elsewhere)
            throw StateFault{StateFault::Kind::of_content,
                             {fmt::format("{} holds a farm already", state.folder),
                              "leave --from out, or take an empty folder"}};
        check_it_is_the_same(*kept, plan);
        if (kept->of.version != version_text())
            spdlog::info(fmt::format("the farm that is kept in {} was stopped under {} and goes on "
                                     "under {}",
                                     state.folder, kept->of.version, version_text()));
        if (!kept->lost.empty())
            spdlog::warn(kept->lost);
        try {
            go_on_from(*kept, plan);
        } catch (const BadState& bad) {
            throw StateFault{
                StateFault::Kind::of_content,
                {fmt::format("what is kept in {} does not fit: {}", state.folder, bad.what()),
                 "start the farm file, seed and version that it was kept of"}};
        }
        sent = kept->moments.sent;
        store_->go_on(of);
    }
    keeper_ = std::make_unique<StateKeeper>(farm_, actions_, *store_, state.every, sent);
    if (const auto fault = kept ? keeper_->checkpoint(wall_ns()) : std::nullopt)
        throw StateFault{StateFault::Kind::of_machine, *fault};
}

void KeptFarm::go_on_from(const KeptState& kept, const FarmPlan& plan) {
    const auto begun = std::chrono::steady_clock::now();
    actions_.restore(kept.checkpoint, Actions::OfFile::changed_since);
    if (farm_.now() != kept.moment)
        throw BadState{"checkpoint", "it is of another moment than the table checkpoint says"};
    replay(farm_, actions_, kept.since, kept.moments);
    const SimTime left = farm_.now();
    if (plan.state->resume == StateResume::wall)
        make_up_for(kept, plan);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    spdlog::info(fmt::format("the farm that is kept in {} was left at {}; it goes on at {} ({} and "
                             "{} journal line{} done "
                             "again in {:.2f} s)",
                             plan.state->folder, moment_text(plan.start, left),
                             moment_text(plan.start, farm_.now()), text_of(left - kept.moment),
                             kept.since.size(), kept.since.size() == 1 ? "" : "s", took.count()));
}

/// To where the clock would be. As long as nobody ran the farm, no meter had its auxiliary supply.
void KeptFarm::make_up_for(const KeptState& kept, const FarmPlan& plan) {
    const SimTime left = farm_.now();
    const auto reached = [&] {
        const double wall = static_cast<double>(wall_ns() - kept.wall_ns);
        return left + SimDuration{std::llround(wall * plan.pace.factor)};
    };
    if (reached() <= left) {
        spdlog::warn(
            "the wall's clock stands before the moment at which the farm was left: it goes on "
            "there");
        return;
    }
    std::vector<Mistake> mistakes;
    const auto away = std::chrono::ceil<std::chrono::milliseconds>(reached() - left);
    actions_.start(
        parse_json(
            fmt::format(R"({{"kind": "power-off", "meter": "*", "for": "{} ms"}})", away.count()),
            "outage", mistakes),
        mistakes);
    if (!mistakes.empty())
        throw BadState{"outage", to_text(mistakes.front())};
    while (farm_.now() < left + away || farm_.now() + near_enough < reached()) {
        const SimTime to =
            std::min(farm_.now() + SimDuration{1min}, std::max(left + away, reached()));
        farm_.advance(to);
        farm_.publish(to);
    }
}

// While it runs ----------------------------------------------------------------------------------

void KeptFarm::follow(Runner::Hooks& hooks) {
    hooks.promised = [this](SimTime to) { keeper_->promised(to, wall_ns()); };
    hooks.metered = [this](SimTime to) { keeper_->metered(to); };
    hooks.may_show = [this](SimTime to) { return may_show(to); };
}

bool KeptFarm::may_show(SimTime to) {
    const bool may = keeper_->show(to, wall_ns());
    if (may == stands_still_) {
        stands_still_ = !may;
        if (may)
            spdlog::info("the farm goes on: its state is written again");
        else
            spdlog::error(
                fmt::format("the farm stands still and takes no writes until its state can be "
                            "kept: {}; {}",
                            keeper_->fault()->what, keeper_->fault()->cure));
    }
    if (const auto fault = keeper_->take_checkpoint_fault(); fault && !said_no_checkpoint_) {
        said_no_checkpoint_ = true;
        spdlog::warn(
            fmt::format("no checkpoint of the farm's state was made, its journal grows: {}; {}",
                        fault->what, fault->cure));
    }
    return may;
}

void KeptFarm::sent() { keeper_->sent(farm_.now()); }

std::optional<Fault> KeptFarm::try_to_write() { return keeper_->try_to_write(wall_ns()); }

std::optional<Fault> KeptFarm::checkpoint() { return keeper_->checkpoint(wall_ns()); }

void KeptFarm::close() {
    // What was metered and not shown is not the farm's state.
    const std::optional<Fault> fault = stands_still_ ? keeper_->fault() : checkpoint();
    if (fault)
        spdlog::warn(
            fmt::format("the last checkpoint was not made, the journal has what came after the "
                        "one before: {}",
                        fault->what));
}

} // namespace kpmsim
