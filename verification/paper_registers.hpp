#pragma once

#include "sim/channels.hpp"
#include "sim/clock.hpp"
#include "verification/values.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace kpmsim {

/// One window as its meter's registers take it.
struct PaperCount {
    Values readings;
    double seconds{0}; ///< by the meter's own clock
    CivilTime began{}; ///< by the meter's clock, whole seconds; the window belongs to this minute
    CivilTime ended{}; ///< the next one's `began`, unless the clock is set
    int tariff{0};
    Values deviations{};   ///< of the readings, where they are asked for
    double independent{1}; ///< windows that it stands for, each with noise of its own
};

/// Energies and demands, worked out of the readings of all windows so far.
///
/// Energy is power times time, kept in long double and written by name into every register that it
/// belongs to; demand is a mean over the windows of the last minutes, added up anew each minute.
/// error   1e-18 of an energy a window; 1e-15 of a demand
class PaperRegisters {
public:
    /// `power_code`, `current_code`: a maximum does not follow a demand that is greater by less.
    /// `demand_day`: of the month, at whose 0:00 the maxima begin anew.
    PaperRegisters(Wiring wiring, int demand_minutes, double power_code, double current_code,
                   int demand_day = 1)
        : wiring_{wiring}, demand_minutes_{demand_minutes}, power_code_{power_code},
          current_code_{current_code}, demand_day_{demand_day} {}

    void add(const PaperCount& count);
    /// Time of which nothing is counted: the clock goes on, the running minute does not end.
    void pause(CivilTime began, CivilTime ended);
    /// Minutes that were complete count for nothing once the width is another one.
    void set_demand_minutes(int minutes);
    /// Without a neutral the phases' registers stand still.
    void set_wiring(Wiring wiring) { wiring_ = wiring; }
    /// With another ratio a code is another current.
    void set_codes(double power_code, double current_code) {
        power_code_ = power_code;
        current_code_ = current_code;
    }
    void set_demand_day(int day) { demand_day_ = day; }
    /// Energies begin at 0; demands go on.
    void clear_energy() { kilo_.clear(); }
    void begin_energy(const std::string& name, std::int64_t watt_hours) {
        kilo_[name].amount = static_cast<long double>(watt_hours) / 1000;
    }
    void clear_demand_maxima() { maxima_ = before_ = {}; }
    struct Maximum {
        double demand{0};
        double time{0};
    };
    /// Of "p", "q", "s", "i_a" … "i_c", when the month before ended.
    const Maximum& month_before(const std::string& of) const;
    /// Writes down the energies and the demands.
    void write(Values& out) const;
    /// … and their deviations: an energy's is the root of its windows' squares, but where noise may
    /// decide to which register a window goes their sum; a demand's is no more than the greatest of
    /// its reading so far, and a maximum's by a code more.
    void write_deviations(Values& out) const;

private:
    struct Minute {
        double seconds{0};
        std::array<double, 9> sum{};
    };
    void close_minute(CivilTime now);
    void end_month(CivilTime began, CivilTime ended);
    /// What a register holds, and how far off it may be.
    struct Kilo {
        long double amount{0};
        double variance{0};
        double unsure{0};

        double deviation() const;
    };
    void book(const std::string& import, const std::string& exported, const std::string& after,
              long double amount, double deviation, double independent);
    void book_quadrant(const PaperCount& count, double kilo_hours);
    Kilo kilo(const std::string& name) const;
    /// What `value` takes of each register, and totals of that.
    void write_kilo(Values& out, double (*value)(const Kilo&)) const;

    /// Those that have registers; without a neutral wire nothing is ever counted in them.
    std::vector<std::string> phases() const {
        return wiring_ == Wiring::one_phase ? std::vector<std::string>{"_a"}
                                            : std::vector<std::string>{"_a", "_b", "_c"};
    }

    /// Whether there is such a reading.
    bool is_there(const std::string& reading) const {
        return wiring_ != Wiring::one_phase || (reading.back() != 'b' && reading.back() != 'c');
    }

    Wiring wiring_;
    int demand_minutes_;
    double power_code_;
    double current_code_;
    int demand_day_;
    /// Of the first three demands it is that of a power.
    double code(std::size_t demand) const { return demand < 3 ? power_code_ : current_code_; }
    std::map<std::string, Kilo> kilo_;
    std::vector<Minute> closed_;
    Minute running_;
    std::array<double, 9> demand_{};
    std::array<double, 9> deviation_{};          ///< the greatest so far
    std::array<Maximum, 6> maxima_{}, before_{}; ///< of the first six demands
};

} // namespace kpmsim
