#pragma once

#include "sim/clock.hpp"
#include "verification/values.hpp"

#include <optional>
#include <vector>

namespace kpmsim {

/// The moment at which a month ended in a window, 0:00 of the settlement day, if one did; of windows that are
/// no longer than a month.
std::optional<CivilTime> month_end(CivilTime began, CivilTime ended, int settlement_day);

/// Energies of this month and of those before it: what the registers stood at when each ended, one
/// less the other. A month ends at 0:00 of the settlement day, with the window in which that is.
class PaperMonths {
public:
    explicit PaperMonths(int settlement_day) : day_{settlement_day} {}

    /// It has energies from before: `now`, of which these were used in this month (the first) and in those
    /// before; what else there is was used in no month.
    void begin(const Values& now, const std::vector<Values>& used);
    void clear();
    void set_day(int settlement_day) { day_ = settlement_day; }
    /// `began` and `ended` of a window, and the energies after it.
    void add(CivilTime began, CivilTime ended, const Values& energies);
    /// kWh or kvarh of an energy that grows: imports, exports, sums. Month 0 is this one; 0 before the
    /// meter was there.
    double kilo(const std::string& energy, int month) const;
    /// What stood there when the month so many before this one ended; null of one that it has not seen end.
    const Values* at_end_of(int months_ago) const;

private:
    int day_;
    bool from_before_{false}; ///< the first of `ends_` is the beginning of the first month
    Values now_;
    std::vector<Values> ends_; ///< of the months that are over, the last one at the end
};

} // namespace kpmsim
