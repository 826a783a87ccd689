#include "scenarios/measure/measure.hpp"

#include "files/csv.hpp"
#include "files/number.hpp"
#include "models/engine/meter.hpp"
#include "models/type/serial.hpp"
#include "recordings/any_recording.hpp"
#include "recordings/channels.hpp"
#include "recordings/resample.hpp"
#include "scenarios/farm/terminal_channels.hpp"
#include "scenarios/file/first_frequency.hpp"
#include "scenarios/measure/measure_channels.hpp"
#include "sim/guard.hpp"
#include "sim/lock.hpp"
#include "sim/metering.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {
namespace {

/// The last window may lack this part of a sample and is then read that much faster: windows are
/// whole nanoseconds long, and f comes with its last digits. Worth 8e-7 of a window.
constexpr double may_lack_samples = 1e-3;

/// A recording on its way through a meter.
class Bench {
public:
    Bench(const RecordedSignal& signal, const TerminalSignals& signals,
          const MeteringConfig& config)
        : signal_{signal}, signals_{signals}, config_{config},
          recorded_(static_cast<std::size_t>(signal.channels()) * max_samples_per_window),
          samples_(static_cast<std::size_t>(config.channels().size()) * max_samples_per_window) {}

    SimTime begin() const {
        return SimTime{SimDuration{std::llround(std::ceil(signal_.begin_s() * 1e9))}};
    }

    /// True when all samples are there; a hair too long, the window is cut to fit.
    bool fit(Window& window) const {
        const int n = window.samples();
        const double start_s = seconds(window.start.time_since_epoch());
        const double length_s = seconds(window.length);
        const double excess_s = start_s + length_s * (n - 1) / n - signal_.end_s();
        if (start_s < signal_.begin_s() || excess_s > may_lack_samples * length_s / n)
            return false;
        // A nanosecond less than fits, for what seconds in doubles round.
        if (excess_s > -1e-9) {
            window.length = SimDuration{static_cast<std::int64_t>(
                std::floor((signal_.end_s() - start_s - 1e-9) * 1e9 * n / (n - 1)))};
        }
        return true;
    }

    SampleBlock block(const Window& window) {
        const int rows = window.samples();
        signal_.sample(window, max_samples_per_window, recorded_);
        SampleBlock block;
        block.window = window;
        block.channels = config_.channels().size();
        block.voltages = config_.channels().phases;
        block.rows = rows;
        block.data = samples_;
        for (int c = 0; c < block.channels; ++c) {
            const auto out = block.channel(c);
            std::fill(out.begin(), out.end(), 0.0);
            const double gain = 1.0 / config_.adc[static_cast<std::size_t>(c)].full_scale;
            for (const TerminalTerm& term : signals_.terminal[static_cast<std::size_t>(c)]) {
                const double* const from = recorded_.data() + term.channel * max_samples_per_window;
                for (std::size_t n = 0; n < out.size(); ++n)
                    out[n] += term.sign * gain * from[n];
            }
        }
        return block;
    }

    /// f of the first window.
    double first_hz(double nominal_hz) {
        return first_frequency(
            nominal_hz, begin(),
            [&](Window& window, SampleBlock& samples) {
                if (!fit(window))
                    return false;
                samples = block(window);
                return true;
            });
    }

private:
    const RecordedSignal& signal_;
    const TerminalSignals& signals_;
    const MeteringConfig& config_;
    std::vector<double> recorded_;
    std::vector<double> samples_;
};

/// When the recorder was at the end of its range, in seconds, ascending.
std::vector<double> recorder_clips(const Recording& recording, const TerminalSignals& signals) {
    std::vector<double> times;
    const Timeline timeline = timeline_of(recording);
    for (const TerminalSignals::Used& used : signals.used) {
        const RecordedChannel& c = recording.channels[used.index];
        if (clipped_samples(c) == 0)
            continue;
        for (const Stretch& s : timeline) {
            for (std::int64_t k = 0; k < s.count; ++k) {
                const auto n = static_cast<std::size_t>(s.first + k);
                const double stored = c.codes.empty() ? c.values[n] : c.codes[n];
                if (stored <= c.stored_min || stored >= c.stored_max)
                    times.push_back(s.begin_s + static_cast<double>(k) / s.hz + c.skew_us * 1e-6);
            }
        }
    }
    std::sort(times.begin(), times.end());
    return times;
}

/// What is wrong with the wishes for the meter itself, and the meter.
std::optional<MeterSpec> meter_of(const MeasureSpec& spec, std::vector<Mistake>& mistakes) {
    const MeterType& type = *spec.type;
    MeterSpec out;
    out.name = "measure";
    out.type = &type;
    out.serial = serial_number(type.serial, Carrier::rs485, 2026, 1, 1);
    const auto list = [](const auto& items, auto text_of) {
        std::string text;
        for (const auto& item : items)
            text += (text.empty() ? "" : ", ") + text_of(item);
        return text;
    };
    if (!spec.wiring.empty() && type.wiring_index(spec.wiring) < 0) {
        note(mistakes, Place{"--wiring", 0, 0},
             "a " + type.name + " has no wiring \"" + spec.wiring + '"',
             "known: " + list(
                             type.wirings, [](const std::string& name) { return name; }));
    }
    if (!spec.rating.empty() && type.current(spec.rating) == nullptr) {
        note(mistakes, Place{"--rating", 0, 0},
             "a " + type.name + " has no rating \"" + spec.rating + '"',
             "known: " + list(
                             type.currents, [](const CurrentRating& r) { return r.code; }));
    }
    if (!mistakes.empty())
        return std::nullopt;
    out.wiring = spec.wiring;
    if (!spec.rating.empty())
        out.ratings.assign(static_cast<std::size_t>(type.circuits), spec.rating);
    return out;
}

/// Its windows, of which there is at least one.
ClippedTerminal clipped_terminal(const Measurement& m, const TerminalChannel& channel,
                                 std::uint64_t samples) {
    ClippedTerminal out;
    out.terminal = channel.name;
    out.samples = samples;
    for (const MeasuredWindow& w : m.windows) {
        const ClipStatus& clip = w.circuits[static_cast<std::size_t>(channel.circuit)].clip;
        const unsigned bits = channel.is_current() ? clip.i : clip.u;
        if ((bits >> channel.terminal & 1u) == 0)
            continue;
        if (out.windows++ == 0)
            out.first = w.window;
    }
    return out;
}

void meter(Measurement& out, const MeasureSpec& spec, const RecordedSignal& signal,
           const TerminalSignals& signals, const MeteringConfig& config,
           const MeteringSettings& settings, double first_hz,
           const std::vector<double>& recorder_clips) {
    Bench bench{signal, signals, config};
    const auto& tariffs = spec.type->tariff_calendar;
    Metering metering{config, settings, Random{0, "measure"}};
    SampleLock lock{first_hz};
    lock.start_at(bench.begin());
    SimTime reached = bench.begin();
    Window window = lock.next();
    while (bench.fit(window)) {
        const SampleBlock block = bench.block(window);
        MeteringMoment moment;
        moment.rtc = civil_time(out.start.value_or(CivilTime{}), window.end());
        moment.tariff = tariffs ? tariffs->at(moment.rtc) : 0;
        const std::uint64_t clipped = metering.clipped();
        metering.push(block, moment);
        lock.push(block);
        MeasuredWindow& row = out.windows.emplace_back();
        row.window = window;
        row.clipped = metering.clipped() - clipped;
        const auto first_clip = std::lower_bound(recorder_clips.begin(), recorder_clips.end(),
                                                 seconds(window.start.time_since_epoch()));
        const auto last_clip = std::lower_bound(first_clip, recorder_clips.end(),
                                                seconds(window.end().time_since_epoch()));
        row.recorder_clipped = last_clip - first_clip;
        for (int circuit = 0; circuit < config.circuits; ++circuit)
            row.circuits.push_back(
                {metering.state(circuit).readings, metering.state(circuit).clip});
        reached = window.end();
        window = lock.next();
    }
    out.rest_s = std::max(0.0, signal.end_s() - seconds(reached.time_since_epoch()));
    for (const TerminalChannel& c : terminal_channels(config.wiring, config.channels())) {
        if (metering.clipped(c.index) > 0) {
            out.clipped_terminals.push_back(clipped_terminal(out, c, metering.clipped(c.index)));
            out.clipped_terminals.back().cure = c.is_current() ? signals.i_cure : signals.u_cure;
        }
    }
}

/// The order that a reading stands for: 0 none, all of them for THD.
int order_of(const QuantityInfo& q) {
    if (q.kind == QuantityKind::ratio)
        return q.slot % (max_harmonic - 1) + 2;
    if (q.slot >= static_cast<std::uint16_t>(Slot::h_first))
        return (q.slot - static_cast<std::uint16_t>(Slot::h_first)) % max_harmonic + 1;
    const bool thd = q.slot >= static_cast<std::uint16_t>(Slot::thd_u_a) &&
                     q.slot <= static_cast<std::uint16_t>(Slot::thd_i_c);
    return thd ? max_harmonic : 0;
}

} // namespace

double MeasuredCircuit::get(Quantity q) const {
    MeterState state;
    state.readings = readings;
    state.clip = clip;
    return state.get(q);
}

std::uint64_t Measurement::clipped() const {
    std::uint64_t sum = 0;
    for (const MeasuredWindow& w : windows)
        sum += w.clipped;
    return sum;
}

std::int64_t Measurement::recorder_clipped() const {
    std::int64_t sum = 0;
    for (const MeasuredChannel& c : channels)
        sum += c.recorder_clipped;
    return sum;
}

std::optional<Measurement> measure(const std::string& path, const MeasureSpec& spec,
                                   std::vector<Mistake>& mistakes) {
    guard(spec.type != nullptr && mistakes.empty());
    const auto meter_spec = meter_of(spec, mistakes);
    auto recording = read_recording(path, {}, mistakes);
    if (!meter_spec || !recording)
        return std::nullopt;
    MeteringConfig config = metering_config(*meter_spec);
    const bool ct_included =
        (spec.rating.empty() ? spec.type->currents.front() : *spec.type->current(spec.rating))
            .ct_included;
    auto signals = find_signals(*recording, path, spec, config.wiring, ct_included, mistakes);
    if (!signals)
        return std::nullopt;
    config.circuits = signals->circuits;
    MeteringSettings settings = metering_settings(*meter_spec, first_memory(*meter_spec));
    settings.pt = signals->pt;
    settings.ct.fill(signals->ct);

    std::vector<SignalChannel> wanted;
    for (const TerminalSignals::Used& used : signals->used)
        wanted.push_back({used.index, used.factor});
    const auto resampled = [&](double nominal_hz) {
        ResampleGoal goal;
        goal.nominal_hz = nominal_hz;
        goal.highest_order = spec.highest_order;
        auto signal = RecordedSignal::make(*recording, wanted, goal, path, mistakes);
        for (Mistake& m : mistakes)
            if (m.what.find("too low for order") != std::string::npos)
                m.cure += "; measure those alone with --orders";
        return signal;
    };
    const bool said = recording->nominal_hz >= 40.0 && recording->nominal_hz <= 70.0;
    double nominal_hz = said ? nominal_of(recording->nominal_hz) : 50.0;
    auto signal = resampled(nominal_hz);
    if (!signal)
        return std::nullopt;
    const double first_hz = Bench{*signal, *signals, config}.first_hz(nominal_hz);
    if (nominal_of(first_hz) != nominal_hz) {
        nominal_hz = nominal_of(first_hz);
        signal = resampled(nominal_hz);
        if (!signal)
            return std::nullopt;
    }
    config.nominal_hz = nominal_hz;

    Measurement out;
    out.file = path;
    if (recording->start != CivilTime{})
        out.start = recording->start;
    out.duration_s = duration_s(*recording);
    out.rate_hz = timeline_of(*recording).front().hz;
    out.wiring =
        spec.type
            ->wirings[static_cast<std::size_t>(std::max(0, spec.type->wiring_index(spec.wiring)))];
    out.pt = settings.pt;
    out.ct = settings.ct[0];
    out.highest_order = spec.highest_order;
    out.channels = signals->shown;
    out.remarks = recording->remarks;
    meter(out, spec, *signal, *signals, config, settings, first_hz,
          recorder_clips(*recording, *signals));
    if (out.windows.empty()) {
        note(mistakes, Place{path, 0, 0},
             "is " + number_text(out.duration_s) + " s long, and no window fits in",
             "a window takes 10 cycles of 50 Hz or 12 of 60 Hz: record more than 0.25 s");
        return std::nullopt;
    }
    return out;
}

std::vector<Quantity> measured_quantities(const MeterType& type, int highest_order) {
    std::vector<Quantity> out;
    const auto quantities = catalogue();
    for (std::size_t i = 0; i < quantities.size(); ++i) {
        const QuantityInfo& q = quantities[i];
        const Quantity index{static_cast<std::uint16_t>(i)};
        const bool sensor = q.kind == QuantityKind::reading &&
                            (q.slot == static_cast<std::uint16_t>(Slot::temp) ||
                             q.slot == static_cast<std::uint16_t>(Slot::i_residual));
        const bool reading = q.kind == QuantityKind::reading || q.kind == QuantityKind::ratio;
        if (!reading || sensor || order_of(q) > highest_order)
            continue;
        const bool shown = std::any_of(
            type.registers.rows.begin(), type.registers.rows.end(), [&](const RegisterRow& row) {
                const Point& of = type.points[row.point];
                return row.holds == RegisterHolds::point && of.kind == PointKind::quantity &&
                       of.index == index.index;
            });
        if (shown)
            out.push_back(index);
    }
    out.insert(out.end(), {quantity(Status::clip_u), quantity(Status::clip_i)});
    return out;
}

void write_measurement(const Measurement& measurement, const MeterType& type, std::ostream& out) {
    const std::vector<Quantity> quantities = measured_quantities(type, measurement.highest_order);
    std::vector<std::string> header{"time_s", "circuit"};
    for (const Quantity q : quantities)
        header.push_back(info(q).name);
    header.insert(header.end(), {"clipped", "recorder_clipped"});
    out << csv_line(header);
    for (const MeasuredWindow& row : measurement.windows) {
        for (std::size_t circuit = 0; circuit < row.circuits.size(); ++circuit) {
            out << number_text(seconds(row.window.end().time_since_epoch())) << ',' << circuit + 1;
            for (const Quantity q : quantities)
                out << ',' << number_text(row.circuits[circuit].get(q));
            out << ',' << row.clipped << ',' << row.recorder_clipped << '\n';
        }
    }
}

} // namespace kpmsim
