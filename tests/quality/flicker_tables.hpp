#pragma once

#include "quality/flickermeter.hpp"

#include <vector>

namespace kpmsim::test {

/// A point of the standard's tables: how often, how deep.
struct FlickerPoint {
    double rate; // Hz of the sine, or changes per minute of the rectangle
    double percent;
};

struct FlickerTable {
    FlickerSystem system;
    std::vector<FlickerPoint> points;
};

/// IEC 61000-4-15 ed. 2, tables 1a and 1b: depth in percent of a sine for Pinst,max = 1.
inline std::vector<FlickerTable> sine_tables() {
    const std::vector<double> f{0.5, 1,  1.5, 2,  2.5, 3,   3.5, 4,    4.5, 5,    5.5, 6,
                                6.5, 7,  7.5, 8,  8.8, 9.5, 10,  10.5, 11,  11.5, 12,  13,
                                14,  15, 16,  17, 18,  19,  20,  21,   22,  23,   24,  25};
    const std::vector<double> lamp_230{2.325, 1.397, 1.067, 0.879, 0.747, 0.645, 0.564, 0.497,
                                       0.442, 0.396, 0.357, 0.325, 0.300, 0.280, 0.265, 0.256,
                                       0.250, 0.254, 0.261, 0.271, 0.283, 0.298, 0.314, 0.351,
                                       0.393, 0.438, 0.486, 0.537, 0.590};
    const std::vector<double> lamp_120{2.453, 1.465, 1.126, 0.942, 0.815, 0.717, 0.637, 0.570,
                                       0.514, 0.466, 0.426, 0.393, 0.366, 0.346, 0.332, 0.323,
                                       0.321, 0.329, 0.341, 0.355, 0.373, 0.394, 0.417, 0.469,
                                       0.528, 0.592, 0.660, 0.734, 0.811, 0.892};
    const auto table = [&](FlickerSystem system, std::vector<double> depth,
                           const std::vector<double>& rest, std::vector<FlickerPoint> fast) {
        depth.insert(depth.end(), rest.begin(), rest.end());
        FlickerTable t{system, {}};
        for (std::size_t n = 0; n < depth.size(); ++n)
            t.points.push_back({f[n], depth[n]});
        t.points.insert(t.points.end(), fast.begin(), fast.end());
        return t;
    };
    return {
        table({230, 50}, lamp_230, {0.646, 0.704, 0.764, 0.828, 0.894, 0.964, 1.037},
              {{100.0 / 3, 2.128}}),
        table({230, 60}, lamp_230, {0.645, 0.703, 0.764, 0.826, 0.892, 0.959, 1.029},
              {{100.0 / 3, 1.758}, {40, 2.963}}),
        table({120, 50}, lamp_120, {0.978, 1.068, 1.162, 1.261, 1.365, 1.476},
              {{100.0 / 3, 3.111}}),
        table({120, 60}, lamp_120, {0.977, 1.067, 1.160, 1.257, 1.359, 1.464},
              {{100.0 / 3, 2.570}, {40, 4.393}}),
    };
}

/// IEC 61000-4-15 ed. 2, table 5: full step in percent of a rectangle for Pst = 1.
inline std::vector<FlickerTable> rectangle_tables() {
    const auto table = [](FlickerSystem system, std::vector<double> percent) {
        const double last = system.f_hz == 50 ? 4000 : 4800;
        const std::vector<double> rate{1, 2, 7, 39, 110, 1620, last};
        FlickerTable t{system, {}};
        for (std::size_t n = 0; n < rate.size(); ++n)
            t.points.push_back({rate[n], percent[n]});
        return t;
    };
    return {
        table({230, 50}, {2.715, 2.191, 1.450, 0.894, 0.722, 0.407, 2.343}),
        table({230, 60}, {2.719, 2.194, 1.450, 0.895, 0.723, 0.409, 3.263}),
        table({120, 50}, {3.178, 2.561, 1.694, 1.045, 0.844, 0.545, 3.426}),
        table({120, 60}, {3.181, 2.564, 1.694, 1.040, 0.844, 0.548, 4.837}),
    };
}

} // namespace kpmsim::test
