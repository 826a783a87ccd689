#pragma once

#include "sim/quantity.hpp"

#include <limits>
#include <string_view>
#include <vector>

namespace kpmsim {

/// A value for each quantity of the catalogue, in its unit there; not a number where none is given.
class Values {
public:
    Values() : of_(catalogue().size(), std::numeric_limits<double>::quiet_NaN()) {}

    /// By name, so that the order of the catalogue's slots cannot be wrong here as it is there.
    double& operator[](std::string_view name) { return of_[place(name)]; }
    double operator[](std::string_view name) const { return of_[place(name)]; }
    double operator[](Quantity q) const { return of_[q.index]; }

private:
    static std::size_t place(std::string_view name);

    std::vector<double> of_;
};

} // namespace kpmsim
