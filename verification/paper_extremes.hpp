#pragma once

#include "sim/extremes.hpp"
#include "verification/judge.hpp"

#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

/// What a circuit has read so far, to tell the greatest and the least of each reading.
class PaperExtremes {
public:
    /// No two at one moment.
    void add(CivilTime moment, const Values& readings, const Values& deviations);
    bool empty() const { return past_.empty(); }
    /// Holds an extreme that is shown to paper's, and the reading on paper at its moment: quantity
    /// "extremes", by the judge's units, and the same against noise. `code`: a meter follows no rise that
    /// is less. Angles, and what has no reading, are left out.
    void check(const QuantityInfo& of, const Extreme& shown, bool greatest, const Scale& scale,
               double code, Errors& errors) const;

private:
    std::vector<std::pair<CivilTime, Values>> past_;
    Values most_deviations_;
};

} // namespace kpmsim
