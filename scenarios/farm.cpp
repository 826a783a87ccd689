#include "scenarios/farm.hpp"

#include "scenarios/meter_feed.hpp"
#include "scenarios/supply_feed.hpp"
#include "scenarios/thread_pool.hpp"
#include "scenarios/true_energy.hpp"
#include "waveforms/terminal_sums.hpp"

#include <algorithm>
#include <cassert>

namespace kpmsim {

using namespace std::chrono_literals;

namespace {

/// Runs of each supply that are laid up before the meters take them: bounds the memory, and is
/// enough to be worth waking a thread.
constexpr std::size_t runs_per_batch = 5;
/// In window fidelity one window is sampled in this time, changes or not.
constexpr SimDuration sampled_at_least = 1min;
/// A window that slips less than this (2^64 = one turn) has the codes of the last: in a minute of 300
/// windows it is a tenth of a code where a full-scale sine is steepest. 50 Hz and 60 Hz slip less.
constexpr std::int64_t same_codes_slip = std::int64_t{1} << 27;
/// Meters that go through a window together: they share the supply's sines, which their thread
/// keeps for one window at a time.
constexpr std::size_t most_per_piece = 32;

/// The metering side of a meter.
struct Metered {
    std::size_t supply{0};
    MeterFeed feed;
    Metering metering;
    MeterClock clock; ///< against the site's
    const TariffTable* tariff{nullptr};
    struct Loop {
        Readings truth;
        TrueEnergy energy;
    };
    std::vector<Loop> loops;
    // In window fidelity.
    bool settled{false};   ///< the last window that was sampled may be repeated
    bool held{false};      ///< … but for its converter
    SimTime loads_until{}; ///< … until a load changes, or one must be sampled anyway
    CivilTime minute{};    ///< of the last window counted, by the meter's clock
    Repeat run{};          ///< not yet counted
};

/// What the served side holds of a meter: as of the last publish().
struct Served {
    std::vector<MeterState> state;
    /// The metering's windows when `state` was shown as a whole; nothing when it must be again.
    std::optional<std::uint64_t> counted{};
    std::uint64_t clipped{0};
    bool held{false};
};

CivilTime minute_of(CivilTime t) { return std::chrono::floor<std::chrono::minutes>(t); }

/// One block a thread, kept between windows only to save making it.
std::span<double> scratch(std::size_t size) {
    thread_local std::vector<double> samples;
    if (samples.size() < size)
        samples.resize(size);
    return samples;
}

} // namespace

struct Farm::Parts {
    FarmPlan plan;
    ThreadPool pool;
    std::vector<SupplyFeed> supplies;
    std::vector<std::vector<SupplyRun>> batch; ///< per supply
    std::vector<Metered> metered;
    std::vector<std::vector<std::size_t>> pieces; ///< meters of one supply that go together
    std::deque<Instrument> instruments;
    std::vector<Served> served;
    SimTime now{};

    Parts(const FarmPlan& p, int threads) : plan{p}, pool{std::max(1, threads)} {}

    void add(const MeterPlan& meter);
    void share_out();
    MeteringMoment moment(const Metered& meter, SimTime at) const;
    void go_through(Metered& meter, const SupplyRun& windows) const;
    SampleBlock block_of(const Metered& meter, const SupplyWindow& window,
                         const TerminalSpectra& terminals) const;
    void take_truth(Metered& meter, const SupplyWindow& window,
                    const TerminalSpectra& terminals) const;
    void show_before(Metered& meter, const SupplyWindow& window) const;
    void sample_one(Metered& meter, const SupplyWindow& window, bool may_settle) const;
    void begin_run(Metered& meter, const SupplyWindow& first, std::int64_t at_most) const;
    void count_run(Metered& meter) const;
    TrueEnergy true_energy(const Metered& meter, const Metered::Loop& loop) const;
    bool lay_up(SimTime to);
    void take_changes(std::size_t n);
    void serve(std::size_t n, CivilTime site);
};

void Farm::Parts::add(const MeterPlan& meter) {
    const MeterErrors errors = unit_errors(plan, meter);
    InstrumentSpec spec = meter.instrument;
    spec.clock_error = errors.crystal_at(meter.ambient_c);
    spec.clock_since = plan.start;
    Instrument& instrument = instruments.emplace_back(std::move(spec));
    for (const LoopSetting& setting : meter.loop_settings) {
        [[maybe_unused]] const bool allowed =
            instrument.set(setting.name, setting.value, setting.loop);
        assert(allowed);
    }
    instrument.take_changes(); // the metering is built with them
    const auto supply =
        std::find_if(plan.supplies.begin(), plan.supplies.end(),
                     [&](const SupplyPlan& one) { return one.name == meter.supply; });
    assert(supply != plan.supplies.end());
    const auto at = static_cast<std::size_t>(supply - plan.supplies.begin());
    metered.push_back(
        {at, MeterFeed{plan, meter},
         Metering{metering_config(instrument, errors, meter.ambient_c, supplies[at].nominal_hz()),
                  instrument.metering_settings(),
                  Random{plan.seed, "meter/" + meter.instrument.name + "/noise"}},
         instrument.clock(), &instrument.type().tariff,
         std::vector<Metered::Loop>(instrument.loops().size())});
    served.push_back({std::vector<MeterState>(instrument.loops().size())});
}

void Farm::Parts::share_out() {
    const std::size_t aim = std::clamp<std::size_t>(
        metered.size() / (4 * static_cast<std::size_t>(pool.workers())), 1, most_per_piece);
    for (std::size_t supply = 0; supply < supplies.size(); ++supply) {
        std::vector<std::size_t> piece;
        for (std::size_t n = 0; n < metered.size(); ++n) {
            if (metered[n].supply != supply)
                continue;
            piece.push_back(n);
            if (piece.size() == aim) {
                pieces.push_back(std::move(piece));
                piece.clear();
            }
        }
        if (!piece.empty())
            pieces.push_back(std::move(piece));
    }
}

MeteringMoment Farm::Parts::moment(const Metered& meter, SimTime at) const {
    MeteringMoment moment;
    moment.rtc = meter.clock.shown(civil_time(plan.start, at));
    moment.tariff = meter.tariff->at(moment.rtc);
    return moment;
}

/// A run is counted when it is over, in one go from its first window on: what was shown of it
/// before, and how time was cut into steps, leaves no trace.
void Farm::Parts::go_through(Metered& meter, const SupplyRun& windows) const {
    for (std::int64_t n = 0; n < windows.windows;) {
        const Window& first = windows.window.window;
        const SimTime middle = first.start + n * first.length + first.length / 2;
        if (!windows.repeats || !meter.settled || middle >= meter.loads_until) {
            count_run(meter);
            sample_one(meter, n == 0 ? windows.window : later(windows.window, n),
                       windows.to_come > n);
            ++n;
            continue;
        }
        if (meter.run.planned == 0)
            begin_run(meter, later(windows.window, n), windows.to_come - n + 1);
        const std::int64_t more =
            std::min(windows.windows - n, meter.run.planned - meter.run.windows);
        meter.run.windows += more;
        n += more;
        if (meter.run.windows == meter.run.planned)
            count_run(meter);
    }
}

SampleBlock Farm::Parts::block_of(const Metered& meter, const SupplyWindow& window,
                                  const TerminalSpectra& terminals) const {
    const MeteringConfig& config = meter.metering.config();
    SampleBlock block;
    block.data = scratch(static_cast<std::size_t>(config.channels()) *
                         static_cast<std::size_t>(block.stride));
    sample(terminals, window, supplies[meter.supply].stream(), meter.feed.wiring(),
           std::span{config.adc}.first(static_cast<std::size_t>(config.channels())), block);
    return block;
}

void Farm::Parts::take_truth(Metered& meter, const SupplyWindow& window,
                             const TerminalSpectra& terminals) const {
    for (std::size_t loop = 0; loop < meter.loops.size(); ++loop) {
        Readings& truth = meter.loops[loop].truth;
        truth = truth_if_any(terminals, window, meter.feed.wiring(), static_cast<int>(loop));
        truth[Slot::temp] = meter.metering.config().temperature_c[loop];
    }
}

/// The window before the start.
void Farm::Parts::show_before(Metered& meter, const SupplyWindow& window) const {
    const TerminalSpectra terminals = meter.feed.at(window);
    meter.metering.begin(block_of(meter, window, terminals),
                         moment(meter, window.window.end()).rtc);
    take_truth(meter, window, terminals);
}

void Farm::Parts::sample_one(Metered& meter, const SupplyWindow& window, bool may_settle) const {
    const TerminalSpectra terminals = meter.feed.at(window);
    const MeteringConfig& config = meter.metering.config();
    const SampleBlock block = block_of(meter, window, terminals);
    const MeteringMoment at_end = moment(meter, window.window.end());
    meter.metering.push(block, at_end);
    take_truth(meter, window, terminals);
    for (Metered::Loop& loop : meter.loops)
        loop.energy.add(loop.truth, window.window.length, at_end.tariff,
                        config.wiring == Wiring::p4l);
    meter.minute = minute_of(at_end.rtc);
    meter.settled = false;
    meter.held = false;
    if (!may_settle)
        return;
    const SimTime middle = window.window.start + window.window.length / 2;
    meter.loads_until = meter.feed.steady_until(middle);
    if (meter.loads_until <= middle || terminals.changes())
        return;
    meter.loads_until = std::min(meter.loads_until, middle + sampled_at_least);
    if (std::abs(window.slip) < same_codes_slip && !meter.metering.has_noise()) {
        meter.settled = meter.metering.settle(block, nullptr);
    } else {
        thread_local WindowSums sums;
        terminal_sums(terminals, config, window.window.samples(), sums);
        meter.settled = meter.metering.settle(block, &sums);
    }
    meter.held = !meter.settled;
}

/// A run ends where the supply or a load changes and with the minute of the meter's clock; a window
/// that begins a minute is a run of its own.
void Farm::Parts::begin_run(Metered& meter, const SupplyWindow& first, std::int64_t at_most) const {
    const Window& window = first.window;
    meter.run = {window, static_cast<double>(first.slip) * 0x1p-64, 1, 0};
    const auto in_the_minute = [&](std::int64_t n) {
        return minute_of(moment(meter, window.start + n * window.length).rtc) == meter.minute;
    };
    if (!in_the_minute(1) || !meter.metering.may_repeat_many())
        return;
    const SimDuration to_change = meter.loads_until - window.start - window.length / 2;
    at_most = std::min({at_most, (to_change - SimDuration{1}) / window.length + 1,
                        SimDuration{1min} / window.length + 1});
    std::int64_t inside = 1; // so many are, and one more than `at_most` is taken as not
    for (std::int64_t beyond = at_most + 1; beyond - inside > 1;) {
        const std::int64_t n = inside + (beyond - inside) / 2;
        (in_the_minute(n) ? inside : beyond) = n;
    }
    meter.run.planned = inside;
}

void Farm::Parts::count_run(Metered& meter) const {
    if (meter.run.windows > 0) {
        const MeteringMoment at_end = moment(meter, meter.run.end());
        meter.metering.repeat(meter.run, at_end);
        for (Metered::Loop& loop : meter.loops)
            loop.energy = true_energy(meter, loop);
        meter.minute = minute_of(at_end.rtc);
    }
    meter.run = {};
}

/// With the run that is not yet counted.
TrueEnergy Farm::Parts::true_energy(const Metered& meter, const Metered::Loop& loop) const {
    TrueEnergy energy = loop.energy;
    if (meter.run.windows > 0)
        energy.add(loop.truth, meter.run.windows * meter.run.first.length,
                   moment(meter, meter.run.end()).tariff,
                   meter.metering.config().wiring == Wiring::p4l);
    return energy;
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

void Farm::Parts::take_changes(std::size_t n) {
    const Instrument::Changes changes = instruments[n].take_changes();
    Metered& meter = metered[n];
    const MeterClock clock = instruments[n].clock();
    if (changes.any() || clock != meter.clock)
        count_run(meter);
    if (changes.any()) {
        meter.settled = false;
        served[n].counted.reset();
    }
    if (changes.settings)
        meter.metering.apply(instruments[n].metering_settings());
    if (changes.clear_energy) {
        meter.metering.clear_energy();
        for (Metered::Loop& loop : meter.loops)
            loop.energy.clear();
    }
    if (changes.clear_demand_maxima)
        meter.metering.clear_demand_maxima();
    meter.clock = clock;
}

void Farm::Parts::serve(std::size_t n, CivilTime site) {
    Served& shown = served[n];
    const Metered& meter = metered[n];
    const MeteringMoment last = moment(meter, meter.run.end());
    const std::uint64_t counted = meter.metering.state(0).window;
    if (counted == shown.counted)
        meter.metering.show_more(meter.run, last, shown.state);
    else
        meter.metering.show(meter.run, last, shown.state);
    shown.counted = counted;
    std::array<const MeterState*, max_loops> states{};
    for (std::size_t loop = 0; loop < shown.state.size(); ++loop)
        states[loop] = &shown.state[loop];
    shown.clipped = meter.metering.clipped();
    shown.held = meter.held;
    instruments[n].publish(std::span{states}.first(shown.state.size()), site);
}

Farm::Farm(const FarmPlan& plan, int threads) : parts_{std::make_unique<Parts>(plan, threads)} {
    Parts& p = *parts_;
    p.supplies.reserve(plan.supplies.size());
    for (const SupplyPlan& supply : p.plan.supplies)
        p.supplies.emplace_back(p.plan, supply, p.plan.fidelity);
    p.batch.resize(p.supplies.size());
    p.metered.reserve(p.plan.meters.size());
    for (const MeterPlan& meter : p.plan.meters)
        p.add(meter);
    p.share_out();
    // The meters were on before the farm began: they show the window before it, and count from the
    // first that begins in it.
    p.pool.each(p.pieces.size(), [&](std::size_t piece) {
        for (const std::size_t n : p.pieces[piece]) {
            Metered& meter = p.metered[n];
            p.show_before(meter, p.supplies[meter.supply].last());
        }
    });
    publish(SimTime{});
}

Farm::~Farm() = default;

void Farm::advance(SimTime to) {
    Parts& p = *parts_;
    while (p.lay_up(to)) {
        p.pool.each(
            p.pieces.size(),
            [&](std::size_t piece) {
                const std::vector<std::size_t>& meters = p.pieces[piece];
                for (const SupplyRun& run : p.batch[p.metered[meters.front()].supply])
                    for (const std::size_t n : meters)
                        p.go_through(p.metered[n], run);
            });
    }
}

void Farm::publish(SimTime to) {
    Parts& p = *parts_;
    p.now = to;
    const CivilTime site = civil_time(p.plan.start, to);
    for (std::size_t n = 0; n < p.instruments.size(); ++n) {
        p.take_changes(n);
        p.serve(n, site);
    }
}

SimTime Farm::now() const { return parts_->now; }
CivilTime Farm::site_time() const { return civil_time(parts_->plan.start, parts_->now); }
std::deque<Instrument>& Farm::instruments() { return parts_->instruments; }
const FarmPlan& Farm::plan() const { return parts_->plan; }

MeterState Farm::truth(std::size_t meter, int loop) const {
    const Parts& p = *parts_;
    const Metered& of = p.metered.at(meter);
    const Metered::Loop& mine = of.loops.at(static_cast<std::size_t>(loop));
    MeterState truth;
    truth.at = std::max(of.metering.state(loop).at, of.run.end());
    truth.window = of.metering.state(loop).window + static_cast<std::uint64_t>(of.run.windows);
    truth.readings = mine.truth;
    truth.energy = p.true_energy(of, mine).registers();
    return truth;
}
std::uint64_t Farm::clipped(std::size_t meter) const { return parts_->served.at(meter).clipped; }
bool Farm::held_by_converter(std::size_t meter) const { return parts_->served.at(meter).held; }

} // namespace kpmsim
