#include "models/energy_history.hpp"

#include <cassert>

namespace kpmsim {

namespace {

/// The first settlement moment (0:00 on the day) after `t`.
CivilTime settlement_after(CivilTime t, int day) {
    using namespace std::chrono;
    const year_month_day date{floor<days>(t)};
    const year_month month = date.year() / date.month();
    const auto moment = [&](year_month ym) {
        return CivilTime{local_days{ym / std::chrono::day{static_cast<unsigned>(day)}}};
    };
    return moment(month) > t ? moment(month) : moment(month + months{1});
}

} // namespace

void EnergyHistory::update(const EnergyRegisters& now, CivilTime rtc, int settlement_day) {
    assert(settlement_day >= 1 && settlement_day <= 28);
    now_ = now;
    // A clock that was set back, or another settlement day, closes nothing: only the moment that
    // was announced does. A clock set forward over several of them closes one month.
    if (next_settlement_ && rtc >= *next_settlement_) {
        at_start_.insert(at_start_.begin(), now);
        if (at_start_.size() > months)
            at_start_.pop_back();
    }
    next_settlement_ = settlement_after(rtc, settlement_day);
}

void EnergyHistory::clear() {
    now_ = {};
    at_start_.assign(1, {});
}

double EnergyHistory::kilo(Energy e, int month) const {
    assert(month >= 0 && month < months);
    const auto m = static_cast<std::size_t>(month);
    if (m >= at_start_.size())
        return 0;
    const EnergyRegisters& end = month == 0 ? now_ : at_start_[m - 1];
    EnergyRegisters used;
    for (std::size_t n = 0; n < energy_slots; ++n) {
        const EnergyCount& from = at_start_[m].count[n];
        const EnergyCount& to = end.count[n];
        std::int64_t wh = to.wh - from.wh;
        std::int64_t uj = to.uj - from.uj;
        if (uj < 0) {
            uj += EnergyCount::uj_per_wh;
            --wh;
        }
        if (wh >= 0) // less than at the start: the registers were cleared since
            used.count[n] = {wh, uj};
    }
    return used.kilo(e);
}

} // namespace kpmsim
