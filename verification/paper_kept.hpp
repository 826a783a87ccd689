#pragma once

#include "sim/clock.hpp"
#include "verification/paper_extremes.hpp"
#include "verification/paper_registers.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// A window of which something is written down: by the meter's clock, and by the time that passed.
struct KeptWindow {
    CivilTime began{}, ended{};
    double start_s{0}; ///< since the meter was there
    double length_s{0};
    bool sampled{false}; ///< its samples are looked at for the moments of pulses
};

/// What a circuit keeps on paper besides its registers and their months: its days, what the last freeze has,
/// hours, pulses, the greatest and the least.
class PaperKept {
public:
    /// `pulses_per_kwh`: at the primary.
    PaperKept(int settlement_day, double pulses_per_kwh)
        : day_{settlement_day}, pulses_per_kwh_{pulses_per_kwh} {}

    /// It has energies from before, which give no pulses and were used on no day.
    void begin(const Values& energies) { start_ = pulsed_from_ = now_ = energies; }
    /// Energies begin at 0, and with them freezes and days; pulses and hours go on.
    void clear_energy(const Values& now);
    /// A window, and what stands on paper after it.
    void add(const KeptWindow& w, const Values& now, const PaperRegisters& registers);

    void set_day(int settlement_day) { day_ = settlement_day; }
    /// What has gathered for the next pulse goes on as the part of one that it is.
    void set_pulses(double pulses_per_kwh);
    /// The clock is set to another time, which ends days and a month before it, all at once.
    void set_clock(CivilTime from, CivilTime to, const PaperRegisters& registers);

    /// With supply (0), and with a load (1).
    double hours(std::size_t which) const { return hours_[which]; }
    /// … of this month (0) or one before.
    double month_hours(std::size_t which, int ago) const;
    /// kWh or kvarh of today (0) or a day before, of an energy that grows.
    double day(const std::string& energy, int ago) const;
    /// The settlement moment that was the last; none = none was.
    std::optional<CivilTime> frozen_at() const { return frozen_at_; }
    /// An energy at that moment, a greatest demand or its time when the month before ended; 0 before one.
    double frozen(const std::string& name) const;

    /// Pulses of an output: how many, as a number that grows evenly, of which the whole part has come; and
    /// the moment of the last one, its leading edge.
    struct Pulses {
        double come{0};
        double last_s{0};
        double per_second{0}; ///< in the window of the last one
        bool sampled{false};  ///< it was one whose samples are looked at
        double share{0};      ///< of that window's power in its S
    };
    const Pulses& active() const { return active_; }
    const Pulses& reactive() const { return reactive_; }

    PaperExtremes extremes;

private:
    /// `frozen`: when, if a month ends.
    void pass(CivilTime began, CivilTime ended, std::optional<CivilTime> frozen,
              const PaperRegisters& registers);

    using Hours = std::array<double, 2>;

    int day_;
    double pulses_per_kwh_;
    Values now_, frozen_;
    std::optional<Values> start_;                  ///< energies
    std::optional<Values> pulsed_from_;            ///< energies from which pulses are counted …
    double active_before_{0}, reactive_before_{0}; ///< … and those that had come by then
    Hours hours_{};
    std::vector<Hours> hours_at_ends_;
    std::vector<Values> midnights_; ///< what stood there
    std::optional<CivilTime> frozen_at_;
    Pulses active_, reactive_;
};

} // namespace kpmsim
