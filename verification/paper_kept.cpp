#include "verification/paper_kept.hpp"

#include "verification/paper_months.hpp"

#include <chrono>
#include <cmath>

namespace kpmsim {

namespace {

/// Energies whichever way come at an even pace within a window.
void count(PaperKept::Pulses& pulses, const KeptWindow& w, double come) {
    const double before = pulses.come;
    pulses.come = come;
    if (std::floor(come) <= std::floor(before))
        return;
    pulses.per_second = (come - before) / w.length_s;
    pulses.last_s = w.start_s + (std::floor(come) - before) / pulses.per_second;
}

} // namespace

void PaperKept::add(const KeptWindow& w, const Values& now, const PaperRegisters& registers) {
    now_ = now;
    hours_[0] += w.length_s / 3600;
    if (now["s"] > 0)
        hours_[1] += w.length_s / 3600;
    count(active_, w, now["e_p_total"] * pulses_per_kwh_);
    count(reactive_, w, now["e_q_total"] * pulses_per_kwh_);
    for (CivilTime day = std::chrono::floor<std::chrono::days>(w.began) + std::chrono::days{1};
         day <= w.ended; day += std::chrono::days{1})
        midnights_.push_back(now);
    const auto end = month_end(w.began, w.ended, day_);
    if (!end)
        return;
    frozen_at_ = end;
    frozen_ = now;
    for (const std::string of : {"p", "q", "s", "i_a", "i_b", "i_c"}) {
        const PaperRegisters::Maximum& most = registers.month_before(of);
        frozen_["demand_" + of + "_max"] = most.demand;
        frozen_["demand_" + of + "_max_time"] = most.time;
    }
    hours_at_ends_.push_back(hours_);
}

double PaperKept::month_hours(std::size_t which, int ago) const {
    const auto over = static_cast<int>(hours_at_ends_.size());
    const auto at_end_of = [&](int months_ago) {
        const int n = over - months_ago;
        return n < 0 ? 0.0 : hours_at_ends_[static_cast<std::size_t>(n)][which];
    };
    return (ago == 0 ? hours_[which] : at_end_of(ago)) - at_end_of(ago + 1);
}

double PaperKept::day(const std::string& energy, int ago) const {
    const auto over = static_cast<int>(midnights_.size());
    const auto at_midnight = [&](int days_ago) { // 0: that with which today began
        const int n = over - 1 - days_ago;
        return n < 0 ? 0.0 : midnights_[static_cast<std::size_t>(n)][energy];
    };
    return (ago == 0 ? now_[energy] : at_midnight(ago - 1)) - at_midnight(ago);
}

double PaperKept::frozen(const std::string& name) const { return frozen_at_ ? frozen_[name] : 0; }

} // namespace kpmsim
