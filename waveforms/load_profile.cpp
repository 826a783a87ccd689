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

/// Where a moment falls in a table: the row in force and the next, if there are such.
struct ProfilePlace {
    SimDuration at{};                  ///< by the table's own time
    const ProfilePoint* row{nullptr};  ///< nothing before the first
    const ProfilePoint* next{nullptr}; ///< nothing after the last
};

ProfilePlace place_of(std::span<const ProfilePoint> rows, ProfileEnd end, SimTime at) {
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
    return {t, after == rows.begin() ? nullptr : &*(after - 1),
            after == rows.end() ? nullptr : &*after};
}

bool same(const ProfilePoint& a, const ProfilePoint& b) { return a.p_w == b.p_w && a.pf == b.pf; }

} // namespace

ProfileDraw read_profile(std::span<const ProfilePoint> rows, ProfileShape shape, ProfileEnd end,
                         SimTime at) {
    if (rows.empty())
        return {};
    const ProfilePlace place = place_of(rows, end, at);
    if (place.row == nullptr)
        return draw_of(rows.front());
    const ProfilePoint& a = *place.row;
    if (place.next == nullptr) {
        const bool over = end == ProfileEnd::zero && place.at > a.at;
        return over ? ProfileDraw{} : draw_of(a);
    }
    if (shape == ProfileShape::steps)
        return draw_of(a);
    const ProfilePoint& b = *place.next;
    const double part =
        static_cast<double>((place.at - a.at).count()) / static_cast<double>((b.at - a.at).count());
    ProfileDraw out;
    for (std::size_t p = 0; p < 3; ++p)
        out.p_w[p] = a.p_w[p] + part * (b.p_w[p] - a.p_w[p]);
    out.pf = pf_between(a.pf, b.pf, part);
    return out;
}

SimTime profile_steady_until(std::span<const ProfilePoint> rows, ProfileShape shape, ProfileEnd end,
                             SimTime at) {
    if (rows.empty())
        return SimTime::max();
    const ProfilePlace place = place_of(rows, end, at);
    if (place.next == nullptr) {
        const bool drops = end == ProfileEnd::zero && place.at == rows.back().at;
        return drops ? at + SimDuration{1} : SimTime::max();
    }
    const bool moves =
        place.row != nullptr && shape == ProfileShape::line && !same(*place.row, *place.next);
    return moves ? at : at + (place.next->at - place.at);
}

} // namespace kpmsim
