#include "verification/paper_months.hpp"

#include <chrono>

namespace kpmsim {

namespace {

/// 0:00 of the day in the month that `t` is in.
CivilTime settlement(CivilTime t, int day) {
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(t)};
    return std::chrono::local_days{date.year() / date.month() / day};
}

} // namespace

std::optional<CivilTime> month_end(CivilTime began, CivilTime ended, int settlement_day) {
    for (const CivilTime in : {ended, began})
        if (const CivilTime end = settlement(in, settlement_day); began < end && end <= ended)
            return end;
    return std::nullopt;
}

void PaperMonths::add(CivilTime began, CivilTime ended, const Values& energies) {
    now_ = energies;
    if (month_end(began, ended, day_))
        ends_.push_back(energies);
}

double PaperMonths::kilo(const std::string& energy, int month) const {
    const auto over = static_cast<int>(ends_.size());
    if (month > over)
        return 0;
    const auto end_of = [&](int months_ago) { // of the month so many before this
        if (months_ago == 0)
            return now_[energy];
        const int n = over - months_ago;
        return n < 0 ? 0.0 : ends_[static_cast<std::size_t>(n)][energy];
    };
    return end_of(month) - end_of(month + 1);
}

} // namespace kpmsim
