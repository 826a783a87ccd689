#include "scenarios/farm/farm.hpp"

#include "scenarios/farm/farm_state.hpp"
#include "scenarios/farm/meter_sensors.hpp"
#include "scenarios/farm/running_meter.hpp"
#include "scenarios/farm/supply_source.hpp"
#include "scenarios/farm/thread_pool.hpp"
#include "sim/guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace kpmsim {

namespace {

/// Runs of each supply that are laid up before the meters take them: bounds the memory, and is
/// enough to be worth waking a thread.
constexpr std::size_t runs_per_batch = 5;
/// Meters that go through a window together: they share the supply's sines, which their thread
/// keeps for one window at a time.
constexpr std::size_t most_per_piece = 32;

} // namespace

struct Farm::Parts {
    /// One meter's metering side, and what the served side was shown of it.
    struct Standing {
        std::string origin;
        std::shared_ptr<Meter> served;
        std::unique_ptr<RunningMeter> running;
        RunningMeter::Shown shown;
    };

    FarmPlan plan;
    ThreadPool pool;
    std::vector<SupplySource> supplies;
    std::vector<std::vector<SupplyRun>> batch;     ///< per supply
    std::vector<std::vector<SupplyWatch>> watches; ///< per supply
    std::vector<Standing> standing;                ///< by place
    /// Meters of one supply that go together; those that sum others go after all that do not.
    std::array<std::vector<std::vector<std::size_t>>, 2> stages;
    std::vector<std::shared_ptr<Meter>> meters; ///< the served side
    std::vector<Message> messages;
    std::vector<MeterMove> moves;
    std::vector<MeterRefusal> refused;
    SimTime now{};
    SimTime promised{}; ///< as far as the metering was sent

    std::size_t of_file;                             ///< so many meters were the file's
    std::optional<std::vector<MeterPlan>> files_own; ///< these, where one of them is gone
    std::map<std::string, Standing> resting;         ///< between begin_again() and restore()
    std::uint64_t comings{0};
    CommandWatch command_watch;

    Parts(const FarmPlan& p, int threads)
        : plan{p}, pool{std::max(1, threads)}, of_file{p.meters.size()} {}

    RunningMeter& running(std::size_t n) { return *standing[n].running; }
    std::size_t supply_of(const MeterPlan& meter) const;
    void stand(std::size_t n, SimTime at, const std::string& origin);
    std::vector<const RunningMeter*> summed_by(std::size_t n) const;
    void settle();
    void share_out();
    /// Calls `work` with each piece, on any thread.
    template <class Work>
    void each_piece(const Work& work) {
        for (const auto& pieces : stages)
            if (!pieces.empty())
                pool.each(
                    pieces.size(), [&](std::size_t piece) { work(pieces[piece]); });
    }
    bool lay_up(SimTime to);
    void take_commands(std::size_t n);
    void hand_over(std::size_t n, CivilTime site);
    void tell(std::size_t n, Command command);
    Bytes saved(SimTime as_of) const;
};

std::size_t Farm::Parts::supply_of(const MeterPlan& meter) const {
    const auto supply =
        std::find_if(plan.supplies.begin(), plan.supplies.end(),
                     [&](const SupplyPlan& one) { return one.name == meter.supply; });
    guard(supply != plan.supplies.end());
    return static_cast<std::size_t>(supply - plan.supplies.begin());
}

/// The meter of the plan's place n, which is the next one: from `at` on, or as it rests.
void Farm::Parts::stand(std::size_t n, SimTime at, const std::string& origin) {
    MeterPlan& meter = plan.meters[n];
    meter.spec.clock_error = unit_errors(plan, meter).crystal_at(meter.ambient_c);
    meter.spec.clock_since = civil_time(plan.start, at);
    meter.spec.temperature_error = temperature_errors(plan, meter);
    const std::string key = fmt::format("{} {} {}", origin, meter.spec.name, meter.spec.serial);
    if (auto same = resting.extract(key)) {
        standing.push_back(std::move(same.mapped()));
    } else {
        Standing& one = standing.emplace_back();
        one.origin = key;
        one.served = std::make_shared<Meter>(meter.spec);
        one.served->keep_time([this] { return promised; }, plan.start);
        one.served->ask([this, &meter_asked = *one.served](const Command& command) {
            return !command_watch || command_watch(meter_asked, command);
        });
        const std::size_t supply = supply_of(meter);
        one.running = std::make_unique<RunningMeter>(plan, meter, one.served->spec(), at, supply,
                                                     supplies[supply]);
    }
    meters.push_back(standing.back().served);
}

std::vector<const RunningMeter*> Farm::Parts::summed_by(std::size_t n) const {
    std::vector<const RunningMeter*> those;
    if (plan.meters[n].sum)
        for (const SumPlan::Term& term : plan.meters[n].sum->terms)
            those.push_back(standing[term.meter].running.get());
    return those;
}

/// After meters have come, gone or moved.
void Farm::Parts::settle() {
    for (std::size_t n = 0; n < standing.size(); ++n) {
        std::vector<std::size_t> summed;
        if (plan.meters[n].sum)
            for (const SumPlan::Term& term : plan.meters[n].sum->terms)
                summed.push_back(term.meter);
        running(n).take_place(n, std::move(summed), summed_by(n));
    }
    share_out();
    ++comings;
}

void Farm::Parts::share_out() {
    stages = {};
    const std::size_t aim = std::clamp<std::size_t>(
        standing.size() / (4 * static_cast<std::size_t>(pool.workers())), 1, most_per_piece);
    for (const bool sums : {false, true})
        for (std::size_t supply = 0; supply < supplies.size(); ++supply) {
            std::vector<std::size_t> piece;
            for (std::size_t n = 0; n < standing.size(); ++n) {
                if (running(n).supply() != supply || running(n).summed().empty() == sums)
                    continue;
                piece.push_back(n);
                if (piece.size() == aim) {
                    stages[sums].push_back(std::move(piece));
                    piece.clear();
                }
            }
            if (!piece.empty())
                stages[sums].push_back(std::move(piece));
        }
}

/// Fills the batch; false when no supply has a window left before `to`.
bool Farm::Parts::lay_up(SimTime to) {
    bool any = false;
    for (std::size_t supply = 0; supply < supplies.size(); ++supply) {
        batch[supply].clear();
        while (batch[supply].size() < runs_per_batch) {
            auto run = supplies[supply].next(to);
            if (!run)
                break;
            batch[supply].push_back(std::move(*run));
            for (const SupplyWatch& watch : watches[supply])
                watch(batch[supply].back(), supplies[supply].stream());
            any = true;
        }
    }
    return any;
}

void Farm::Parts::take_commands(std::size_t n) {
    for (Command& command : meters[n]->take_commands())
        running(n).tell(std::move(command));
}

/// Behind what was written before it.
void Farm::Parts::tell(std::size_t n, Command command) {
    take_commands(n);
    running(n).tell(std::move(command));
}

/// The commands go to the metering side, and what it came to goes to the served side: with what was
/// acknowledged and has not acted yet, so that nobody sees his own write undone.
void Farm::Parts::hand_over(std::size_t n, CivilTime site) {
    Meter& served = *meters[n];
    RunningMeter& meter = running(n);
    RunningMeter::Shown& shown = standing[n].shown;
    take_commands(n);
    served.image().site = site;
    meter.show(served.image(), shown);
    for (const Command& command : meter.told()) {
        if (command.at > now)
            break;
        served.show(command);
        shown.whole = false;
    }
    for (Message& message : meter.take_messages(now))
        messages.push_back(std::move(message));
    for (const RelayMove& relay : meter.take_moves())
        moves.push_back({n, relay});
    for (RefusedAtKeys& entry : meter.take_refused())
        refused.push_back({n, std::move(entry)});
}

Farm::Farm(const FarmPlan& plan, int threads) : parts_{std::make_unique<Parts>(plan, threads)} {
    Parts& p = *parts_;
    p.supplies.reserve(plan.supplies.size());
    for (const SupplyPlan& supply : p.plan.supplies)
        p.supplies.emplace_back(p.plan, supply, p.plan.fidelity);
    p.batch.resize(p.supplies.size());
    p.watches.resize(p.supplies.size());
    for (std::size_t n = 0; n < p.plan.meters.size(); ++n)
        p.stand(n, SimTime{}, "");
    p.settle();
    p.each_piece([&](const std::vector<std::size_t>& meters) {
        for (const std::size_t n : meters)
            p.running(n).begin(p.supplies[p.running(n).supply()]);
    });
    publish(SimTime{});
}

Farm::~Farm() = default;

Meter::Done Farm::schedule(std::size_t meter, SimTime at, std::vector<Assignment> what) {
    Parts& p = *parts_;
    for (const Assignment& each : what)
        if (const auto why = refusal(p.meters[meter]->spec(), each, Access::local))
            return Unexpected<Refusal>{*why};
    p.tell(meter, {std::max(at, p.promised), std::move(what)});
    return std::monostate{};
}

void Farm::intervene(std::size_t meter, SimTime at, Intervention what) {
    Command command{std::max(at, parts_->promised), {}};
    command.also.push_back(std::move(what));
    parts_->tell(meter, std::move(command));
}

void Farm::disturb(std::size_t supply, Disturbance what) {
    parts_->supplies.at(supply).disturb(std::move(what));
}

void Farm::change(std::size_t meter, int circuit, const LoadChange& what) {
    for (const Parts::Standing& one : parts_->standing)
        one.running->change(meter, circuit, what);
}

void Farm::change(std::size_t meter, WiringChange what) {
    for (const Parts::Standing& one : parts_->standing)
        one.running->change(meter, what);
}

void Farm::end(std::uint64_t action, SimTime at) {
    for (SupplySource& supply : parts_->supplies)
        supply.end(action, at);
    for (std::size_t n = 0; n < parts_->standing.size(); ++n) {
        parts_->take_commands(n);
        parts_->running(n).end(action, at);
    }
}

// Meters that come and go -----------------------------------------------------------------------

void Farm::add(std::vector<MeterPlan> more, SimTime at, const std::string& origin) {
    Parts& p = *parts_;
    const std::size_t first = p.plan.meters.size();
    for (MeterPlan& meter : more)
        p.plan.meters.push_back(std::move(meter));
    for (std::size_t n = first; n < p.plan.meters.size(); ++n)
        p.stand(n, at, origin);
    p.settle();
    for (std::size_t n = first; n < p.plan.meters.size(); ++n) {
        p.running(n).take_changes(p.summed_by(n));
        p.running(n).begin(p.supplies[p.running(n).supply()]);
        p.hand_over(n, site_time());
    }
}

void Farm::remove(std::size_t meter) {
    Parts& p = *parts_;
    if (meter < p.of_file && !p.files_own)
        p.files_own.emplace(p.plan.meters.begin(),
                            p.plan.meters.begin() + static_cast<std::ptrdiff_t>(p.of_file));
    if (meter < p.of_file)
        --p.of_file;
    const auto erase = [&](auto& list) {
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(meter));
    };
    erase(p.plan.meters);
    erase(p.standing);
    erase(p.meters);
    std::erase_if(p.messages, [&](const Message& message) { return message.meter == meter; });
    for (Message& message : p.messages)
        message.meter -= message.meter > meter ? 1 : 0;
    for (MeterPlan& other : p.plan.meters)
        if (other.sum)
            for (SumPlan::Term& term : other.sum->terms) {
                guard(term.meter != meter);
                term.meter -= term.meter > meter ? 1 : 0;
            }
    p.settle();
}

void Farm::begin_again() {
    Parts& p = *parts_;
    for (Parts::Standing& one : p.standing) {
        one.running->forget_changes();
        p.resting.emplace(one.origin, std::move(one));
    }
    p.standing.clear();
    p.meters.clear();
    p.messages.clear();
    if (p.files_own)
        p.plan.meters = std::move(*p.files_own);
    else
        p.plan.meters.resize(p.of_file);
    p.files_own.reset();
    p.of_file = p.plan.meters.size();
    for (std::size_t n = 0; n < p.of_file; ++n)
        p.stand(n, SimTime{}, "");
    p.settle();
    for (std::size_t n = 0; n < p.supplies.size(); ++n)
        p.supplies[n].forget_changes(p.plan, p.plan.supplies[n]);
}

std::uint64_t Farm::comings() const { return parts_->comings; }

const SupplySpec* Farm::supply(std::size_t n) const { return parts_->supplies.at(n).spec(); }
void Farm::watch_supply(std::size_t n, SupplyWatch watch) {
    parts_->watches.at(n).push_back(std::move(watch));
}
void Farm::watch_terminals(std::size_t meter, TerminalWatch watch) {
    parts_->running(meter).watch(std::move(watch));
}
void Farm::watch_commands(CommandWatch watch) { parts_->command_watch = std::move(watch); }
SimTime Farm::promised() const { return parts_->promised; }

void Farm::promise(SimTime to) {
    Parts& p = *parts_;
    for (std::size_t n = 0; n < p.meters.size(); ++n)
        p.take_commands(n);
    p.promised = std::max(p.promised, to);
}

void Farm::advance(SimTime to) {
    Parts& p = *parts_;
    if (p.promised < to)
        promise(to);
    while (p.lay_up(to))
        p.each_piece([&](const std::vector<std::size_t>& meters) {
            const std::size_t supply = p.running(meters.front()).supply();
            for (const SupplyRun& run : p.batch[supply])
                for (const std::size_t n : meters)
                    p.running(n).go_through(p.supplies[supply], run);
        });
    p.each_piece([&](const std::vector<std::size_t>& meters) {
        for (const std::size_t n : meters)
            p.running(n).finish(to);
    });
}

void Farm::publish(SimTime to) {
    Parts& p = *parts_;
    p.now = to;
    p.moves.clear();
    p.refused.clear();
    const CivilTime site = civil_time(p.plan.start, to);
    for (std::size_t n = 0; n < p.meters.size(); ++n)
        p.hand_over(n, site);
    std::stable_sort(
        p.moves.begin(), p.moves.end(),
        [](const MeterMove& a, const MeterMove& b) { return a.relay.at < b.relay.at; });
    std::stable_sort(p.messages.begin(), p.messages.end(),
                     [](const Message& a, const Message& b) { return a.at < b.at; });
}

std::vector<Message> Farm::take_messages() { return std::exchange(parts_->messages, {}); }
const std::vector<Farm::MeterMove>& Farm::relay_moves() const { return parts_->moves; }
const std::vector<Farm::MeterRefusal>& Farm::refused_at_keys() const { return parts_->refused; }

SimTime Farm::now() const { return parts_->now; }
CivilTime Farm::site_time() const { return civil_time(parts_->plan.start, parts_->now); }
Meters Farm::meters() const { return Meters{parts_->meters}; }
const FarmPlan& Farm::plan() const { return parts_->plan; }

Bytes Farm::save() {
    Parts& p = *parts_;
    for (std::size_t n = 0; n < p.meters.size(); ++n)
        p.take_commands(n);
    return p.saved(p.now);
}

Bytes Farm::save_metered(SimTime to) const { return parts_->saved(to); }

Bytes Farm::Parts::saved(SimTime as_of) const {
    StateWriter to;
    to.write(as_of);
    to.write(promised);
    for (const SupplySource& supply : supplies)
        to.write(supply.state());
    for (const Standing& one : standing)
        one.running->save(to);
    to.write(messages);
    return wrap_farm(identity_of(plan), to.bytes());
}

void Farm::restore(std::span<const std::uint8_t> saved) {
    Parts& p = *parts_;
    StateReader from{unwrap_farm(identity_of(p.plan), saved)};
    from.read(p.now, "now");
    from.read(p.promised, "promised");
    for (SupplySource& supply : p.supplies) {
        SupplySourceState state;
        from.read(state, "supply");
        supply.restore(std::move(state));
    }
    for (const Parts::Standing& one : p.standing)
        one.running->restore(from);
    from.read(p.messages, "messages");
    from.end();
    p.resting.clear();
    for (std::size_t n = 0; n < p.meters.size(); ++n) {
        p.meters[n]->take_commands(); // of before
        p.standing[n].shown = {};
    }
    publish(p.now);
}

MeterState Farm::truth(std::size_t meter, int circuit) const {
    return parts_->standing.at(meter).running->truth(circuit);
}
bool Farm::held_by_converter(std::size_t meter) const {
    return parts_->standing.at(meter).running->held_by_converter();
}
std::uint64_t Farm::clipped(std::size_t meter) const {
    return parts_->standing.at(meter).running->metering().clipped();
}

} // namespace kpmsim
