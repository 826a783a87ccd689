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
};

/// Energies and demands, worked out of the readings of all windows so far.
///
/// Energy is power times time, kept in long double and written by name into every register that it
/// belongs to; demand is a mean over the windows of the last minutes, added up anew each minute.
/// error   1e-18 of an energy a window; 1e-15 of a demand
class PaperRegisters {
public:
    PaperRegisters(Wiring wiring, int demand_minutes)
        : wiring_{wiring}, demand_minutes_{demand_minutes} {}

    void add(const PaperCount& count);
    /// Energies begin at 0; demands go on.
    void clear_energy() { kilo_.clear(); }
    void clear_demand_maxima() { p_max_ = s_max_ = p_max_time_ = s_max_time_ = 0; }
    /// Writes down the energies and the demands.
    void write(Values& out) const;

private:
    struct Minute {
        double seconds{0};
        std::array<double, 9> sum{};
    };
    void close_minute(CivilTime now);
    void book(const std::string& import, const std::string& exported, const std::string& after,
              long double amount);

    /// Those that have registers; without a neutral wire nothing is ever counted in them.
    std::vector<std::string> phases() const {
        return wiring_ == Wiring::one_phase ? std::vector<std::string>{"_a"}
                                            : std::vector<std::string>{"_a", "_b", "_c"};
    }

    Wiring wiring_;
    int demand_minutes_;
    std::map<std::string, long double> kilo_;
    std::vector<Minute> closed_;
    Minute running_;
    std::array<double, 9> demand_{};
    double p_max_{0}, s_max_{0};
    double p_max_time_{0}, s_max_time_{0};
};

} // namespace kpmsim
