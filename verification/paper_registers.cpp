#include "verification/paper_registers.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace kpmsim {

namespace {

constexpr std::array<const char*, 9> demanded{"p",   "q",   "s",   "i_a", "i_b",
                                              "i_c", "s_a", "s_b", "s_c"};
constexpr std::array directions{"e_p_import", "e_p_export", "e_q_import", "e_q_export"};
constexpr int tariffs = 6;

std::string tariff_name(int tariff) { return "_t" + std::to_string(tariff + 1); }

auto minute_of(CivilTime t) { return std::chrono::floor<std::chrono::minutes>(t); }

std::chrono::year_month month_of(CivilTime t) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(t)};
    return day.year() / day.month();
}

} // namespace

void PaperRegisters::book(const std::string& import, const std::string& exported,
                          const std::string& after, long double amount) {
    kilo_[(amount > 0 ? import : exported) + after] += std::abs(amount);
}

void PaperRegisters::add(const PaperCount& c) {
    const long double kilo_hours = c.seconds / 3.6e6L;
    const auto energy = [&](const char* of) { return c.readings[of] * kilo_hours; };
    const long double p = energy("p");
    const long double q = energy("q");
    for (const std::string& after : {std::string{}, tariff_name(c.tariff)}) {
        book("e_p_import", "e_p_export", after, p);
        book("e_q_import", "e_q_export", after, q);
    }
    for (const std::string& after : phases())
        if (wiring_ == Wiring::p4l || wiring_ == Wiring::one_phase) {
            book("e_p_import", "e_p_export", after, energy(("p" + after).c_str()));
            book("e_q_import", "e_q_export", after, energy(("q" + after).c_str()));
        }
    // Counter-clockwise from where both are imported.
    const char* quadrant = q > 0 ? (p > 0 ? "1" : "2") : (p > 0 ? "4" : "3");
    kilo_[std::string{"e_q_q"} + quadrant] += std::abs(q);
    kilo_["e_s"] += energy("s");

    for (std::size_t n = 0; n < demanded.size(); ++n)
        running_.sum[n] += c.readings[demanded[n]] * c.seconds;
    running_.seconds += c.seconds;
    if (minute_of(c.ended) == minute_of(c.began))
        return;
    close_minute(minute_of(c.ended));
    if (month_of(c.ended) != month_of(c.began))
        clear_demand_maxima();
}

void PaperRegisters::close_minute(CivilTime now) {
    closed_.push_back(running_);
    running_ = {};
    const auto width = std::min(closed_.size(), static_cast<std::size_t>(demand_minutes_));
    Minute all;
    for (auto minute = closed_.end() - static_cast<std::ptrdiff_t>(width); minute != closed_.end();
         ++minute) {
        all.seconds += minute->seconds;
        for (std::size_t n = 0; n < all.sum.size(); ++n)
            all.sum[n] += minute->sum[n];
    }
    for (std::size_t n = 0; n < demanded.size(); ++n)
        demand_[n] = all.sum[n] / all.seconds;
    const auto raise = [&](double demand, double& max, double& time) {
        if (demand <= max)
            return;
        max = demand;
        time = static_cast<double>(now.time_since_epoch().count());
    };
    raise(demand_[0], p_max_, p_max_time_);
    raise(demand_[2], s_max_, s_max_time_);
}

void PaperRegisters::write(Values& out) const {
    const auto kilo = [&](const std::string& name) {
        const auto found = kilo_.find(name);
        return found == kilo_.end() ? 0.0L : found->second;
    };
    const auto write = [&](const std::string& name) {
        out[name] = static_cast<double>(kilo(name));
    };
    for (const std::string direction : directions) {
        write(direction);
        for (const std::string& phase : phases())
            write(direction + phase);
        for (int t = 0; t < tariffs; ++t)
            write(direction + tariff_name(t));
    }
    for (const char* name : {"e_q_q1", "e_q_q2", "e_q_q3", "e_q_q4", "e_s"})
        write(name);
    for (const std::string kind : {"e_p", "e_q"}) {
        const long double import = kilo(kind + "_import");
        const long double exported = kilo(kind + "_export");
        out[kind + "_total"] = static_cast<double>(import + exported);
        out[kind + "_net"] = static_cast<double>(std::abs(import - exported));
        for (int t = 0; t < tariffs; ++t)
            out[kind + "_total" + tariff_name(t)] = static_cast<double>(
                kilo(kind + "_import" + tariff_name(t)) + kilo(kind + "_export" + tariff_name(t)));
    }
    for (std::size_t n = 0; n < demanded.size(); ++n)
        out[std::string{"demand_"} + demanded[n]] = demand_[n];
    out["demand_p_max"] = p_max_;
    out["demand_s_max"] = s_max_;
    out["demand_p_max_time"] = p_max_time_;
    out["demand_s_max_time"] = s_max_time_;
}

} // namespace kpmsim
