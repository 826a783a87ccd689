#include "models/type/tariff_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace kpmsim {

namespace {

constexpr std::array<std::string_view, 6> names{"sharp",  "peak",        "flat",
                                                "valley", "deep valley", "sixth"};

enum class EntryKind : std::uint8_t { zone, period, date };

/// Where an entry stands.
struct EntryPlace {
    EntryKind kind{EntryKind::date};
    int set{0};
    int day{0};
    int n{0};
};

EntryPlace place_of(const TariffTables& tables, int place) {
    if (place >= tables.second_from())
        return {};
    const int set = place / tables.of_a_set();
    const int in_set = place % tables.of_a_set();
    if (in_set < tables.zones)
        return {EntryKind::zone, set, 0, in_set};
    const int period = in_set - tables.zones;
    return {EntryKind::period, set, period / tables.periods, period % tables.periods};
}

/// Of a leap year, in which every date of a zone is one.
bool is_date(unsigned month, unsigned day) {
    using namespace std::chrono;
    return (2000y / std::chrono::month{month} / std::chrono::day{day}).ok();
}

constexpr std::uint32_t above = 10'000; // month and day, or hour and minute, are below

/// Keeps them ascending; one that begins when another does takes its place.
template <class Entry>
void put(std::vector<Entry>& into, const Entry& entry, int Entry::*from) {
    const auto at =
        std::lower_bound(into.begin(), into.end(), entry,
                         [&](const Entry& a, const Entry& b) { return a.*from < b.*from; });
    if (at != into.end() && (*at).*from == entry.*from)
        *at = entry;
    else
        into.insert(at, entry);
}

} // namespace

std::span<const std::string_view> tariff_names() { return names; }

std::optional<TariffPeriod> parse_tariff_period(const std::string& text) {
    int hour = 0, minute = 0, used = 0;
    if (std::sscanf(text.c_str(), "%2d:%2d %n", &hour, &minute, &used) != 2 || used <= 5 ||
        hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return {};
    const auto name =
        std::find(names.begin(), names.end(), text.substr(static_cast<std::size_t>(used)));
    if (name == names.end())
        return {};
    return TariffPeriod{60 * hour + minute, static_cast<int>(name - names.begin())};
}

std::uint32_t zone_entry(const TariffZone& zone) {
    return static_cast<std::uint32_t>(zone.day + 1) * above +
           static_cast<std::uint32_t>(zone.from_date);
}

std::uint32_t period_entry(const TariffPeriod& period) {
    return static_cast<std::uint32_t>(period.tariff + 1) * above +
           static_cast<std::uint32_t>(period.from_minute / 60 * 100 + period.from_minute % 60);
}

std::optional<CivilTime> entry_date(std::uint32_t number) {
    const auto part = [&](std::uint32_t by, std::uint32_t of) {
        return static_cast<int>(number / by % of);
    };
    CivilTime date;
    if (number < 2000'00'00 || number >= 2100'00'00 ||
        !from_fields({part(above, above), part(100, 100), part(1, 100), 0, 0, 0}, date))
        return {};
    return date;
}

bool allows_entry(const TariffTables& tables, int place, double number) {
    if (!(number >= 0 && number < 1e9) || std::trunc(number) != number)
        return false;
    const auto entry = static_cast<std::uint32_t>(number);
    if (entry == 0)
        return true;
    const auto first = static_cast<int>(entry / above);
    const std::uint32_t second = entry % above / 100;
    const std::uint32_t third = entry % 100;
    switch (place_of(tables, place).kind) {
    case EntryKind::zone:
        return first >= 1 && first <= tables.days && is_date(second, third);
    case EntryKind::period:
        return first >= 1 && first <= tables.rates && second < 24 && third < 60;
    case EntryKind::date:
        return entry_date(entry).has_value();
    }
    return false;
}

double greatest_entry(const TariffTables& tables, int place) {
    switch (place_of(tables, place).kind) {
    case EntryKind::zone:
        return tables.days * static_cast<int>(above) + 1231;
    case EntryKind::period:
        return tables.rates * static_cast<int>(above) + 2359;
    case EntryKind::date:
        break;
    }
    return 2099'12'31;
}

std::string entry_name(const TariffTables& tables, int place) {
    const EntryPlace at = place_of(tables, place);
    const char* const set = at.set == 0 ? "tariff" : "tariff2";
    switch (at.kind) {
    case EntryKind::zone:
        return fmt::format("{}_zone_{}", set, at.n + 1);
    case EntryKind::period:
        return fmt::format("{}_day_{}_{}", set, at.day + 1, at.n + 1);
    case EntryKind::date:
        break;
    }
    return "tariff_switch";
}

std::string entry_title(const TariffTables& tables, int place) {
    const EntryPlace at = place_of(tables, place);
    const char* const set = at.set == 0 ? "" : "Second set: ";
    switch (at.kind) {
    case EntryKind::zone:
        return fmt::format("{}Zone {} of the year: day table × 10000 + month × 100 + day, 0 = none",
                           set, at.n + 1);
    case EntryKind::period:
        return fmt::format("{}Day table {}, period {}: tariff × 10000 + hour × 100 + minute, "
                           "0 = none",
                           set, at.day + 1, at.n + 1);
    case EntryKind::date:
        break;
    }
    return "Date from which the second set counts, YYYYMMDD, 0 = never";
}

std::uint32_t factory_entry(const TariffTables& tables, const TariffTable& factory, int place) {
    const int n = place - tables.period(0, 0, 0);
    return n < 0 || n >= static_cast<int>(factory.periods.size())
               ? 0
               : period_entry(factory.periods[static_cast<std::size_t>(n)]);
}

std::vector<std::uint32_t> factory_entries(const TariffTables& tables, const TariffTable& factory) {
    std::vector<std::uint32_t> entries;
    for (int place = 0; place < tables.entries(); ++place)
        entries.push_back(factory_entry(tables, factory, place));
    return entries;
}

TariffCalendar calendar_of(const TariffTables& tables, std::span<const std::uint32_t> entries) {
    TariffCalendar calendar;
    for (TariffYear& year : calendar.years)
        year.days.resize(static_cast<std::size_t>(tables.days));
    for (int place = 0; place < static_cast<int>(entries.size()); ++place) {
        const std::uint32_t entry = entries[static_cast<std::size_t>(place)];
        if (entry == 0)
            continue;
        const EntryPlace at = place_of(tables, place);
        TariffYear& year = calendar.years[static_cast<std::size_t>(at.set)];
        const int which = static_cast<int>(entry / above) - 1;
        const int from = static_cast<int>(entry % above);
        switch (at.kind) {
        case EntryKind::zone:
            put(year.zones, {from, which}, &TariffZone::from_date);
            break;
        case EntryKind::period:
            put(year.days[static_cast<std::size_t>(at.day)].periods,
                {from / 100 * 60 + from % 100, which}, &TariffPeriod::from_minute);
            break;
        case EntryKind::date:
            calendar.second_from = entry_date(entry).value_or(CivilTime::max());
            break;
        }
    }
    return calendar;
}

} // namespace kpmsim
