#include "scenarios/farm.hpp"

#include "scenarios/meter_feed.hpp"
#include "scenarios/supply_feed.hpp"
#include "scenarios/thread_pool.hpp"
#include "scenarios/true_energy.hpp"

#include <algorithm>
#include <cassert>

namespace kpmsim {
namespace {

/// Windows of each supply that are laid up before the meters take them: bounds the memory, and is
/// enough to be worth waking a thread.
constexpr std::size_t windows_per_batch = 5;
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
};

/// What the served side holds of a meter: as of the last publish().
struct Served {
    std::vector<MeterState> state;
    std::vector<MeterState> truth;
    std::uint64_t clipped{0};
};

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
    std::vector<std::vector<SupplyWindow>> batch; ///< per supply
    std::vector<Metered> metered;
    std::vector<std::vector<std::size_t>> pieces; ///< meters of one supply that go together
    std::deque<Instrument> instruments;
    std::vector<Served> served;
    SimTime now{};

    Parts(const FarmPlan& p, int threads) : plan{p}, pool{std::max(1, threads)} {}

    void add(const MeterPlan& meter);
    void share_out();
    void push(Metered& meter, const SupplyWindow& window) const;
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
    served.push_back({std::vector<MeterState>(instrument.loops().size()),
                      std::vector<MeterState>(instrument.loops().size()), 0});
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

void Farm::Parts::push(Metered& meter, const SupplyWindow& window) const {
    const TerminalSpectra terminals = meter.feed.at(window);
    const MeteringConfig& config = meter.metering.config();
    SampleBlock block;
    block.data = scratch(static_cast<std::size_t>(config.channels()) *
                         static_cast<std::size_t>(block.stride));
    sample(terminals, window, supplies[meter.supply].stream(), meter.feed.wiring(),
           std::span{config.adc}.first(static_cast<std::size_t>(config.channels())), block);
    MeteringMoment moment;
    moment.rtc = meter.clock.shown(civil_time(plan.start, window.window.end()));
    moment.tariff = meter.tariff->at(moment.rtc);
    meter.metering.push(block, moment);
    for (std::size_t loop = 0; loop < meter.loops.size(); ++loop) {
        Metered::Loop& mine = meter.loops[loop];
        mine.truth = kpmsim::truth(terminals, window, meter.feed.wiring(), static_cast<int>(loop));
        mine.truth[Slot::temp] = config.temperature_c[loop];
        mine.energy.add(mine.truth, window.window.length, moment.tariff,
                        config.wiring == Wiring::p4l);
    }
}

/// Fills the batch; false when no supply has a window left before `to`.
bool Farm::Parts::lay_up(SimTime to) {
    bool any = false;
    for (std::size_t supply = 0; supply < supplies.size(); ++supply) {
        batch[supply].clear();
        while (batch[supply].size() < windows_per_batch) {
            auto window = supplies[supply].next(to);
            if (!window)
                break;
            batch[supply].push_back(std::move(*window));
            any = true;
        }
    }
    return any;
}

void Farm::Parts::take_changes(std::size_t n) {
    const Instrument::Changes changes = instruments[n].take_changes();
    Metered& meter = metered[n];
    if (changes.settings)
        meter.metering.apply(instruments[n].metering_settings());
    if (changes.clear_energy) {
        meter.metering.clear_energy();
        for (Metered::Loop& loop : meter.loops)
            loop.energy.clear();
    }
    if (changes.clear_demand_maxima)
        meter.metering.clear_demand_maxima();
    meter.clock = instruments[n].clock();
}

void Farm::Parts::serve(std::size_t n, CivilTime site) {
    Served& shown = served[n];
    const Metered& meter = metered[n];
    std::array<const MeterState*, max_loops> states{};
    for (std::size_t loop = 0; loop < shown.state.size(); ++loop) {
        const MeterState& state = meter.metering.state(static_cast<int>(loop));
        shown.state[loop] = state;
        shown.truth[loop].at = state.at;
        shown.truth[loop].window = state.window;
        shown.truth[loop].readings = meter.loops[loop].truth;
        shown.truth[loop].energy = meter.loops[loop].energy.registers();
        states[loop] = &shown.state[loop];
    }
    shown.clipped = meter.metering.clipped();
    instruments[n].publish(std::span{states}.first(shown.state.size()), site);
}

Farm::Farm(const FarmPlan& plan, int threads) : parts_{std::make_unique<Parts>(plan, threads)} {
    Parts& p = *parts_;
    p.supplies.reserve(plan.supplies.size());
    for (const SupplyPlan& supply : p.plan.supplies)
        p.supplies.emplace_back(p.plan, supply);
    p.batch.resize(p.supplies.size());
    p.metered.reserve(p.plan.meters.size());
    for (const MeterPlan& meter : p.plan.meters)
        p.add(meter);
    p.share_out();
    // The meters were on before the farm began: they show the window before it, and have counted
    // nothing yet.
    p.pool.each(p.pieces.size(), [&](std::size_t piece) {
        for (const std::size_t n : p.pieces[piece]) {
            Metered& meter = p.metered[n];
            p.push(meter, p.supplies[meter.supply].last());
            meter.metering.clear_energy();
            meter.metering.clear_demand_maxima();
            for (Metered::Loop& loop : meter.loops) {
                loop.energy.clear();
            }
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
                for (const SupplyWindow& window : p.batch[p.metered[meters.front()].supply])
                    for (const std::size_t n : meters)
                        p.push(p.metered[n], window);
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
    return parts_->served.at(meter).truth.at(static_cast<std::size_t>(loop));
}
std::uint64_t Farm::clipped(std::size_t meter) const { return parts_->served.at(meter).clipped; }

} // namespace kpmsim
