// Sliding demand in closed form.
//
//   step       P0 from minute t0 on: after k minutes N-minute demand is P0 min(k, N) / N, of P0
//   pulse      P0 for 5 minutes, anywhere on the grid: the maximum of 15-minute demand is P0 / 3, of P0
//   time       when that maximum was, in seconds: the end of the minute in which it was complete
//   clock      constant power while the clock is set: demand stays P0, of P0
//   width      a window that is told another width begins anew: after k minutes of P0 it reads P0
//              min(k, K) / k when P0 was on for the first K of them, whatever was before, of P0
// clean: DemandMeter alone, windows of 200 ms on the minute's grid. adc: a whole meter with its
// converter's noise and a start current. Its windows are sampled where the current changes; those
// that are like the last one repeat it, each with noise of its own.
#include "sim/demand.hpp"
#include "verification/source.hpp"
#include "waveforms/terminal_sums.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace kpmsim {

namespace {

using namespace std::chrono_literals;

constexpr SimDuration window = 200ms;
constexpr int windows_per_minute = 300;

CivilTime some_noon() {
    return CivilTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 12}.time_since_epoch()} +
           12h;
}

/// A demand meter that is fed a power or none.
class DemandAlone {
public:
    DemandAlone(double p_w, int minutes) : p_w_{p_w} { meter_.set_minutes(minutes); }

    /// Feeds some of `windows`; says how many.
    int feed(int windows, bool on);
    void set_minutes(int minutes) { meter_.set_minutes(minutes); }
    double of_right(Demand d) const { return demand_[d] / p_w_; }
    double operator[](Demand d) const { return demand_[d]; }

    CivilTime start{some_noon()}; ///< of the meter's clock

private:
    double p_w_;
    DemandMeter meter_;
    DemandReadings demand_;
    std::int64_t fed_{0};
};

int DemandAlone::feed(int, bool on) {
    Readings r;
    r[Slot::p] = on ? p_w_ : 0;
    r[Slot::s] = r[Slot::p];
    ++fed_;
    meter_.push(r, window, civil_time(start, SimTime{fed_ * window}), demand_);
    return 1;
}

/// A meter whose currents are there or not.
class WholeMeter {
public:
    WholeMeter(const Drawn& d, int minutes, Mode mode, const Draw& draw);

    int feed(int windows, bool on);
    void set_minutes(int minutes) {
        settings_.demand_minutes = minutes;
        rig_.metering.apply(settings_);
    }
    double of_right(Demand d) const { return (*this)[d] / right_w_; }
    double operator[](Demand d) const { return rig_.metering.state(0).demand[d]; }

    CivilTime start{some_noon()};

private:
    void sample(bool on);
    /// The clock at the end of the `n`th window from now, and whether that is in the last one's
    /// minute.
    CivilTime clock_after(int n) const;
    bool in_the_minute(int n) const;

    PhaseSpectra i_;
    MeteringSettings settings_;
    Rig rig_;
    SimTime begin_{};
    CivilTime minute_{};
    double right_w_{0};
    bool on_{false};
    bool repeats_{false}; ///< the last window sampled may be repeated
};

WholeMeter::WholeMeter(const Drawn& d, int minutes, Mode mode, const Draw& draw)
    : i_{d.i}, rig_{d.supply, {}, converter({}, d.f_hz, mode, d.full_u_v, d.full_i_a), {}, draw} {
    settings_.start_current_a.fill(0.001 * d.in_a);
    set_minutes(minutes);
    for (int n = 0; n < settling_windows; ++n)
        rig_.step({});
    begin_ = rig_.lock.next().end();
    sample(false);
}

CivilTime WholeMeter::clock_after(int n) const {
    const Window next = rig_.lock.next();
    return civil_time(start, SimTime{next.start - begin_ + n * next.length});
}

bool WholeMeter::in_the_minute(int n) const {
    return std::chrono::floor<std::chrono::minutes>(clock_after(n)) == minute_;
}

void WholeMeter::sample(bool on) {
    rig_.open();
    rig_.close(on ? i_ : PhaseSpectra{}, {clock_after(1)});
    WindowSums sums;
    terminal_sums(rig_.terminals, rig_.metering.config(), rig_.block.window.samples(), sums);
    repeats_ = rig_.metering.hold_steady(rig_.block, &sums);
    if (on)
        right_w_ = rig_.right()[Slot::p];
    on_ = on;
    minute_ = std::chrono::floor<std::chrono::minutes>(clock_after(0));
}

int WholeMeter::feed(int windows, bool on) {
    if (on != on_ || !repeats_) {
        sample(on);
        return 1;
    }
    int count = 1;
    if (in_the_minute(1) && rig_.metering.may_repeat_many())
        while (count < windows && in_the_minute(count + 1))
            ++count;
    const double slip = static_cast<double>(rig_.window.slip) * 0x1p-64;
    rig_.metering.repeat({rig_.lock.next(), slip, count, count}, {clock_after(count)});
    rig_.lock.pass(count, slip);
    minute_ = std::chrono::floor<std::chrono::minutes>(clock_after(0));
    return count;
}

template <typename Meter>
void minutes(Meter& meter, int count, bool on) {
    for (int left = count * windows_per_minute; left > 0;)
        left -= meter.feed(left, on);
}

/// `make(N)` gives a meter of N-minute demand.
template <typename Make>
void run(Draw& draw, const Make& make, Errors& errors) {
    const int width = static_cast<int>(draw.between(1, 31));

    auto step = make(width);
    minutes(step, width + 1, false);
    for (int k = 1; k <= width + 3; ++k) {
        minutes(step, 1, true); // its last window ends on the minute and closes it
        errors.add("step", step.of_right(Demand::p) - std::min(k, width) / double(width));
    }

    auto pulse = make(15);
    const int lead = static_cast<int>(draw.between(15, 60));
    const CivilTime complete = pulse.start + std::chrono::minutes{lead + 5};
    minutes(pulse, lead, false);
    minutes(pulse, 5, true);
    minutes(pulse, 30, false);
    errors.add("pulse", pulse.of_right(Demand::p_max) - 5.0 / 15);
    errors.add("time", pulse[Demand::p_max_time] -
                           static_cast<double>(complete.time_since_epoch().count()));

    auto other = make(3);
    minutes(other, 5, true);
    other.set_minutes(6);
    for (int k = 1; k <= 6; ++k) {
        minutes(other, 1, k <= 2);
        errors.add("width", other.of_right(Demand::p) - std::min(k, 2) / double(k));
    }

    auto clock = make(width);
    minutes(clock, width + 2, true);
    clock.start += std::chrono::seconds{static_cast<int>(draw.between(-5000, 5000))};
    for (int left = 3 * windows_per_minute; left > 0;) {
        left -= clock.feed(left, true);
        errors.add("clock", clock.of_right(Demand::p) - 1);
    }
}

} // namespace

Run demand_kind(TomlTable& signal) {
    Source source;
    take(signal, source);
    return [source](Draw draw, Mode mode, Errors& errors) {
        if (mode == Mode::clean) {
            const double p_w = draw.between(1, 1e6);
            run(
                draw,
                [&](int width) {
                    return DemandAlone{p_w, width};
                },
                errors);
            return;
        }
        const Drawn d = draw_source(source, draw);
        run(
            draw,
            [&](int width) {
                return WholeMeter{d, width, mode, draw};
            },
            errors);
    };
}

} // namespace kpmsim
