#include "sim/demand.hpp"

#include <algorithm>

namespace kpmsim {

namespace {

// In the order of Demand.
constexpr Slot sources[] = {Slot::p,   Slot::q,   Slot::s,   Slot::i_a, Slot::i_b,
                            Slot::i_c, Slot::s_a, Slot::s_b, Slot::s_c};

/// The month that ends at 0:00 of the day, counted.
int month_of(CivilTime t, int day) {
    const CivilFields f = fields_of(t);
    return f.year * 12 + f.month - (f.day < day ? 1 : 0);
}

void raise(DemandReadings& demand, Demand now, Demand max, Demand time, CivilTime rtc,
           double resolution) {
    if (demand[now] > demand[max] + resolution) {
        demand[max] = demand[now];
        demand[time] = static_cast<double>(rtc.time_since_epoch().count());
    }
}

} // namespace

void DemandMeter::set_minutes(int minutes) {
    static_assert(std::size(sources) == quantities);
    const auto width = static_cast<std::size_t>(std::max(minutes, 1));
    if (width == minutes_.size())
        return;
    minutes_.assign(width, {});
    filled_ = 0;
    oldest_ = 0;
}

void DemandMeter::begin(CivilTime rtc, DemandReadings& demand) {
    if (started_)
        return go_on_in(minute_of(rtc), demand);
    started_ = true;
    minute_ = minute_of(rtc);
}

void DemandMeter::go_on_in(CivilTime minute, DemandReadings& demand) {
    if (month_of(minute, day_) != month_of(minute_, day_)) {
        const std::span<double> maxima = demand.maxima();
        std::copy(maxima.begin(), maxima.end(), demand.month_before.begin());
        std::fill(maxima.begin(), maxima.end(), 0.0);
    }
    minute_ = minute;
}

void DemandMeter::push(const Readings& readings, SimDuration length, CivilTime rtc,
                       DemandReadings& demand, const Resolution& resolution) {
    const CivilTime minute = minute_of(rtc);
    if (!started_)
        begin(rtc, demand);
    const double window_s = seconds(length);
    for (std::size_t i = 0; i < quantities; ++i)
        running_.sum[i] += readings[sources[i]] * window_s;
    running_.seconds += window_s;
    if (minute == minute_)
        return;
    close_minute(minute, resolution, demand);
    go_on_in(minute, demand);
}

void DemandMeter::close_minute(CivilTime rtc, const Resolution& resolution,
                               DemandReadings& demand) {
    minutes_[oldest_] = running_;
    oldest_ = (oldest_ + 1) % minutes_.size();
    filled_ = std::min(filled_ + 1, minutes_.size());
    running_ = {};

    Minute all;
    for (std::size_t m = 0; m < filled_; ++m) {
        for (std::size_t i = 0; i < quantities; ++i)
            all.sum[i] += minutes_[m].sum[i];
        all.seconds += minutes_[m].seconds;
    }
    for (std::size_t i = 0; i < quantities; ++i)
        demand.value[i] = all.sum[i] / all.seconds;
    raise(demand, Demand::p, Demand::p_max, Demand::p_max_time, rtc, resolution.of(Slot::p));
    raise(demand, Demand::q, Demand::q_max, Demand::q_max_time, rtc, resolution.of(Slot::q));
    raise(demand, Demand::s, Demand::s_max, Demand::s_max_time, rtc, resolution.of(Slot::s));
    const double current = resolution.of(Slot::i_a);
    raise(demand, Demand::i_a, Demand::i_a_max, Demand::i_a_max_time, rtc, current);
    raise(demand, Demand::i_b, Demand::i_b_max, Demand::i_b_max_time, rtc, current);
    raise(demand, Demand::i_c, Demand::i_c_max, Demand::i_c_max_time, rtc, current);
}

void DemandMeter::clear_maxima(DemandReadings& demand) {
    const std::span<double> maxima = demand.maxima();
    std::fill(maxima.begin(), maxima.end(), 0.0);
    demand.month_before = {};
}

} // namespace kpmsim
