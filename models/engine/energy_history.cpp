#include "models/engine/energy_history.hpp"

#include "sim/guard.hpp"

#include <algorithm>

namespace kpmsim {

namespace {

const EnergyHistory::Starts& none() {
    static const EnergyHistory::Starts starts;
    return starts;
}

} // namespace

EnergyCount used(const EnergyCount& from, const EnergyCount& to) {
    std::int64_t wh = to.wh - from.wh;
    std::int64_t uj = to.uj - from.uj;
    if (uj < 0) {
        uj += EnergyCount::uj_per_wh;
        --wh;
    }
    return wh >= 0 ? EnergyCount{wh, uj} : EnergyCount{};
}

CivilTime settlement_after(CivilTime t, int day) {
    using namespace std::chrono;
    guard(day >= 1 && day <= 28);
    const year_month_day date{floor<days>(t)};
    const year_month month = date.year() / date.month();
    const auto moment = [&](year_month ym) {
        return CivilTime{local_days{ym / std::chrono::day{static_cast<unsigned>(day)}}};
    };
    return moment(month) > t ? moment(month) : moment(month + std::chrono::months{1});
}

const EnergyHistory::Starts& EnergyHistory::starts() const {
    return at_start_ ? *at_start_ : none();
}

void EnergyHistory::set_starts(Starts starts) {
    at_start_ = starts.empty() ? Shared<Starts>{} : Shared<Starts>{std::move(starts)};
}

void EnergyHistory::close(const EnergyRegisters& now) {
    Starts all = starts();
    if (all.empty())
        all.emplace_back();
    all.insert(all.begin(), now);
    if (all.size() > months)
        all.pop_back();
    set_starts(std::move(all));
}

void EnergyHistory::begin_with(const EnergyRegisters& now,
                               const std::vector<EnergyRegisters>& used_before) {
    Starts all;
    EnergyRegisters at = now;
    for (const EnergyRegisters& month : used_before) {
        for (std::size_t n = 0; n < energy_slots; ++n)
            at.count[n] = used(month.count[n], at.count[n]);
        all.push_back(at);
    }
    if (all.empty() && now.count != EnergyRegisters{}.count)
        all.push_back(now); // what it begins with was used in no month
    set_starts(std::move(all));
}

const EnergyRegisters* EnergyHistory::at_end_of(int months_ago) const {
    const auto place = static_cast<std::size_t>(months_ago - 1);
    // Of the last one only that it began is known: with the meter, or with a month too long ago.
    return months_ago < 1 || place + 1 >= starts().size() ? nullptr : &starts()[place];
}

const EnergyRegisters* EnergyHistory::frozen() const {
    return starts().empty() ? nullptr : &starts().front();
}

double EnergyHistory::kilo(Energy e, int month, const EnergyRegisters& now) const {
    guard(month >= 0 && month < months);
    const Starts& all = starts();
    const auto m = static_cast<std::size_t>(month);
    if (all.empty() && m == 0)
        return now.kilo(e);
    if (m >= all.size())
        return 0;
    const EnergyRegisters& end = m == 0 ? now : all[m - 1];
    EnergyRegisters in_month;
    for (std::size_t n = 0; n < energy_slots; ++n)
        in_month.count[n] = used(all[m].count[n], end.count[n]);
    return in_month.kilo(e);
}

} // namespace kpmsim
