#include "verification/paper_registers.hpp"

#include "verification/paper_deviations.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace kpmsim {

namespace {

constexpr std::array<const char*, 9> demanded{"p",   "q",   "s",   "i_a", "i_b",
                                              "i_c", "s_a", "s_b", "s_c"};
constexpr std::array directions{"e_p_import", "e_p_export", "e_q_import", "e_q_export"};
constexpr int tariffs = 6;

/// What a register counts in.
constexpr double microjoule_kwh = 1e-6 / 3.6e6;

std::string tariff_name(int tariff) { return "_t" + std::to_string(tariff + 1); }

std::chrono::year_month month_of(CivilTime t) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(t)};
    return day.year() / day.month();
}

} // namespace

void PaperRegisters::book(const std::string& import, const std::string& exported,
                          const std::string& after, long double amount, double deviation,
                          double independent) {
    Kilo& kilo = kilo_[(amount > 0 ? import : exported) + after];
    kilo.amount += std::abs(amount);
    if (std::abs(amount) >= decided * deviation) {
        kilo.variance += deviation * deviation / independent;
        return;
    }
    kilo.unsure += deviation;
    kilo_[(amount > 0 ? exported : import) + after].unsure += deviation;
}

double PaperRegisters::Kilo::deviation() const {
    return std::sqrt(variance) + unsure + microjoule_kwh;
}

PaperRegisters::Kilo PaperRegisters::kilo(const std::string& name) const {
    const auto found = kilo_.find(name);
    return found == kilo_.end() ? Kilo{} : found->second;
}

void PaperRegisters::add(const PaperCount& c) {
    const long double kilo_hours = c.seconds / 3.6e6L;
    const auto book_of = [&](const std::string& reading, const std::string& after) {
        const std::string kind = "e_" + reading.substr(0, 1);
        book(kind + "_import", kind + "_export", after, c.readings[reading] * kilo_hours,
             c.deviations[reading] * static_cast<double>(kilo_hours), c.independent);
    };
    for (const char* power : {"p", "q"}) {
        book_of(power, "");
        book_of(power, tariff_name(c.tariff));
        for (const std::string& phase : phases())
            if (wiring_ == Wiring::p4l || wiring_ == Wiring::one_phase)
                book_of(power + phase, phase);
    }
    book_quadrant(c, static_cast<double>(kilo_hours));
    Kilo& apparent = kilo_["e_s"];
    apparent.amount += c.readings["s"] * kilo_hours;
    const double of_s = c.deviations["s"] * static_cast<double>(kilo_hours);
    apparent.variance += of_s * of_s / c.independent;

    for (std::size_t n = 0; n < demanded.size(); ++n) {
        running_.sum[n] += c.readings[demanded[n]] * c.seconds;
        const double deviation = c.deviations[demanded[n]];
        if (!(deviation <= deviation_[n])) // also not-a-number, which stays
            deviation_[n] = deviation;
    }
    running_.seconds += c.seconds;
    if (minute_of(c.ended) == minute_of(c.began))
        return;
    close_minute(minute_of(c.ended));
    end_month(c.began, c.ended);
}

void PaperRegisters::pause(CivilTime began, CivilTime ended) { end_month(began, ended); }

void PaperRegisters::end_month(CivilTime began, CivilTime ended) {
    const std::chrono::days before{demand_day_ - 1};
    if (month_of(ended - before) == month_of(began - before))
        return;
    before_ = maxima_;
    maxima_ = {};
}

const PaperRegisters::Maximum& PaperRegisters::month_before(const std::string& of) const {
    const auto at = std::find(demanded.begin(), demanded.begin() + before_.size(), of);
    return before_.at(static_cast<std::size_t>(at - demanded.begin()));
}

void PaperRegisters::set_demand_minutes(int minutes) {
    if (minutes != demand_minutes_)
        closed_.clear();
    demand_minutes_ = minutes;
}

/// Counter-clockwise from where both are imported.
void PaperRegisters::book_quadrant(const PaperCount& c, double kilo_hours) {
    const double p = c.readings["p"];
    const double q = c.readings["q"];
    const double of_q = c.deviations["q"] * kilo_hours;
    const auto name = [](bool import, bool inductive) {
        return inductive ? (import ? "e_q_q1" : "e_q_q2") : (import ? "e_q_q4" : "e_q_q3");
    };
    book(name(p > 0, true), name(p > 0, false), "", q * kilo_hours, of_q, c.independent);
    if (std::abs(p) < decided * c.deviations["p"])
        for (const bool inductive : {true, false})
            for (const bool import : {true, false})
                kilo_[name(import, inductive)].unsure += std::abs(q) * kilo_hours + of_q;
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
    for (std::size_t n = 0; n < maxima_.size(); ++n)
        if (demand_[n] > maxima_[n].demand + code(n))
            maxima_[n] = {demand_[n], static_cast<double>(now.time_since_epoch().count())};
}

void PaperRegisters::write(Values& out) const {
    write_kilo(out, [](const Kilo& of) { return static_cast<double>(of.amount); });
    for (const std::string kind : {"e_p", "e_q"})
        out[kind + "_net"] = static_cast<double>(
            std::abs(kilo(kind + "_import").amount - kilo(kind + "_export").amount));
    for (std::size_t n = 0; n < demanded.size(); ++n)
        if (is_there(demanded[n]))
            out[std::string{"demand_"} + demanded[n]] = demand_[n];
    for (std::size_t n = 0; n < maxima_.size(); ++n) {
        if (!is_there(demanded[n]))
            continue;
        const std::string name = std::string{"demand_"} + demanded[n] + "_max";
        out[name] = maxima_[n].demand;
        out[name + "_time"] = maxima_[n].time;
    }
}

void PaperRegisters::write_deviations(Values& out) const {
    write_kilo(out, [](const Kilo& of) { return of.deviation(); });
    for (const std::string kind : {"e_p", "e_q"})
        out[kind + "_net"] = out[kind + "_total"];
    for (std::size_t n = 0; n < demanded.size(); ++n)
        out[std::string{"demand_"} + demanded[n]] = deviation_[n];
    for (std::size_t n = 0; n < maxima_.size(); ++n)
        out[std::string{"demand_"} + demanded[n] + "_max"] = deviation_[n] + code(n);
}

void PaperRegisters::write_kilo(Values& out, double (*value)(const Kilo&)) const {
    const auto write = [&](const std::string& name) { out[name] = value(kilo(name)); };
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
        const auto total = [&](const std::string& after) {
            out[kind + "_total" + after] =
                out[kind + "_import" + after] + out[kind + "_export" + after];
        };
        total("");
        for (int t = 0; t < tariffs; ++t)
            total(tariff_name(t));
    }
}

} // namespace kpmsim
