#include "scenarios/verdict/moment.hpp"

#include "quality/harmonic_groups.hpp"
#include "quality/spectrum.hpp"

#include <cmath>
#include <deque>
#include <fmt/format.h>

namespace kpmsim {
namespace {

constexpr std::size_t windows_shown = 2;

struct SampledWindow {
    Window window;
    SampledRows rows;
};

/// The last windows that somebody showed.
class LastWindows {
public:
    /// The first of `windows` that are all alike.
    void add(Window window, std::int64_t windows, const SampledRows& rows) {
        const auto shown = static_cast<std::int64_t>(windows_shown);
        window.start += std::max<std::int64_t>(windows - shown, 0) * window.length;
        for (std::int64_t n = 0; n < std::min(windows, shown); ++n, window.start += window.length)
            all_.push_back({window, rows});
        while (all_.size() > windows_shown)
            all_.pop_front();
    }
    const std::deque<SampledWindow>& all() const { return all_; }

private:
    std::deque<SampledWindow> all_;
};

MomentWaves waves_of(const std::deque<SampledWindow>& windows, std::size_t first_channel) {
    MomentWaves waves;
    for (std::size_t phase = 0; phase < 3; ++phase) {
        for (const SampledWindow& window : windows) {
            const std::vector<double>& rows = window.rows[first_channel + phase];
            waves.rows[phase].insert(waves.rows[phase].end(), rows.begin(), rows.end());
        }
        const SampledWindow& last = windows.back();
        const BinSpectrum spectrum =
            spectrum_of(last.rows[first_channel + phase], last.window.cycles);
        waves.phasor[phase] = spectrum.bins[static_cast<std::size_t>(last.window.cycles)];
        for (int order = 0; order <= max_group_order; ++order)
            waves.harmonic[phase].push_back(harmonic(spectrum, order));
    }
    return waves;
}

void add_channels(const MomentWaves& waves, const char* quantity, const char* unit,
                  Recording& recording) {
    for (std::size_t phase = 0; phase < 3; ++phase) {
        RecordedChannel& channel = recording.channels.emplace_back();
        channel.phase = "ABC"[phase];
        channel.name = quantity + channel.phase;
        channel.unit = unit;
        channel.values = waves.rows[phase];
    }
}

void add_recording(Moment& moment, const FarmPlan& farm, std::size_t supply, SimTime begin) {
    Recording& recording = moment.recording;
    recording.station = "kpmsim";
    recording.device = moment.place;
    recording.nominal_hz = farm.supplies[supply].spec.f_hz < 55 ? 50 : 60;
    recording.start = civil_time(farm.start, begin);
    recording.start_ns = begin.time_since_epoch().count() % 1'000'000'000;
    recording.trigger = recording.start;
    recording.trigger_ns = recording.start_ns;
    const auto samples = static_cast<std::int64_t>(moment.u.rows[0].size());
    recording.rates = {{static_cast<double>(samples) / moment.length_s, samples}};
    add_channels(moment.u, "U", "V", recording);
    if (moment.i)
        add_channels(*moment.i, "I", "A", recording);
}

} // namespace

MomentPlace place_of(const Expectation& expectation, const FarmPlan& farm) {
    const FormulaTerm* term = expectation.point ? &*expectation.point : nullptr;
    if (expectation.what)
        for (const FormulaTerm& one : expectation.what->terms())
            if (term == nullptr && one.face != Face::other)
                term = &one;
    MomentPlace place;
    if (term == nullptr)
        return place;
    place.terminals = terminals_of(farm, term->meter, term->circuit);
    for (std::size_t n = 0; n < farm.supplies.size(); ++n)
        if (farm.supplies[n].name == farm.meters[term->meter].supply)
            place.supply = n;
    return place;
}

std::optional<Moment> moment_of(const Script& script, const MomentPlace& place, SimTime at,
                                const std::function<void(Conductor&)>& prepare) {
    const FarmPlan& farm = script.plan.farm;
    const double u_v = std::max(1.0, farm.supplies[place.supply].spec.u_v);
    Conductor again{script, 1};
    prepare(again);
    LastWindows last;
    Moment moment;
    if (place.terminals) {
        const MeterSpec& spec = farm.meters[place.terminals->meter].spec;
        moment.place = spec.type->circuits == 1
                           ? spec.name
                           : fmt::format("{} circuit {}", spec.name, place.terminals->circuit + 1);
        again.farm().watch_terminals(place.terminals->meter, [&](const TerminalRun& run) {
            last.add(run.window.supply.window, run.windows, rows_of(run, *place.terminals, u_v));
        });
    } else {
        moment.place = farm.supplies[place.supply].name;
        again.farm().watch_supply(place.supply, [&](const SupplyRun& run, const Random& noise) {
            last.add(run.window.window, run.windows, rows_of(run.window, noise, u_v));
        });
    }
    again.run_to(at);
    if (last.all().empty())
        return std::nullopt;
    const SimTime begin = last.all().front().window.start;
    moment.begin_s = seconds(begin.time_since_epoch());
    moment.at_s = seconds(at.time_since_epoch());
    for (const SampledWindow& window : last.all())
        moment.length_s += seconds(window.window.length);
    moment.u = waves_of(last.all(), 0);
    if (place.terminals)
        moment.i = waves_of(last.all(), 3);
    add_recording(moment, farm, place.supply, begin);
    return moment;
}

} // namespace kpmsim
