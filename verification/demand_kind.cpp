// Sliding demand in closed form (DemandMeter alone: windows of 200 ms on the minute's grid).
//
//   step       P0 from minute t0 on: after k minutes N-minute demand is P0 min(k, N) / N, of P0
//   pulse      P0 for 5 minutes, anywhere on the grid: the maximum of 15-minute demand is P0 / 3, of P0
//   time       when that maximum was, in seconds: the end of the minute in which it was complete
//   clock      constant power while the clock is set: demand stays P0, of P0
#include "sim/demand.hpp"
#include "verification/kind.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace kpmsim {

namespace {

using namespace std::chrono_literals;

constexpr SimDuration window = 200ms;
constexpr int windows_per_minute = 300;

/// A demand meter that is fed a power, window by window.
struct Feed {
    DemandMeter meter;
    DemandReadings demand;
    CivilTime start{};
    std::int64_t window_number{0};

    void push(double p_w) {
        Readings r;
        r[Slot::p] = p_w;
        r[Slot::s] = p_w;
        ++window_number;
        meter.push(r, window, civil_time(start, SimTime{window_number * window}), demand);
    }
    void minutes(int count, double p_w) {
        for (int n = 0; n < count * windows_per_minute; ++n)
            push(p_w);
    }
};

CivilTime some_noon() {
    return CivilTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 12}.time_since_epoch()} +
           12h;
}

void run(Draw draw, Errors& errors) {
    const double p0 = draw.between(1, 1e6);
    const int width = static_cast<int>(draw.between(1, 31));

    Feed step;
    step.start = some_noon();
    step.meter.set_minutes(width);
    step.minutes(width + 1, 0);
    for (int k = 1; k <= width + 3; ++k) {
        step.minutes(1, p0); // its last window ends on the minute and closes it
        errors.add("step", step.demand[Demand::p] / p0 - std::min(k, width) / double(width));
    }

    Feed pulse;
    pulse.start = some_noon();
    pulse.meter.set_minutes(15);
    const int lead = static_cast<int>(draw.between(15, 60));
    pulse.minutes(lead, 0);
    pulse.minutes(5, p0);
    pulse.minutes(30, 0);
    errors.add("pulse", pulse.demand[Demand::p_max] / p0 - 5.0 / 15);
    const double complete = static_cast<double>(
        (pulse.start + std::chrono::minutes{lead + 5}).time_since_epoch().count());
    errors.add("time", pulse.demand[Demand::p_max_time] - complete);

    Feed clock;
    clock.start = some_noon();
    clock.meter.set_minutes(width);
    clock.minutes(width + 2, p0);
    clock.start += std::chrono::seconds{static_cast<int>(draw.between(-5000, 5000))};
    for (int n = 0; n < 3 * windows_per_minute; ++n) {
        clock.push(p0);
        errors.add("clock", clock.demand[Demand::p] / p0 - 1);
    }
}

} // namespace

Run demand_kind(TomlTable&) {
    return [](Draw draw, Mode, Errors& errors) { run(draw, errors); };
}

} // namespace kpmsim
