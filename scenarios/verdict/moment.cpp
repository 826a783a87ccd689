#include "scenarios/verdict/moment.hpp"

#include "quality/harmonic_groups.hpp"
#include "quality/spectrum.hpp"
#include "waveforms/terminals.hpp"

#include <cmath>
#include <deque>

namespace kpmsim {
namespace {

constexpr std::size_t windows_shown = 2;

/// Sampled as the meters' clock does, without a converter.
std::array<std::vector<double>, 3> sampled(const SupplyWindow& window, const Random& noise,
                                           double full_scale_v) {
    const WiringSpec straight;
    const std::array<AdcChannel, 3> inputs{AdcChannel{full_scale_v}, AdcChannel{full_scale_v},
                                           AdcChannel{full_scale_v}};
    std::vector<double> samples(3 * max_samples_per_window);
    SampleBlock block;
    block.data = samples;
    sample(wire(straight, window, {}), window, noise, straight, inputs, block);
    std::array<std::vector<double>, 3> out;
    for (std::size_t phase = 0; phase < 3; ++phase)
        for (int n = 0; n < window.window.samples(); ++n)
            out[phase].push_back(
                full_scale_v *
                block.channel(static_cast<int>(phase))[static_cast<std::size_t>(n % block.rows)]);
    return out;
}

void add_recording(Moment& moment, const FarmPlan& farm, SimTime begin) {
    Recording& recording = moment.recording;
    recording.station = "kpmsim";
    recording.device = moment.supply;
    recording.nominal_hz = farm.supplies.front().spec.f_hz < 55 ? 50 : 60;
    recording.start = civil_time(farm.start, begin);
    recording.start_ns = begin.time_since_epoch().count() % 1'000'000'000;
    recording.trigger = recording.start;
    recording.trigger_ns = recording.start_ns;
    const auto samples = static_cast<std::int64_t>(moment.u_v[0].size());
    recording.rates = {{static_cast<double>(samples) / moment.length_s, samples}};
    constexpr std::array names{"UA", "UB", "UC"};
    constexpr std::array phases{"A", "B", "C"};
    for (std::size_t phase = 0; phase < 3; ++phase) {
        RecordedChannel channel;
        channel.name = names[phase];
        channel.phase = phases[phase];
        channel.unit = "V";
        channel.values = moment.u_v[phase];
        recording.channels.push_back(std::move(channel));
    }
}

} // namespace

std::optional<Moment> moment_of(const Script& script, std::size_t supply, SimTime at,
                                const std::function<void(Conductor&)>& prepare) {
    Conductor again{script, 1};
    prepare(again);
    std::deque<SupplyWindow> last;
    std::optional<Random> noise;
    again.farm().watch_supply(supply, [&](const SupplyRun& run, const Random& of_supply) {
        noise = of_supply;
        SupplyWindow window = run.window;
        window.window.start += (run.windows - 1) * window.window.length;
        last.push_back(std::move(window));
        while (last.size() > windows_shown)
            last.pop_front();
    });
    again.run_to(at);
    if (last.empty())
        return std::nullopt;
    const FarmPlan& farm = script.plan.farm;
    const double full_scale_v = 6 * std::max(1.0, farm.supplies[supply].spec.u_v);
    Moment moment;
    moment.supply = farm.supplies[supply].name;
    const SimTime begin = last.front().window.start;
    moment.begin_s = seconds(begin.time_since_epoch());
    for (const SupplyWindow& window : last) {
        const auto rows = sampled(window, *noise, full_scale_v);
        for (std::size_t phase = 0; phase < 3; ++phase)
            moment.u_v[phase].insert(moment.u_v[phase].end(), rows[phase].begin(),
                                     rows[phase].end());
        moment.length_s += seconds(window.window.length);
        if (&window != &last.back())
            continue;
        for (std::size_t phase = 0; phase < 3; ++phase) {
            const BinSpectrum spectrum = spectrum_of(rows[phase], window.window.cycles);
            moment.phasor_v[phase] = spectrum.bins[static_cast<std::size_t>(window.window.cycles)];
            for (int order = 0; order <= max_group_order; ++order)
                moment.harmonic_v[phase].push_back(harmonic(spectrum, order));
        }
    }
    add_recording(moment, farm, begin);
    return moment;
}

} // namespace kpmsim
