#include "scenarios/measure/wave.hpp"

#include "files/csv.hpp"
#include "files/number.hpp"
#include "files/printable.hpp"
#include "scenarios/farm/meter_terminals.hpp"
#include "scenarios/farm/supply_source.hpp"
#include "scenarios/farm/terminal_channels.hpp"
#include "sim/guard.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>

namespace kpmsim {
namespace {

/// An exact decimal, where a double would have to round.
std::string seconds_text(SimTime at) {
    const std::int64_t ns = at.time_since_epoch().count();
    const std::int64_t size = std::abs(ns);
    return fmt::format("{}{}.{:09}", ns < 0 ? "-" : "", size / 1'000'000'000, size % 1'000'000'000);
}

void write_truth(const WiredWindow& window, int circuits, std::ostream& out) {
    for (int circuit = 0; circuit < circuits; ++circuit) {
        MeterState state;
        window.truth_if_any(circuit, std::array{&state.readings});
        const auto quantities = catalogue();
        for (std::size_t i = 0; i < quantities.size(); ++i) {
            const QuantityInfo& q = quantities[i];
            const double value = state.get(Quantity{static_cast<std::uint16_t>(i)});
            if (q.kind != QuantityKind::reading || std::isnan(value) ||
                (q.slot >= static_cast<std::uint16_t>(Slot::temp) && value == 0.0))
                continue;
            out << "# truth circuit " << circuit + 1 << ": " << q.name << " = "
                << number_text(value) << (q.unit.empty() ? "" : " ") << q.unit << '\n';
        }
    }
}

/// One window at a meter's converter.
struct WaveStep {
    SupplyWindow supply;
    SampleBlock block;
    std::uint64_t first_sample{0}; ///< as the meter counts them, for its noise
};

/// Goes through a meter's windows as Farm does.
class WaveWalk {
public:
    WaveWalk(const FarmPlan& plan, const MeterPlan& meter)
        : voltage_{plan, supply_of(plan, meter), Fidelity::sample},
          terminals_{plan, meter}, config_{metering_config(plan, meter, voltage_.nominal_hz())},
          closed_(std::max<std::size_t>(terminals_.summed().size(), 1)),
          noise_{plan.seed, "meter/" + meter.spec.name + "/noise"},
          samples_(channels() * max_samples_per_window),
          // A farm's meter shows the window before its start.
          first_sample_{static_cast<std::uint64_t>(voltage_.last().window.samples())} {}

    const MeteringConfig& config() const { return config_; }
    std::size_t channels() const { return static_cast<std::size_t>(config_.channels().size()); }
    WiringSpec wiring() const { return terminals_.wiring(SimTime{}); }
    const Random& noise() const { return noise_; }
    double nominal_hz() const { return voltage_.nominal_hz(); }
    double full_scale(int channel) const {
        return config_.adc[static_cast<std::size_t>(channel)].full_scale;
    }

    WaveStep next(SimTime at) {
        WaveStep step;
        step.supply = voltage_.next(SimTime::max())->window;
        while (step.supply.window.start < at) {
            first_sample_ += static_cast<std::uint64_t>(step.supply.window.samples());
            step.supply = voltage_.next(SimTime::max())->window;
        }
        step.block.data = samples_;
        at_terminals(step).sample(voltage_.stream(), std::span{config_.adc}.first(channels()),
                                  step.block);
        step.first_sample = first_sample_;
        first_sample_ += static_cast<std::uint64_t>(step.supply.window.samples());
        return step;
    }

    WiredWindow at_terminals(const WaveStep& step) const {
        return terminals_.at(step.supply, closed_);
    }

private:
    static const SupplyPlan& supply_of(const FarmPlan& plan, const MeterPlan& meter) {
        const auto supply =
            std::find_if(plan.supplies.begin(), plan.supplies.end(),
                         [&](const SupplyPlan& one) { return one.name == meter.supply; });
        guard(supply != plan.supplies.end());
        return *supply;
    }

    SupplySource voltage_;
    MeterTerminals terminals_;
    MeteringConfig config_;
    std::vector<unsigned> closed_; ///< all relays are
    Random noise_;
    std::vector<double> samples_;
    std::uint64_t first_sample_;
};

std::string capitals(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
}

RecordedChannel empty_channel(const TerminalChannel& terminal, const WaveWalk& walk,
                              WaveData data) {
    RecordedChannel channel;
    channel.name = capitals(terminal.name);
    channel.phase = terminal.phase;
    channel.unit = terminal.unit();
    channel.values_are_primary = false;
    channel.primary = walk.wiring().pt_ratio;
    if (terminal.is_current()) {
        channel.primary = walk.wiring().ct_ratio[static_cast<std::size_t>(terminal.circuit)];
        channel.component =
            walk.config().circuits > 1 ? "circuit " + std::to_string(terminal.circuit + 1) : "";
    }
    if (data == WaveData::codes) {
        channel.scale = walk.full_scale(terminal.index) * 0x1p-23;
        channel.stored_min = -adc_max_code;
        channel.stored_max = adc_max_code;
    }
    return channel;
}

/// Adjoining windows and the rates that they were sampled with. A rate goes on while some period d
/// puts the end of each of its windows within 1 ns of where it is: windows are whole nanoseconds
/// long and wobble by one.
class RateList {
public:
    void add(const Window& window, std::int64_t samples) {
        if (rates_.empty() || !goes_on(window)) {
            rates_.push_back({});
            begin_ = window.start;
            windows_samples_ = 0;
            shortest_ = 0.0;
            longest_ = 1e300;
            [[maybe_unused]] const bool fits = goes_on(window);
        }
        taken_ += samples;
        windows_samples_ += window.samples();
        rates_.back() = {2e9 / (shortest_ + longest_), taken_};
    }
    std::vector<RecordedRate> take() { return std::move(rates_); }

private:
    bool goes_on(const Window& window) {
        const auto ns = static_cast<double>((window.end() - begin_).count());
        const auto count = static_cast<double>(windows_samples_ + window.samples());
        const double shortest = std::max(shortest_, (ns - 1.0) / count);
        const double longest = std::min(longest_, (ns + 1.0) / count);
        if (shortest > longest)
            return false;
        shortest_ = shortest;
        longest_ = longest;
        return true;
    }

    std::vector<RecordedRate> rates_;
    SimTime begin_{};
    std::int64_t windows_samples_{0};
    std::int64_t taken_{0};
    double shortest_{0.0}, longest_{1e300}; ///< ns from sample to sample
};

/// Stamps are counted in 32 bits: in nanoseconds they reach for 4.29 s. Without, the rates rule.
constexpr SimDuration longest_stamped{4'290'000'000};

} // namespace

const MeterPlan* find_meter(const FarmPlan& plan, const std::string& name) {
    const auto meter = std::find_if(plan.meters.begin(), plan.meters.end(),
                                    [&](const auto& one) { return one.spec.name == name; });
    return meter == plan.meters.end() ? nullptr : &*meter;
}

void write_wave(const FarmPlan& plan, const MeterPlan& meter, int cycles, SimTime at,
                std::ostream& out) {
    WaveWalk walk{plan, meter};
    const std::vector<TerminalChannel> terminals =
        terminal_channels(walk.config().wiring, walk.config().channels());
    std::vector<std::string> header{"time_s"};
    for (const TerminalChannel& t : terminals)
        header.push_back(t.name + (t.is_current() ? "_a" : "_v"));
    bool begun = false;
    for (int left = cycles; left > 0;) {
        const WaveStep step = walk.next(at);
        const Window& window = step.supply.window;
        if (!begun) {
            out << "# meter " << printable(meter.spec.name) << " (" << meter.spec.type->name
                << "), site time " << iso_text(civil_time(plan.start, window.start)) << ", seed "
                << plan.seed << '\n';
            write_truth(walk.at_terminals(step), walk.config().circuits, out);
            out << csv_line(header);
            begun = true;
        }
        const int rows = std::min(left, window.cycles) * samples_per_cycle;
        for (int n = 0; n < rows; ++n) {
            out << seconds_text(window.start + window.length * n / window.samples());
            for (const TerminalChannel& t : terminals) {
                const double x =
                    step.block.channel(t.index)[static_cast<std::size_t>(n % step.block.rows)];
                out << ',' << number_text(x * walk.full_scale(t.index));
            }
            out << '\n';
        }
        left -= window.cycles;
    }
}

Recording wave_recording(const FarmPlan& plan, const MeterPlan& meter, int cycles, SimTime at,
                         WaveData data) {
    WaveWalk walk{plan, meter};
    const std::vector<TerminalChannel> terminals =
        terminal_channels(walk.config().wiring, walk.config().channels());
    Recording recording;
    recording.device = meter.spec.type->title;
    recording.nominal_hz = walk.nominal_hz();
    for (const TerminalChannel& terminal : terminals)
        recording.channels.push_back(empty_channel(terminal, walk, data));
    RateList rates;
    std::vector<std::int32_t> codes(max_samples_per_window);
    SimTime begin{};
    bool begun = false;
    for (int left = cycles; left > 0;) {
        const WaveStep step = walk.next(at);
        const Window& window = step.supply.window;
        if (!begun) {
            begin = window.start;
            begun = true;
        }
        const int rows = std::min(left, window.cycles) * samples_per_cycle;
        rates.add(window, rows);
        for (int n = 0; n < rows; ++n) {
            recording.stamps_ns.push_back(
                (window.start + window.length * n / window.samples() - begin).count());
        }
        for (std::size_t i = 0; i < terminals.size(); ++i) {
            const int c = terminals[i].index;
            RecordedChannel& channel = recording.channels[i];
            if (data == WaveData::samples) {
                for (int n = 0; n < rows; ++n) {
                    channel.values.push_back(
                        step.block.channel(c)[static_cast<std::size_t>(n % step.block.rows)] *
                        walk.full_scale(c));
                }
                continue;
            }
            const int made = convert(step.block, c, walk.config().adc[static_cast<std::size_t>(c)],
                                     walk.noise(), step.first_sample, codes)
                                 .rows;
            for (int n = 0; n < rows; ++n)
                channel.codes.push_back(codes[static_cast<std::size_t>(n % made)]);
        }
        left -= window.cycles;
    }
    recording.rates = rates.take();
    if (SimDuration{recording.stamps_ns.back()} > longest_stamped)
        recording.stamps_ns.clear();
    recording.start = civil_time(plan.start, begin);
    recording.start_ns =
        ((begin.time_since_epoch() % std::chrono::seconds{1}).count() + 1'000'000'000) %
        1'000'000'000;
    recording.trigger = recording.start;
    recording.trigger_ns = recording.start_ns;
    return recording;
}

double round_rate(Recording& recording) {
    double length_s = 0.0;
    std::int64_t first = 0;
    for (const RecordedRate& rate : recording.rates) {
        length_s += static_cast<double>(rate.end - first) / rate.hz;
        first = rate.end;
    }
    const double mean_hz = static_cast<double>(first) / length_s;
    recording.rates = {{std::round(mean_hz), first}};
    recording.stamps_ns.clear();
    return mean_hz;
}

} // namespace kpmsim
