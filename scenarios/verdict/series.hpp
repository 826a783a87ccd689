#pragma once

#include "scenarios/play/conductor.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

/// What a circuit showed over time, beside what was so; not-a-number where there was none.
struct CircuitSeries {
    std::string name; ///< of its meter, and which circuit of several
    std::array<std::vector<float>, 3> u_v, i_a;
    std::vector<float> p_w, true_p_w;
};

/// Some moments of a run.
class Series {
public:
    std::vector<double> at_s;
    std::vector<CircuitSeries> circuits;

    /// Adds the moment that the farm stands at. With more circuits than are kept, those of which an expectation
    /// speaks come first.
    void take(Conductor& conductor);

private:
    std::vector<std::pair<std::size_t, int>> kept_; ///< meter and circuit, as in `circuits`
};

/// At most so many circuits are kept: a report is for people.
inline constexpr std::size_t most_series = 24;

/// time_s, then NAME.u_a, … NAME.p, truth(NAME.p) of each circuit.
std::string series_csv(const Series& series);

} // namespace kpmsim
