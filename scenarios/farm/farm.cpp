#include "scenarios/farm/farm.hpp"

#include "scenarios/farm/farm_state.hpp"
#include "scenarios/farm/running_meter.hpp"
#include "scenarios/farm/supply_source.hpp"
#include "scenarios/farm/thread_pool.hpp"
#include "sim/guard.hpp"

#include <algorithm>
#include <array>
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
    FarmPlan plan;
    ThreadPool pool;
    std::vector<SupplySource> supplies;
    std::vector<std::vector<SupplyRun>> batch; ///< per supply
    std::vector<RunningMeter> running;         ///< the metering side
    /// Meters of one supply that go together; those that sum others go after all that do not.
    std::array<std::vector<std::vector<std::size_t>>, 2> stages;
    std::deque<Meter> meters;               ///< the served side
    std::vector<RunningMeter::Shown> shown; ///< what it was shown of the other one
    std::vector<Message> messages;
    SimTime now{};
    SimTime promised{}; ///< as far as the metering was sent

    Parts(const FarmPlan& p, int threads) : plan{p}, pool{std::max(1, threads)} {}

    void add(const MeterPlan& meter);
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
};

void Farm::Parts::add(const MeterPlan& meter) {
    const auto supply =
        std::find_if(plan.supplies.begin(), plan.supplies.end(),
                     [&](const SupplyPlan& one) { return one.name == meter.supply; });
    guard(supply != plan.supplies.end());
    const auto at = static_cast<std::size_t>(supply - plan.supplies.begin());
    running.emplace_back(plan, meter, running.size(), at, supplies[at]);
    Meter& served = meters.emplace_back(meter.spec);
    served.keep_time([this] { return promised; }, plan.start);
    shown.emplace_back();
}

void Farm::Parts::share_out() {
    const std::size_t aim = std::clamp<std::size_t>(
        running.size() / (4 * static_cast<std::size_t>(pool.workers())), 1, most_per_piece);
    for (const bool sums : {false, true})
        for (std::size_t supply = 0; supply < supplies.size(); ++supply) {
            std::vector<std::size_t> piece;
            for (std::size_t n = 0; n < running.size(); ++n) {
                if (running[n].supply() != supply || running[n].summed().empty() == sums)
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
            any = true;
        }
    }
    return any;
}

void Farm::Parts::take_commands(std::size_t n) {
    for (Command& command : meters[n].take_commands())
        running[n].tell(std::move(command));
}

/// The commands go to the metering side, and what it came to goes to the served side: with what was
/// acknowledged and has not acted yet, so that nobody sees his own write undone.
void Farm::Parts::hand_over(std::size_t n, CivilTime site) {
    Meter& served = meters[n];
    RunningMeter& meter = running[n];
    take_commands(n);
    served.image().site = site;
    meter.show(served.image(), shown[n]);
    for (const Command& command : meter.told()) {
        if (command.at > now)
            break;
        served.show(command);
        shown[n].whole = false;
    }
    for (Message& message : meter.take_messages(now))
        messages.push_back(std::move(message));
}

Farm::Farm(const FarmPlan& plan, int threads) : parts_{std::make_unique<Parts>(plan, threads)} {
    Parts& p = *parts_;
    p.supplies.reserve(plan.supplies.size());
    for (const SupplyPlan& supply : p.plan.supplies)
        p.supplies.emplace_back(p.plan, supply, p.plan.fidelity);
    p.batch.resize(p.supplies.size());
    p.running.reserve(p.plan.meters.size());
    for (MeterPlan& meter : p.plan.meters) {
        meter.spec.clock_error = unit_errors(p.plan, meter).crystal_at(meter.ambient_c);
        meter.spec.clock_since = p.plan.start;
        p.add(meter);
    }
    for (RunningMeter& meter : p.running)
        meter.sum(p.running);
    p.share_out();
    p.each_piece([&](const std::vector<std::size_t>& meters) {
        for (const std::size_t n : meters)
            p.running[n].begin(p.supplies[p.running[n].supply()]);
    });
    publish(SimTime{});
}

Farm::~Farm() = default;

Meter::Done Farm::schedule(std::size_t meter, SimTime at, std::vector<Assignment> what) {
    Parts& p = *parts_;
    for (const Assignment& each : what)
        if (const auto why = refusal(p.meters[meter].spec(), each, Access::local))
            return Unexpected<Refusal>{*why};
    p.running[meter].tell({std::max(at, p.promised), std::move(what)});
    return std::monostate{};
}

void Farm::intervene(std::size_t meter, SimTime at, Intervention what) {
    Command command{std::max(at, parts_->promised), {}};
    command.also.push_back(std::move(what));
    parts_->running.at(meter).tell(std::move(command));
}

void Farm::cancel(std::uint64_t action) {
    for (RunningMeter& meter : parts_->running)
        meter.cancel(action);
}

void Farm::disturb(std::size_t supply, Disturbance what) {
    parts_->supplies.at(supply).disturb(std::move(what));
}

void Farm::change(std::size_t meter, int circuit, const LoadChange& what) {
    for (RunningMeter& each : parts_->running)
        each.change(meter, circuit, what);
}

void Farm::change(std::size_t meter, WiringChange what) {
    for (RunningMeter& each : parts_->running)
        each.change(meter, what);
}

void Farm::end_changes(std::uint64_t action, SimTime at) {
    for (SupplySource& supply : parts_->supplies)
        supply.end(action, at);
    for (RunningMeter& meter : parts_->running)
        meter.end(action, at);
}

void Farm::forget_changes() {
    Parts& p = *parts_;
    for (std::size_t n = 0; n < p.supplies.size(); ++n)
        p.supplies[n].forget_changes(p.plan, p.plan.supplies[n]);
    for (RunningMeter& meter : p.running)
        meter.forget_changes();
}

const SupplySpec* Farm::supply(std::size_t n) const { return parts_->supplies.at(n).spec(); }
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
            const std::size_t supply = p.running[meters.front()].supply();
            for (const SupplyRun& run : p.batch[supply])
                for (const std::size_t n : meters)
                    p.running[n].go_through(p.supplies[supply], run);
        });
    p.each_piece([&](const std::vector<std::size_t>& meters) {
        for (const std::size_t n : meters)
            p.running[n].finish(to);
    });
}

void Farm::publish(SimTime to) {
    Parts& p = *parts_;
    p.now = to;
    const CivilTime site = civil_time(p.plan.start, to);
    for (std::size_t n = 0; n < p.meters.size(); ++n)
        p.hand_over(n, site);
    std::stable_sort(p.messages.begin(), p.messages.end(),
                     [](const Message& a, const Message& b) { return a.at < b.at; });
}

std::vector<Message> Farm::take_messages() { return std::exchange(parts_->messages, {}); }

SimTime Farm::now() const { return parts_->now; }
CivilTime Farm::site_time() const { return civil_time(parts_->plan.start, parts_->now); }
std::deque<Meter>& Farm::meters() { return parts_->meters; }
const std::deque<Meter>& Farm::meters() const { return parts_->meters; }
const FarmPlan& Farm::plan() const { return parts_->plan; }

Bytes Farm::save() {
    Parts& p = *parts_;
    for (std::size_t n = 0; n < p.meters.size(); ++n)
        p.take_commands(n);
    StateWriter to;
    to.write(p.now);
    to.write(p.promised);
    for (const SupplySource& supply : p.supplies)
        to.write(supply.state());
    for (const RunningMeter& meter : p.running)
        meter.save(to);
    to.write(p.messages);
    return wrap_farm(identity_of(p.plan), to.bytes());
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
    for (RunningMeter& meter : p.running)
        meter.restore(from);
    from.read(p.messages, "messages");
    from.end();
    for (std::size_t n = 0; n < p.meters.size(); ++n) {
        p.meters[n].take_commands(); // of before
        p.shown[n] = {};
    }
    publish(p.now);
}

MeterState Farm::truth(std::size_t meter, int circuit) const {
    return parts_->running.at(meter).truth(circuit);
}
bool Farm::held_by_converter(std::size_t meter) const {
    return parts_->running.at(meter).held_by_converter();
}
std::uint64_t Farm::clipped(std::size_t meter) const {
    return parts_->running.at(meter).metering().clipped();
}

} // namespace kpmsim
