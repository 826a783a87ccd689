#include "scenarios/wave.hpp"

#include "files/csv.hpp"
#include "scenarios/meter_feed.hpp"
#include "scenarios/supply_feed.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>

namespace kpmsim {
namespace {

std::string number_text(double value) {
    std::array<char, 64> out{};
    return {out.data(), std::to_chars(out.data(), out.data() + out.size(), value).ptr};
}

/// An exact decimal, where a double would have to round.
std::string seconds_text(SimTime at) {
    const std::int64_t ns = at.time_since_epoch().count();
    const std::int64_t size = std::abs(ns);
    return fmt::format("{}{}.{:09}", ns < 0 ? "-" : "", size / 1'000'000'000, size % 1'000'000'000);
}

void write_truth(const TerminalSpectra& terminals, const SupplyWindow& window,
                 const WiringSpec& wiring, int loops, std::ostream& out) {
    for (int loop = 0; loop < loops; ++loop) {
        MeterState state;
        state.readings = truth(terminals, window, wiring, loop);
        const auto quantities = catalogue();
        for (std::size_t i = 0; i < quantities.size(); ++i) {
            const QuantityInfo& q = quantities[i];
            const double value = state.get(Quantity{static_cast<std::uint16_t>(i)});
            if (q.kind != QuantityKind::reading ||
                (q.slot >= static_cast<std::uint16_t>(Slot::temp) && value == 0.0)) {
                continue;
            }
            out << "# truth loop " << loop + 1 << ": " << q.name << " = " << number_text(value)
                << (q.unit.empty() ? "" : " ") << q.unit << '\n';
        }
    }
}

} // namespace

const MeterPlan* find_meter(const FarmPlan& plan, const std::string& name) {
    const auto meter = std::find_if(plan.meters.begin(), plan.meters.end(),
                                    [&](const auto& one) { return one.instrument.name == name; });
    return meter == plan.meters.end() ? nullptr : &*meter;
}

void write_wave(const FarmPlan& plan, const MeterPlan& meter, int cycles, SimTime at,
                std::ostream& out) {
    const auto supply =
        std::find_if(plan.supplies.begin(), plan.supplies.end(),
                     [&](const SupplyPlan& one) { return one.name == meter.supply; });
    assert(supply != plan.supplies.end());
    SupplyFeed voltage{*supply, plan.seed};
    const MeterFeed feed{plan, meter};
    const Instrument instrument{meter.instrument};
    const MeteringConfig config = metering_config(instrument, unit_errors(plan, meter),
                                                  meter.ambient_c, voltage.nominal_hz());
    const auto channels = static_cast<std::size_t>(config.channels());

    std::vector<std::string> header{"time_s", "ua_v", "ub_v", "uc_v"};
    for (int loop = 1; loop <= config.loops; ++loop) {
        const std::string number = config.loops > 1 ? std::to_string(loop) : "";
        for (const char* phase : {"ia", "ib", "ic"}) {
            header.push_back(fmt::format("{}{}_a", phase, number));
        }
    }

    std::vector<double> samples(channels * max_samples_per_window);
    bool begun = false;
    for (int left = cycles; left > 0;) {
        const SupplyWindow window = *voltage.next(SimTime::max());
        if (window.window.start < at) {
            continue;
        }
        const TerminalSpectra terminals = feed.at(window);
        if (!begun) {
            out << "# meter " << meter.instrument.name << " (" << meter.instrument.type->name
                << "), site time " << iso_text(civil_time(plan.start, window.window.start))
                << ", seed " << plan.seed << '\n';
            write_truth(terminals, window, feed.wiring(), config.loops, out);
            out << csv_line(header);
            begun = true;
        }
        SampleBlock block;
        block.data = samples;
        sample(terminals, window, voltage.stream(), feed.wiring(),
               std::span{config.adc}.first(channels), block);
        const int rows = std::min(left, window.window.cycles) * samples_per_cycle;
        for (int n = 0; n < rows; ++n) {
            const SimDuration since = window.window.length * n / window.window.samples();
            out << seconds_text(window.window.start + since);
            for (std::size_t c = 0; c < channels; ++c) {
                const double x =
                    block.channel(static_cast<int>(c))[static_cast<std::size_t>(n % block.rows)];
                out << ',' << number_text(x * config.adc[c].full_scale);
            }
            out << '\n';
        }
        left -= window.window.cycles;
    }
}

} // namespace kpmsim
