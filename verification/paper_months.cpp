#include "verification/paper_months.hpp"

#include <chrono>
#include <cmath>

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

void PaperMonths::begin(const Values& now, const std::vector<Values>& used) {
    from_before_ = true;
    now_ = now;
    Values then = now;
    for (const Values& month : used) {
        for (const QuantityInfo& of : catalogue())
            if (of.kind == QuantityKind::energy)
                then[of.name] -= month[of.name];
        then["e_p_net"] = then["e_q_net"] = std::nan(""); // no sum of months
        ends_.insert(ends_.begin(), then);
    }
    if (used.empty())
        ends_.push_back(now);
}

void PaperMonths::clear() { *this = PaperMonths{day_}; }

const Values* PaperMonths::at_end_of(int months_ago) const {
    const int n = static_cast<int>(ends_.size()) - months_ago;
    return months_ago < 1 || n < (from_before_ ? 1 : 0) ? nullptr
                                                        : &ends_[static_cast<std::size_t>(n)];
}

double PaperMonths::kilo(const std::string& energy, int month) const {
    const auto over = static_cast<int>(ends_.size());
    if (month > over - (from_before_ ? 1 : 0))
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
