#include "waveforms/load_profile.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {
namespace {

ProfileDraw draw_of(const ProfilePoint& row) { return {row.p_w, row.pf}; }

/// Signed distance from unity, which is continuous where the side changes.
double off_unity(double pf) { return std::copysign(1.0 - std::abs(pf), pf); }

double pf_between(double a, double b, double part) {
    if (std::signbit(a) == std::signbit(b))
        return a + part * (b - a);
    const double d = off_unity(a) + part * (off_unity(b) - off_unity(a));
    return std::copysign(1.0 - std::abs(d), d);
}

} // namespace

ProfileDraw read_profile(std::span<const ProfilePoint> rows, ProfileEnd end, SimTime at) {
    if (rows.empty())
        return {};
    SimDuration t = at.time_since_epoch();
    const SimDuration first = rows.front().at;
    const SimDuration period = rows.back().at - first;
    if (end == ProfileEnd::repeat && period.count() > 0) {
        t = (t - first) % period;
        if (t.count() < 0)
            t += period;
        t += first;
    }
    const auto after =
        std::upper_bound(rows.begin(), rows.end(), t,
                         [](SimDuration when, const ProfilePoint& row) { return when < row.at; });
    if (after == rows.begin())
        return draw_of(rows.front());
    const ProfilePoint& a = *(after - 1);
    if (after == rows.end()) {
        const bool over = end == ProfileEnd::zero && t > rows.back().at;
        return over ? ProfileDraw{} : draw_of(a);
    }
    const ProfilePoint& b = *after;
    const double part =
        static_cast<double>((t - a.at).count()) / static_cast<double>((b.at - a.at).count());
    ProfileDraw out;
    for (std::size_t p = 0; p < 3; ++p)
        out.p_w[p] = a.p_w[p] + part * (b.p_w[p] - a.p_w[p]);
    out.pf = pf_between(a.pf, b.pf, part);
    return out;
}

} // namespace kpmsim
