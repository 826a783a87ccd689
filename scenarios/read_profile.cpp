#include "files/csv.hpp"
#include "scenarios/farm_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

/// "90", "90.5" seconds, or "hh:mm", "hh:mm:ss" by the clock.
struct ProfileTime {
    SimDuration at{};
    bool clock{false};
};
std::optional<ProfileTime> read_time(const std::string& text) {
    if (text.find(':') == std::string::npos) {
        const auto value = plain_number(text);
        if (!value || *value < 0.0 || *value > 1e9)
            return std::nullopt;
        return ProfileTime{SimDuration{std::llround(*value * 1e9)}, false};
    }
    std::array<int, 3> part{};
    std::size_t parts = 0;
    for (std::size_t from = 0; from <= text.size() && parts < 4;) {
        const std::size_t to = std::min(text.find(':', from), text.size());
        if (parts == 3 || to - from < 1 || to - from > 2)
            return std::nullopt;
        const auto [end, error] =
            std::from_chars(text.data() + from, text.data() + to, part[parts]);
        if (error != std::errc{} || end != text.data() + to)
            return std::nullopt;
        ++parts;
        from = to + 1;
    }
    const auto at =
        std::chrono::hours{part[0]} + std::chrono::minutes{part[1]} + std::chrono::seconds{part[2]};
    if (part[1] > 59 || part[2] > 59 || part[0] < 0 || part[1] < 0 || part[2] < 0 || at > 24h)
        return std::nullopt;
    return ProfileTime{at, true};
}

ProfilePoint between(const ProfilePoint& a, const ProfilePoint& b, double part, SimDuration at) {
    ProfilePoint point = a;
    point.at = at;
    for (std::size_t i = 0; i < 3; ++i)
        point.p_w[i] = a.p_w[i] + (b.p_w[i] - a.p_w[i]) * part;
    return point;
}

/// A day that is written by the clock and repeated comes round at midnight: the last row leads on
/// to the first, or holds until it.
void close_the_day(std::vector<ProfilePoint>& profile, ProfileShape shape) {
    const SimDuration first = profile.front().at;
    const SimDuration last = profile.back().at;
    const SimDuration gap = 24h - last + first;
    if (gap <= SimDuration::zero())
        return;
    const ProfilePoint midnight =
        between(profile.back(), profile.front(),
                shape == ProfileShape::steps ? 0.0 : seconds(24h - last) / seconds(gap), 24h);
    if (last < 24h)
        profile.push_back(midnight);
    if (first > SimDuration::zero()) {
        profile.insert(profile.begin(), midnight);
        profile.front().at = SimDuration::zero();
    }
}

} // namespace

std::optional<double> plain_number(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

void load_profile(const std::string& path, LoadPlan& plan, std::vector<Mistake>& mistakes) {
    const std::size_t before = mistakes.size();
    const CsvTable table = load_csv(path, mistakes);
    if (table.header.empty())
        return;
    const auto wrong = [&](int line, std::string what, std::string cure) {
        note(mistakes, {path, line, 0}, std::move(what), std::move(cure));
    };
    static const std::vector<std::string> columns{"time", "p_a", "p_b", "p_c", "pf"};
    std::array<int, 5> at{};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        at[i] = table.column(columns[i]);
        if (at[i] < 0 && columns[i] != "pf")
            wrong(0, "lacks the column " + columns[i], "its header is time,p_a,p_b,p_c[,pf]");
    }
    for (const std::string& name : table.header) {
        if (std::find(columns.begin(), columns.end(), name) == columns.end()) {
            const std::string near = nearest(name, columns);
            wrong(0, "has the unknown column \"" + name + '"',
                  near.empty() ? "known: " + listed(columns) : "did you mean " + near + '?');
        }
    }
    if (mistakes.size() > before)
        return;
    std::vector<ProfilePoint> profile;
    bool clock = false;
    for (const CsvTable::Row& row : table.rows) {
        const auto cell = [&](std::size_t c) { return row.cell[static_cast<std::size_t>(at[c])]; };
        ProfilePoint point;
        const auto time = read_time(cell(0));
        if (!time) {
            wrong(row.line, "time \"" + cell(0) + "\" cannot be read",
                  "write seconds from the start, or hh:mm or hh:mm:ss up to 24:00");
            continue;
        }
        point.at = time->at;
        if (!profile.empty() && time->clock != clock) {
            wrong(row.line, "time \"" + cell(0) + "\" is written another way than before",
                  "write all times in seconds, or all as hh:mm");
            continue;
        }
        clock = time->clock;
        if (!profile.empty() && point.at <= profile.back().at) {
            wrong(row.line, "time \"" + cell(0) + "\" is not after the row before",
                  "put the rows in order, each time once");
            continue;
        }
        if (profile.empty() && !clock && point.at != SimDuration::zero())
            wrong(row.line, "begins at " + cell(0) + " s", "begin with a row at time 0");
        for (std::size_t i = 0; i < 3; ++i) {
            const auto p = plain_number(cell(i + 1));
            if (!p || std::abs(*p) > 1e12) {
                wrong(row.line, columns[i + 1] + " \"" + cell(i + 1) + "\" is no power",
                      "write watts without a unit");
            }
            point.p_w[i] = p.value_or(0.0);
        }
        if (at[4] >= 0) {
            const auto pf = plain_number(cell(4));
            if (!pf || std::abs(*pf) > 1.0 || std::abs(*pf) < 0.01) {
                wrong(row.line, "pf \"" + cell(4) + "\" is no power factor",
                      "write 0.01 to 1, with a minus when the current leads (capacitive)");
            } else {
                point.pf = *pf;
            }
        } else {
            point.pf = plan.spec.capacitive ? -plan.spec.pf : plan.spec.pf;
        }
        profile.push_back(point);
    }
    if (profile.empty()) {
        if (mistakes.size() == before)
            wrong(0, "has no rows", "a profile needs at least one row below its header");
        return;
    }
    if (clock) {
        if (plan.spec.profile_end == ProfileEnd::repeat) {
            close_the_day(profile, plan.spec.profile_shape);
        } else if (profile.front().at > SimDuration::zero()) {
            profile.insert(profile.begin(), profile.front());
            profile.front().at = SimDuration::zero();
        }
        plan.by_clock = true;
    }
    plan.spec.profile = std::move(profile);
}

} // namespace kpmsim
