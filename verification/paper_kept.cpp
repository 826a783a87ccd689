#include "verification/paper_kept.hpp"

#include "verification/paper_months.hpp"

#include <chrono>
#include <cmath>

namespace kpmsim {

namespace {

/// Energies whichever way come at an even pace within a window.
void count(PaperKept::Pulses& pulses, const KeptWindow& w, double come, double share) {
    const double before = pulses.come;
    pulses.come = come;
    if (std::floor(come) <= std::floor(before))
        return;
    pulses.per_second = (come - before) / w.length_s;
    pulses.last_s = w.start_s + (std::floor(come) - before) / pulses.per_second;
    pulses.sampled = w.sampled;
    pulses.share = share;
}

} // namespace

void PaperKept::add(const KeptWindow& w, const Values& now, const PaperRegisters& registers) {
    now_ = now;
    hours_[0] += w.length_s / 3600;
    if (now["s"] > 0)
        hours_[1] += w.length_s / 3600;
    const auto pulses = [&](const char* energy) {
        return (now[energy] - (pulsed_from_ ? (*pulsed_from_)[energy] : 0)) * pulses_per_kwh_;
    };
    count(active_, w, active_before_ + pulses("e_p_total"), std::abs(now["pf"]));
    count(reactive_, w, reactive_before_ + pulses("e_q_total"),
          now["s"] > 0 ? std::abs(now["q"]) / now["s"] : 0);
    pass(w.began, w.ended, month_end(w.began, w.ended, day_), registers);
}

void PaperKept::set_clock(CivilTime from, CivilTime to, const PaperRegisters& registers) {
    pass(from, to, month_end(from, to, day_) ? std::optional{to} : std::nullopt, registers);
}

void PaperKept::pass(CivilTime began, CivilTime ended, std::optional<CivilTime> frozen,
                     const PaperRegisters& registers) {
    for (CivilTime day = std::chrono::floor<std::chrono::days>(began) + std::chrono::days{1};
         day <= ended; day += std::chrono::days{1})
        midnights_.push_back(now_);
    if (frozen) {
        frozen_at_ = frozen;
        frozen_ = now_;
        hours_at_ends_.push_back(hours_);
    }
    for (const std::string of : {"p", "q", "s", "i_a", "i_b", "i_c"}) {
        const PaperRegisters::Maximum& most = registers.month_before(of);
        frozen_["demand_" + of + "_max"] = most.demand;
        frozen_["demand_" + of + "_max_time"] = most.time;
    }
}

void PaperKept::set_pulses(double pulses_per_kwh) {
    pulses_per_kwh_ = pulses_per_kwh;
    active_before_ = active_.come;
    reactive_before_ = reactive_.come;
    pulsed_from_ = now_;
}

void PaperKept::clear_energy(const Values& now) {
    now_ = now;
    active_before_ = active_.come;
    reactive_before_ = reactive_.come;
    start_.reset();
    pulsed_from_.reset();
    midnights_.clear();
    frozen_at_.reset();
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
        const double at_start = start_ ? (*start_)[energy] : 0;
        return n < 0 ? at_start : midnights_[static_cast<std::size_t>(n)][energy];
    };
    return (ago == 0 ? now_[energy] : at_midnight(ago - 1)) - at_midnight(ago);
}

double PaperKept::frozen(const std::string& name) const { return frozen_at_ ? frozen_[name] : 0; }

} // namespace kpmsim
