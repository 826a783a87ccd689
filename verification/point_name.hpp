#pragma once

#include <string>
#include <string_view>

namespace kpmsim {

/// What a point is by its name, which is all that a client goes by: u_a_max_time is the `max_time` of u_a,
/// e_s_month_3 the `month` 3 ago of e_s.
struct PointName {
    std::string of;
    /// frozen, day, month, max, max_time, min, min_time, time; empty = the thing itself
    std::string_view kind;
    int ago{0};
};
PointName point_name(const std::string& name);

} // namespace kpmsim
