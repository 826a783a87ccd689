#include "verification/paper_tariffs.hpp"

#include <algorithm>
#include <chrono>
#include <set>

namespace kpmsim {

namespace {

using namespace std::chrono_literals;

constexpr int minutes_per_day = 24 * 60;
constexpr int tables_per_set = 3;
constexpr int zones_per_year = 4;

int whole(Draw& draw, int from, int below) { return static_cast<int>(draw.between(from, below)); }

CivilTime midnight(CivilTime t) { return std::chrono::floor<std::chrono::days>(t); }

std::chrono::year_month_day date_of(CivilTime t) {
    return std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(t)};
}

TariffTable some_table(CivilTime start, int apart, Draw& draw) {
    const auto from = static_cast<int>((start - midnight(start)) / 1min);
    TariffTable table;
    int minute = from;
    for (int n = 0; n < 6; ++n) {
        minute += whole(draw, 1, apart);
        table.periods.push_back({minute % minutes_per_day, whole(draw, 0, 6)});
    }
    std::sort(
        table.periods.begin(), table.periods.end(),
        [](const TariffPeriod& a, const TariffPeriod& b) { return a.from_minute < b.from_minute; });
    return table;
}

/// Of those that begin at `from` in a circle, the one that began last.
template <typename Entry, typename From>
const Entry& latest(const std::vector<Entry>& entries, int now, int circle, From from) {
    const auto ago = [&](const Entry& e) { return (now - from(e) + circle) % circle; };
    return *std::min_element(entries.begin(), entries.end(),
                             [&](const Entry& a, const Entry& b) { return ago(a) < ago(b); });
}

} // namespace

int paper_tariff(const TariffCalendar& calendar, CivilTime t) {
    const bool second = t >= calendar.second_from;
    const TariffYear& year = calendar.years[second ? 1 : 0];
    std::size_t table = 0;
    if (!year.zones.empty()) {
        const std::chrono::year_month_day date = date_of(t);
        const int today = static_cast<int>(static_cast<unsigned>(date.month()) * 100 +
                                           static_cast<unsigned>(date.day()));
        const TariffZone& zone =
            latest(year.zones, today, 1300, [](const TariffZone& z) { return z.from_date; });
        table = static_cast<std::size_t>(zone.day);
    }
    const std::vector<TariffPeriod>& periods = year.days.at(table).periods;
    if (periods.empty())
        return 0;
    const auto minute = static_cast<int>((t - midnight(t)) / 1min);
    return latest(periods, minute, minutes_per_day,
                  [](const TariffPeriod& p) { return p.from_minute; })
        .tariff;
}

TariffCalendar some_day(CivilTime start, Draw& draw) {
    TariffCalendar calendar;
    calendar.years[0].days = {some_table(start, minutes_apart, draw)};
    return calendar;
}

TariffCalendar some_calendar(CivilTime start, Draw& draw, int apart) {
    TariffCalendar calendar;
    for (TariffYear& year : calendar.years) {
        for (int n = 0; n < tables_per_set; ++n)
            year.days.push_back(whole(draw, 0, 8) > 0 ? some_table(start, apart, draw)
                                                      : TariffTable{});
        std::set<int> dates;
        if (whole(draw, 0, 3) == 0)
            dates.insert(229); // in other years from 1 March on
        while (static_cast<int>(dates.size()) < zones_per_year)
            dates.insert(whole(draw, 1, 13) * 100 + whole(draw, 1, 29));
        if (whole(draw, 0, 4) == 0)
            dates.clear();
        for (const int date : dates)
            year.zones.push_back({date, whole(draw, 0, tables_per_set)});
    }
    calendar.second_from = midnight(start) + std::chrono::days{whole(draw, 1, 60)};
    return calendar;
}

CivilTime some_change(const TariffCalendar& calendar, CivilTime now, Draw& draw) {
    const TariffYear& year = calendar.years[now >= calendar.second_from ? 1 : 0];
    std::vector<CivilTime> changes{calendar.second_from};
    for (const TariffZone& zone : year.zones) {
        const auto month = static_cast<unsigned>(zone.from_date / 100);
        const auto day = static_cast<unsigned>(zone.from_date % 100);
        changes.push_back(std::chrono::local_days{date_of(now).year() / std::chrono::month{month} /
                                                  std::chrono::day{day}});
    }
    for (const TariffTable& table : year.days)
        for (const TariffPeriod& period : table.periods)
            changes.push_back(midnight(now) + std::chrono::minutes{period.from_minute});
    // Each kind as often as the others, where there is any.
    const int first_period = 1 + static_cast<int>(year.zones.size());
    const int all = static_cast<int>(changes.size());
    const int kind = whole(draw, 0, 3);
    int n = 0;
    if (kind == 1 && first_period > 1)
        n = whole(draw, 1, first_period);
    if (kind == 2 && all > first_period)
        n = whole(draw, first_period, all);
    return changes[static_cast<std::size_t>(n)] - std::chrono::seconds{whole(draw, 0, 2)};
}

} // namespace kpmsim
